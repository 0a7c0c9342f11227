import type { Aspect, SecretChange } from '../../domain/change.ts';
import { plainText } from '../../domain/plain-text.ts';
import { type Decoded, type Finding, ignored, quoted, unparseable } from '../decoded.ts';
import { type Frame, holdsRecord } from '../frame.ts';
import { textField } from '../read-json.ts';
import { eventFacts } from './event-facts.ts';
import { SECRET_EVENTS } from './event-names.ts';
import { findSecret, type Identity, NATIVE_PLACES, type NamedIdentity, RECORD_PLACES } from './identity.ts';
import { doubtAbout, FAILED, judge, verdictOf, versionIdAt } from './judge.ts';
import { always, type Meaning, quiet, type Verdict } from './verdict.ts';
import { LABEL_UPDATED } from './write-calls.ts';

/** The native event's detail-type, and its name in commit trailers. */
export const NATIVE_TYPE = 'Secret Label Updated';

/** An unknown name never acts; it is looked at only to say which secret it was about. */
const UNKNOWN: Meaning = {
  ...always(quiet('an event that this version of gitops-reloader does not know, so it does not act on it')),
  names: 'perhaps',
};

/** What the event claims, before it is weighed. */
interface Claim {
  /** As the result shows it: null for native events. */
  readonly eventName: string | null;
  /** As people know it. */
  readonly title: string;
  readonly verdict: Verdict;
  readonly versionId: string | null;
  /** What else it tells, where it can be believed. */
  readonly asides: readonly Aspect[];
}

/** An event of Secrets Manager: a native label event, or a CloudTrail record. */
export function decodeSecretEvent(frame: Frame): Decoded {
  if (frame.detailType === NATIVE_TYPE) return decodeLabelMove(frame);
  if (holdsRecord(frame)) return decodeRecord(frame);
  return ignored(null, `Secrets Manager sent ${quoted(frame.detailType ?? '')}, which says nothing about a value.`);
}

function decodeLabelMove(frame: Frame): Decoded {
  const label = textField(frame.detail, 'labelUpdated');
  if (label === null) return unparseable('A label event that names no label does not tell what moved.');
  const identity = findSecret(frame, NATIVE_PLACES);
  if (identity.kind === 'unnamed' && (frame.account === null || frame.region === null)) {
    return unparseable(
      'A label event without an ARN, or without account and Region, does not tell which secret moved.',
    );
  }
  return settle(frame, identity, {
    eventName: null,
    title: NATIVE_TYPE,
    verdict: LABEL_UPDATED.choose(frame.detail),
    versionId: versionIdAt(frame, LABEL_UPDATED.version),
    asides: LABEL_UPDATED.asides(frame.detail),
  });
}

function decodeRecord(frame: Frame): Decoded {
  const written = textField(frame.detail, 'eventName');
  if (written === null || written === '')
    return unparseable('A CloudTrail record without eventName does not tell what happened.');
  const eventName = plainText(written, 100);
  const meaning = SECRET_EVENTS.get(written) ?? UNKNOWN;
  if (meaning.names === 'nothing') return ignored(eventName, `${eventName}: ${verdictOf(frame, meaning).says}.`);
  const identity = findSecret(frame, RECORD_PLACES);
  if (meaning.names === 'perhaps' && identity.kind === 'unnamed') {
    return ignored(eventName, `${eventName}: it names no secret and changes none.`);
  }
  const verdict = verdictOf(frame, meaning);
  return settle(frame, identity, {
    eventName,
    title: eventName,
    verdict,
    versionId: versionIdAt(frame, meaning.version),
    asides: verdict === FAILED ? [] : meaning.asides(frame.detail),
  });
}

function settle(frame: Frame, identity: Identity, claim: Claim): Decoded {
  const judgement = judge(frame, claim.verdict, identity);
  const finding: Finding = {
    eventName: claim.eventName,
    currentChanged: judgement.changed,
    secret: identity.secret,
    identifier: identity.identifier,
    versionId: claim.versionId,
    reason: `${claim.title}${about(identity)}: ${judgement.says}.`,
  };
  const { action } = judgement;
  const asides = asidesOf(frame, identity, claim);
  if (action !== 'reconcile') return { kind: 'secret', action, change: null, asides, ...finding };
  const change = changeOf(frame, judgement.identity, claim, AWSCURRENT);
  return { kind: 'secret', action, change, asides, ...finding };
}

const AWSCURRENT: Aspect = { kind: 'label', label: 'AWSCURRENT' };

/** What else changed: nothing where nobody can tell of which secret, or the event is not believed. */
function asidesOf(frame: Frame, identity: Identity, claim: Claim): readonly SecretChange[] {
  if (identity.kind === 'unnamed' || doubtAbout(frame, identity) !== null) return [];
  return claim.asides.map((aspect) => changeOf(frame, identity, claim, aspect));
}

function changeOf(frame: Frame, identity: NamedIdentity, claim: Claim, aspect: Aspect): SecretChange {
  return {
    ...aspect,
    service: 'secretsmanager',
    account: identity.secret.account,
    region: identity.secret.region,
    id: identity.identifier.raw,
    names: identity.names,
    versionId: aspect.kind === 'label' ? claim.versionId : null,
    event: eventFacts(frame, claim.title),
  };
}

/** ` for prod/db (111122223333, eu-west-1)`, as far as the event tells. */
function about(identity: Identity): string {
  const { name, account, region } = identity.secret;
  const place = [account, region].filter((part) => part !== null).join(', ');
  if (name === null) return place === '' ? '' : ` (${place})`;
  return ` for ${plainText(name, 200)}${place === '' ? '' : ` (${place})`}`;
}
