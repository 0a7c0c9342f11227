import type { Part } from '../../domain/grouping/grouping.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { Wish } from '../../plan/truth/wish.ts';
import type { Outcome } from '../outcome.ts';
import type { Moved } from '../round.ts';

/** What became of one own branch, or of one group of due restarts. */
export type Swept =
  /** Nothing was to be done, and nothing is to be said. */
  { readonly kind: 'quiet' } | { readonly kind: 'done'; readonly branch: string; readonly outcome: Outcome } | Moved;

/** How closely a pass looks: `quick` asks AWS and the forge only where Git says that something changed. */
export type Look = 'quick' | 'full';

/** What was seen when a branch was last looked after: while all of it stands, nothing can have changed for it. */
export interface LookedAt {
  /** The branch's tip; null where there was none. */
  readonly head: Oid | null;
  /** What the branch brings, of stage one. */
  readonly wishes: readonly Wish[];
  /** The parts that it brings that to; of stage one. */
  readonly parts?: readonly Part[];
  /** The objects that it is about, and the blobs they stand in on the base. */
  readonly fingerprint: string;
  /** Of restarts whose refresh statuses are to tell of; left out: none are. */
  readonly statuses?: SeenStatuses;
}

/** What statuses said, and until when that decides. */
export interface SeenStatuses {
  readonly said: string;
  /** Some of them are awaited. */
  readonly isAwaiting: boolean;
  /** When something is due whatever they say, epoch milliseconds; null where nothing is. */
  readonly until: number | null;
}

export const QUIET: Swept = { kind: 'quiet' };
