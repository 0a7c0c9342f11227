import type { CurrentChanged, QuietAction } from '../decoded.ts';
import type { Frame } from '../frame.ts';
import { field, textField } from '../read-json.ts';
import { type Identity, isConsistent, type NamedIdentity } from './identity.ts';
import type { Meaning, Verdict } from './verdict.ts';

/** What is done about an event, and why. Only a named secret is acted on. */
export type Judgement =
  | {
      readonly action: 'reconcile';
      readonly identity: NamedIdentity;
      readonly changed: CurrentChanged;
      readonly says: string;
    }
  | { readonly action: QuietAction; readonly changed: CurrentChanged; readonly says: string };

/** Whatever a call is named: where it failed, this holds. */
export const FAILED: Verdict = { changed: 'no', action: 'ignore', says: 'the call failed, so nothing changed' };

/**
 * Weighs what the event says against how far it can be trusted. What is ignored anyway is not weighed: nothing follows
 * from it, and a refusal would only fill the dead-letter queue.
 */
export function judge(frame: Frame, verdict: Verdict, identity: Identity): Judgement {
  const { action, changed, says } = verdict;
  if (action === 'ignore') return { action, changed, says };
  const doubt = doubtAbout(frame, identity);
  if (doubt !== null) return { action: 'reject', changed: 'maybe', says: doubt };
  if (action === 'notify') return { action, changed, says };
  if (identity.kind === 'named') return { action, identity, changed, says };
  const lacks = identity.why === 'no-account' ? 'no account or Region' : 'no secret or parameter';
  const tail = 'so nothing can be looked up, though a value may have changed';
  return { action: 'unresolvable', changed, says: `the event names ${lacks}, ${tail}` };
}

/** What the name and the parameters say; a failed call changes nothing, whatever its name. */
export function verdictOf(frame: Frame, meaning: Meaning): Verdict {
  const verdict = meaning.choose(frame.detail);
  // A failed rotation has an `errorMessage` without `errorCode`, and is a notice in any case.
  const failed = (field(frame.detail, 'errorCode') ?? null) !== null;
  return failed && verdict.action !== 'notify' ? FAILED : verdict;
}

/** A VersionId as the event has it: any 1 to 64 characters, since callers choose it. Null when there is none. */
export function versionIdAt(frame: Frame, places: readonly (readonly string[])[]): string | null {
  for (const path of places) {
    const version = textField(frame.detail, ...path);
    if (version !== null && version !== '' && version.length <= 64) return version;
  }
  return null;
}

/** Why an event is not believed; null where it is. */
export function doubtAbout(frame: Frame, identity: Identity): string | null {
  if (identity.kind === 'unnamed') {
    return identity.why === 'hostile' ? 'what it names could not have been written by AWS, so it is not trusted' : null;
  }
  if (!isConsistent(frame, identity.secret.account)) {
    return "the event comes from another account than the secret's, so it is not trusted";
  }
  const version = textField(frame.detail, 'eventVersion');
  const isKnown = version === null || version.startsWith('1.');
  return isKnown ? null : 'the CloudTrail record has an unknown major version, so it may mean anything';
}
