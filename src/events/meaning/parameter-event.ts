import type { SecretChange } from '../../domain/change.ts';
import { LATEST } from '../../domain/parameters/parameter-id.ts';
import { plainText } from '../../domain/plain-text.ts';
import { parseArn } from '../../domain/secret-id.ts';
import { type Decoded, ignored, quoted } from '../decoded.ts';
import { type Frame, holdsRecord, regionName } from '../frame.ts';
import { field, textField } from '../read-json.ts';
import { eventFacts } from './event-facts.ts';
import { type Identity, identityOf, isUsableIdentifier, locate, type NamedIdentity, type Written } from './identity.ts';
import { judge, verdictOf } from './judge.ts';
import { PARAMETER_EVENTS } from './parameter-names.ts';
import type { Meaning } from './verdict.ts';

/** Where a family of events names the operation and the parameter. */
interface Family {
  readonly operation: string;
  readonly name: readonly string[];
}

const NATIVE: ReadonlyMap<string | null, Family> = new Map([
  ['Parameter Store Change', { operation: 'operation', name: ['name'] }],
  ['Parameter Store Policy Action', { operation: 'policy-type', name: ['parameter-name'] }],
]);
/** The detail-types of Parameter Store's own events. */
export const NATIVE_TYPES: readonly (string | null)[] = [...NATIVE.keys()];

const RECORD: Family = { operation: 'eventName', name: ['requestParameters', 'name'] };

/**
 * An event of Systems Manager. It does much besides parameters, so an operation that is not in the table is none of our
 * business.
 */
export function decodeParameterEvent(frame: Frame): Decoded {
  const family = NATIVE.get(frame.detailType) ?? (holdsRecord(frame) ? RECORD : undefined);
  if (family === undefined) {
    return ignored(null, `Systems Manager sent ${quoted(frame.detailType ?? '')}, which is about no parameter.`);
  }
  const written = textField(frame.detail, family.operation);
  const meaning = written === null ? undefined : PARAMETER_EVENTS.get(written);
  if (written === null || meaning === undefined) {
    const eventName = written === null ? null : plainText(written, 100);
    return ignored(eventName, 'Systems Manager sent an operation that changes no parameter we know of.');
  }
  if (meaning.names === 'nothing') return ignored(written, `${written}: ${verdictOf(frame, meaning).says}.`);
  return settle(frame, meaning, family, written);
}

function settle(frame: Frame, meaning: Meaning, family: Family, eventName: string): Decoded {
  const identity = findParameter(frame, family.name);
  const judgement = judge(frame, verdictOf(frame, meaning), identity);
  const { changed, says } = judgement;
  const name = identity.secret.name === null ? '' : ` for ${plainText(identity.secret.name, 200)}`;
  const versionId = versionNumber(frame, meaning);
  const finding = {
    kind: 'parameter' as const,
    eventName,
    currentChanged: changed,
    secret: identity.secret,
    identifier: identity.identifier,
    versionId,
    reason: `${eventName}${name}: ${says}.`,
    asides: [],
  };
  if (judgement.action !== 'reconcile') return { ...finding, action: judgement.action, change: null };
  const { identity: named } = judgement;
  return { ...finding, action: 'reconcile', change: changeOf(frame, named, eventName, versionId) };
}

function changeOf(frame: Frame, named: NamedIdentity, eventName: string, versionId: string | null): SecretChange {
  const { secret, identifier, names } = named;
  const { account, region } = secret;
  // What a native event calls itself; its operation alone says too little.
  const event = eventFacts(frame, NATIVE.has(frame.detailType) ? (frame.detailType ?? eventName) : eventName);
  return { service: 'ssm', account, region, id: identifier.raw, names, kind: 'label', label: LATEST, versionId, event };
}

/** The name is taken from the event: an ARN cannot tell `foo` from `/foo`. */
function findParameter(frame: Frame, path: readonly string[]): Identity {
  const raw = textField(frame.detail, ...path);
  const place = readArn(frame.resource);
  if (raw !== null && isUsableIdentifier(raw) && !raw.startsWith('arn:')) {
    return identityOf(frame, { ...place, names: [raw] }, { raw, foundAt: `${frame.at}${path.join('.')}` });
  }
  const why = raw === null ? 'missing' : 'hostile';
  return { kind: 'unnamed', why, secret: locate(frame, null), identifier: { raw: null, foundAt: null } };
}

function readArn(text: string | null): Omit<Written, 'names'> {
  const arn = text !== null && isUsableIdentifier(text) ? parseArn(text) : null;
  if (arn?.service !== 'ssm' || !arn.resource.startsWith('parameter/') || regionName(arn.region) === null) {
    return { arn: null, account: null, region: null, partition: null };
  }
  return { arn: text, account: arn.account, region: arn.region, partition: arn.partition };
}

/** Parameter versions count from 1; only CloudTrail's record of the call names one. */
function versionNumber(frame: Frame, meaning: Meaning): string | null {
  for (const path of meaning.version) {
    const version = field(frame.detail, ...path);
    if (typeof version === 'number' && Number.isSafeInteger(version)) return String(version);
    if (typeof version === 'string' && /^\d{1,15}$/.test(version)) return version;
  }
  return null;
}
