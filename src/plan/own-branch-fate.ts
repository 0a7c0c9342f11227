import type { Oid } from '../domain/repo-path.ts';

/** A pull request of an own branch into the base that is looked at. */
export interface FatePull {
  readonly state: 'open' | 'merged' | 'closed-by-person' | 'closed-by-bot';
  readonly head: Oid;
  readonly isWithdrawn: boolean;
  /** Somebody who may write asked for its content again. */
  readonly isRetryAsked: boolean;
}

export interface OwnBranchFacts {
  readonly branch: string;
  /** `shared`: somebody else's commits are in it, and are never taken away. */
  readonly tip: 'ours' | 'shared' | 'foreign';
  readonly head: Oid;
  /** The branch that what it carries beyond the base belongs to now; null when it carries nothing that is still asked for. */
  readonly home: string | null;
  /** Newest first. */
  readonly pulls: readonly FatePull[];
  /** How many bases of this repository are served: the name of a branch does not tell which of them it is for. */
  readonly bases: number;
}

/** What the sweep does with an own branch. */
export type Fate =
  | { readonly kind: 'leave'; readonly why: 'foreign' | 'rejected' | 'maybe-of-another-base' }
  /** Bring it and its pull request up to date, by the same plan as for an event. */
  | { readonly kind: 'propose' }
  /** What it carries belongs to another branch now: propose it there, then take this one back. */
  | { readonly kind: 'move' }
  /** Take its open pull request back, and the branch with it. */
  | { readonly kind: 'withdraw' }
  /** Nobody needs the branch any more, and no open pull request shows it. */
  | { readonly kind: 'delete' };

/**
 * Decides from what Git and the forge say. What was merged is never proposed again from its left-over branch, even if the base
 * went back since; what a person closed stays for them to reopen.
 */
export function ownBranchFate(facts: OwnBranchFacts): Fate {
  const { branch, tip, home, pulls, bases } = facts;
  if (tip === 'foreign') return { kind: 'leave', why: 'foreign' };
  const isOpen = pulls.some(({ state }) => state === 'open');
  const ended = isOpen ? null : fateOfShown(facts);
  if (ended !== null) return ended;
  if (home === branch) return { kind: 'propose' };
  if (tip === 'shared') return { kind: 'leave', why: 'foreign' };
  if (pulls.length === 0 && bases > 1) return { kind: 'leave', why: 'maybe-of-another-base' };
  if (home !== null) return { kind: 'move' };
  return { kind: isOpen ? 'withdraw' : 'delete' };
}

/** What became of the pull request that showed this very tip; null where none did. */
function fateOfShown({ tip, head, pulls }: OwnBranchFacts): Fate | null {
  const shown = pulls.find((pull) => pull.head === head);
  if (shown?.state === 'merged') return { kind: 'delete' };
  // Whoever pushed while it was taken back has not seen that.
  if (shown?.isWithdrawn === true) return tip === 'shared' ? { kind: 'leave', why: 'foreign' } : { kind: 'delete' };
  const isRejected = shown?.state === 'closed-by-person' && !shown.isRetryAsked;
  return isRejected ? { kind: 'leave', why: 'rejected' } : null;
}
