import { unreachable } from '../../domain/failure.ts';
import type { WaitCode } from '../../domain/life/opening-policy.ts';
import type { MergeDecision, MergeWait } from '../life/merging.ts';
import { type Opening, utcSeconds } from '../life/opening.ts';
import type { Fate } from '../own-branch-fate.ts';
import type { ShownPull } from './look.ts';

/** Where an own branch stands: who has to do something next. */
export interface BranchStanding {
  readonly kind:
    | 'open'
    | 'to-be-opened'
    /** To be opened later, or open and to be confirmed. */
    | 'waiting'
    | 'changed-by-others'
    | 'rejected'
    | 'left-closed'
    | 'regrouped'
    | 'nothing-left'
    | 'maybe-of-another-base'
    /** Its pull requests could not be read. */
    | 'unknown';
  readonly reason: string;
  readonly hint: string | null;
  /** Of `waiting` alone; `until`: when it is opened at the earliest, UTC, to the second; null where time alone does not help. */
  readonly waits?: { readonly why: WaitCode; readonly until: string | null };
  /** Of `open` alone, where the configuration lets somebody else than people merge. */
  readonly merge?: MergeStanding;
}

/** What stands between an open pull request and its base, where somebody else than people may merge it. */
export interface MergeStanding {
  readonly kind: MergeDecision['kind'];
  /** Null where nothing does. */
  readonly why: MergeWait | null;
  /** When it is looked at again at the earliest, UTC, to the second; null where time alone does not help. */
  readonly until: string | null;
}

export interface BranchFacts {
  readonly fate: Fate;
  /** Who made the commit at its tip. */
  readonly author: string;
  /** Newest first. */
  readonly pulls: readonly ShownPull[];
  /** The pull request of this content that bots have closed once too often; null where none is. */
  readonly leftClosed: ShownPull | null;
}

/** The pull requests of a branch could not be read: nobody can tell who has to do something. */
export const PULLS_UNKNOWN: BranchStanding = {
  kind: 'unknown',
  reason: 'Its pull requests could not be read.',
  hint: null,
};

/** Says of an own branch what the sweep will do with it, or what it waits for. */
export function branchStanding(facts: BranchFacts): BranchStanding {
  const { fate } = facts;
  switch (fate.kind) {
    case 'leave':
      return leftAlone(fate.why, facts);
    case 'propose':
      return proposed(facts);
    case 'move':
      return {
        kind: 'regrouped',
        reason: 'What it brings belongs to another branch now: the sweep proposes it there, and takes this one back.',
        hint: null,
      };
    case 'withdraw':
    case 'delete':
      return {
        kind: 'nothing-left',
        reason: 'Nothing that it brings is still to be proposed: the sweep removes it.',
        hint: null,
      };
    default:
      return unreachable(fate);
  }
}

function leftAlone(why: (Fate & { kind: 'leave' })['why'], { author, pulls }: BranchFacts): BranchStanding {
  switch (why) {
    case 'foreign':
      return changedBy(author);
    case 'rejected':
      return {
        kind: 'rejected',
        reason: `A person closed pull request #${numberOf(pulls, 'closed-by-person')}.`,
        hint: 'The next version is proposed again. To propose this one, reopen that pull request.',
      };
    case 'maybe-of-another-base':
      return {
        kind: 'maybe-of-another-base',
        reason: 'No pull request shows it, and it may belong to another base branch of this repository.',
        hint: null,
      };
    default:
      return unreachable(why);
  }
}

/** Somebody else's commit is at the tip. */
export function changedBy(author: string): BranchStanding {
  return {
    kind: 'changed-by-others',
    reason: `A commit by ${author} is at its tip: it is never overwritten.`,
    hint: 'Merge its pull request and delete the branch, or delete the branch: then the change is proposed again.',
  };
}

function proposed({ pulls, leftClosed }: BranchFacts): BranchStanding {
  const open = pulls.find(({ state }) => state === 'open');
  if (open !== undefined) {
    return { kind: 'open', reason: `Pull request #${open.number} waits for people.`, hint: null };
  }
  if (leftClosed !== null) return closedByBots(leftClosed);
  return { kind: 'to-be-opened', reason: 'No open pull request shows it: the sweep opens one.', hint: null };
}

/** The same where its pull request is not opened, or not confirmed, yet. */
export function withOpening(standing: BranchStanding, opening: Opening): BranchStanding {
  if (opening.kind === 'open') return standing;
  const { why, until, reason, hint } = opening;
  const waits = { why, until: until === null ? null : utcSeconds(until) };
  const when = waits.until === null ? '' : ` It is opened at ${waits.until} at the earliest.`;
  return { kind: 'waiting', reason: `${why}: ${reason}${when}`, hint, waits };
}

/** Bots have closed this content once too often. */
export function closedByBots({ number }: ShownPull): BranchStanding {
  return {
    kind: 'left-closed',
    reason: `A bot has closed pull request #${number} and an earlier one of the same content: it is left closed.`,
    hint: 'Keep the bot from closing it, and reopen it. The next version is proposed again.',
  };
}

function numberOf(pulls: readonly ShownPull[], state: ShownPull['state']): string {
  return String(pulls.find((pull) => pull.state === state)?.number ?? '?');
}
