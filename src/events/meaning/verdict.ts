import type { Aspect } from '../../domain/change.ts';
import type { CurrentChanged } from '../decoded.ts';
import type { JsonObject } from '../read-json.ts';

/** What one event says: whether the current value changed, what is to be done, and that in words. */
export interface Verdict {
  readonly changed: CurrentChanged;
  readonly action: 'reconcile' | 'ignore' | 'notify';
  /** A clause that follows the event's name, for whoever is on call. */
  readonly says: string;
}

/** What an event name means. */
export interface Meaning {
  /** `nothing`: such a call names no single secret. `perhaps`: it may. */
  readonly names: 'one' | 'perhaps' | 'nothing';
  /** Every verdict that the name can get. */
  readonly verdicts: readonly Verdict[];
  /** The one of them that an event's parameters lead to. */
  readonly choose: (record: JsonObject) => Verdict;
  /** Where the event names a version, in order of preference. */
  readonly version: readonly (readonly string[])[];
  /** What else changed, that only a few references follow: other labels, tags, whether the secret is there. */
  readonly asides: (record: JsonObject) => readonly Aspect[];
}

/** A name that always means the same. */
export function always(verdict: Verdict, ...version: Meaning['version']): Meaning {
  return { names: 'one', verdicts: [verdict], choose: () => verdict, version, asides: () => [] };
}

/** A name whose parameters tell what it means. */
export function depends(
  verdicts: readonly Verdict[],
  choose: Meaning['choose'],
  ...version: Meaning['version']
): Meaning {
  return { names: 'one', verdicts, choose, version, asides: () => [] };
}

/** The same meaning, with what else it tells. */
export function besides(meaning: Meaning, asides: Meaning['asides']): Meaning {
  return { ...meaning, asides };
}

/** Nothing is to be done. */
export function quiet(says: string): Verdict {
  return { changed: 'no', action: 'ignore', says };
}

/** Nothing is to be done here, but people should hear of it. */
export function notice(says: string): Verdict {
  return { changed: 'no', action: 'notify', says };
}

/** The secret is looked at. */
export function acts(changed: 'yes' | 'maybe', says: string): Verdict {
  return { changed, action: 'reconcile', says };
}
