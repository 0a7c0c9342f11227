import { plainText } from '../../domain/plain-text.ts';
import { parseArn, readWrittenSecret, secretFromFullArn, type WrittenSecret } from '../../domain/secret-id.ts';
import type { DecodedSecret, Identifier } from '../decoded.ts';
import { accountId, type Frame, holdsRecord, regionName } from '../frame.ts';
import { textField } from '../read-json.ts';

/** A secret or parameter that can be asked for. */
export interface NamedIdentity {
  readonly kind: 'named';
  readonly secret: DecodedSecret & { readonly account: string; readonly region: string };
  readonly identifier: { readonly raw: string; readonly foundAt: string };
  /** Every name the identifier can mean; the likeliest first. */
  readonly names: readonly string[];
}

/** What is known where that is not enough. `hostile`: there are identifiers, but none that AWS could have written. */
interface UnnamedIdentity {
  readonly kind: 'unnamed';
  readonly why: 'missing' | 'hostile' | 'no-account';
  readonly secret: DecodedSecret;
  readonly identifier: Identifier;
}

export type Identity = NamedIdentity | UnnamedIdentity;

/**
 * How the text at a place is read: as an ARN that AWS wrote in full, as the same or a bare name, as whatever a caller
 * wrote (a name, a full ARN or a partial one), or as a bare name only.
 */
type Reading = 'full-arn' | 'full-arn-or-name' | 'written' | 'name';

interface Place {
  readonly path: readonly string[];
  readonly reads: Reading;
}

/** Where CloudTrail records name the secret, the most reliable place first. AWS changed the spelling in 2024. */
export const RECORD_PLACES: readonly Place[] = [
  { path: ['responseElements', 'arn'], reads: 'full-arn' },
  { path: ['responseElements', 'aRN'], reads: 'full-arn' },
  { path: ['responseElements', 'ARN'], reads: 'full-arn' },
  { path: ['additionalEventData', 'SecretId'], reads: 'full-arn-or-name' },
  { path: ['additionalEventData', 'secretId'], reads: 'full-arn-or-name' },
  { path: ['serviceEventDetails', 'secretId'], reads: 'full-arn-or-name' },
  { path: ['requestParameters', 'secretId'], reads: 'written' },
  { path: ['requestParameters', 'name'], reads: 'name' },
];

/** Where native events name it, behind `resources[0]`. */
export const NATIVE_PLACES: readonly Place[] = [{ path: ['name'], reads: 'name' }];

/** Names that stand beside an ARN: they tell where its name ends when the suffix has an unusual length. */
const HINTS: readonly (readonly string[])[] = [
  ['name'],
  ['responseElements', 'name'],
  ['requestParameters', 'name'],
  ['requestParameters', 'secretId'],
];

const PARTITIONS = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
] as const;

const MAX_IDENTIFIER = 2048;

/** Finds the secret: the first place that holds a usable identifier decides. */
export function findSecret(frame: Frame, places: readonly Place[]): Identity {
  let hostile = false;
  for (const { raw, reads, foundAt } of candidates(frame, places)) {
    const written = readIdentifier(raw, reads, frame);
    if (written !== null) return identityOf(frame, written, { raw, foundAt });
    hostile = true;
  }
  const why = hostile ? 'hostile' : 'missing';
  return { kind: 'unnamed', why, secret: locate(frame, null), identifier: { raw: null, foundAt: null } };
}

/** Account and Region without a name, from the record or else from its envelope. */
export function locate(frame: Frame, name: string | null): DecodedSecret {
  const account = accountId(textField(frame.detail, 'recipientAccountId')) ?? frame.account;
  const region = regionName(textField(frame.detail, 'awsRegion')) ?? frame.region;
  return { arn: null, name, account, region, partition: region === null ? null : partitionOf(region) };
}

/** True for an identifier that can stand in an API call: not empty, at most 2,048 characters, none of them invisible. */
export function isUsableIdentifier(text: string): boolean {
  return text !== '' && text.length <= MAX_IDENTIFIER && plainText(text, MAX_IDENTIFIER) === text;
}

/**
 * False where the event contradicts itself: its own account is not the secret's. One case is honest: of a call across
 * accounts the caller gets a copy too, which CloudTrail marks by `sharedEventID`.
 */
export function isConsistent(frame: Frame, account: string): boolean {
  const origins = [frame.account, accountId(textField(frame.detail, 'recipientAccountId'))];
  const agrees = origins.every((origin) => origin === null || origin === account);
  return agrees || isSharedCopy(frame, origins);
}

function isSharedCopy(frame: Frame, origins: readonly (string | null)[]): boolean {
  const shared = holdsRecord(frame) ? textField(frame.detail, 'sharedEventID') : null;
  const known = new Set(origins.filter((origin) => origin !== null));
  return shared !== null && shared !== '' && known.size === 1;
}

function* candidates(frame: Frame, places: readonly Place[]) {
  if (frame.resource !== null) yield { raw: frame.resource, reads: 'full-arn' as const, foundAt: 'resources[0]' };
  for (const { path, reads } of places) {
    const raw = textField(frame.detail, ...path);
    if (raw !== null) yield { raw, reads, foundAt: `${frame.at}${path.join('.')}` };
  }
}

/** What an identifier says by itself. `arn`: it, when it is a full ARN. */
export interface Written extends WrittenSecret {
  readonly arn: string | null;
}

function readIdentifier(raw: string, reads: Reading, frame: Frame): Written | null {
  const written = isUsableIdentifier(raw) ? readWrittenSecret(raw) : null;
  if (written === null) return null;
  if (written.account === null) return reads === 'full-arn' ? null : { ...written, arn: null };
  if (reads === 'name' || regionName(written.region) === null) return null;
  // What a caller wrote may be a partial ARN: only the suffix's form tells, and it may deceive.
  if (reads === 'written') return { ...written, arn: written.names.length > 1 ? raw : null };
  const name = hintedName(raw, frame) ?? secretFromFullArn(raw)?.name;
  return name === undefined ? null : { ...written, arn: raw, names: [name] };
}

/** A name beside the ARN that the ARN agrees with: `name`, or `name-` and letters and digits. */
function hintedName(raw: string, frame: Frame): string | null {
  const resource = parseArn(raw)?.resource.slice('secret:'.length) ?? '';
  for (const path of HINTS) {
    const name = textField(frame.detail, ...path);
    if (name === null || name === '' || !resource.startsWith(name)) continue;
    if (/^(?:-[A-Za-z0-9]+)?$/.test(resource.slice(name.length))) return name;
  }
  return null;
}

/** An identity from what an identifier says; account and Region come from the event where it does not say them. */
export function identityOf(frame: Frame, written: Written, identifier: NamedIdentity['identifier']): Identity {
  const { arn, names } = written;
  const inner = locate(frame, names[0] ?? null);
  const account = written.account ?? inner.account;
  const region = written.region ?? inner.region;
  const secret = { ...inner, arn, account, region, partition: written.partition ?? inner.partition };
  if (account === null || region === null) return { kind: 'unnamed', why: 'no-account', secret, identifier };
  return { kind: 'named', secret: { ...secret, account, region }, identifier, names };
}

function partitionOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}
