import type { Ref } from '../../../ports.ts';
import { branchMoved, type Moved } from '../../round.ts';
import type { OwnPush, ServedBranch } from '../../served-branch.ts';

/**
 * A forge refuses a second pull request of a branch only while the first is open, and no ref shows that one is about to be opened. So
 * whoever has pushed what stands at a branch opens its pull request, and has so long for it.
 */
const HEAD_START_MILLISECONDS = 10_000;
/** Writers that take over from one another, since none of them can open it, wait up to some three hours. */
const MOST_DOUBLINGS = 10;
/**
 * What was left may be taken over, by a push: of several one alone moves the ref, and whoever looks at it from then on sees that. Who has
 * looked already has its pull request open after so long, and the new owner finds it before it opens one.
 */
const FENCE_MILLISECONDS = 5000;

/** Who opens the pull request of what stands at a branch; `nobody`: whoever pushed it has left it. */
export type Opener =
  | { readonly kind: 'us' | 'nobody' }
  /** Maybe another writer, and maybe we, but not before this time, epoch milliseconds. */
  | { readonly kind: 'not-yet'; readonly until: number };

/** Whether this writer has pushed it, or another one, of this process or of another: just now, or longer ago than that takes. */
export function openerOf(served: ServedBranch, ref: Ref): Opener {
  const own = ownPush(served, ref);
  const until = own?.opensAt ?? endOfHeadStart(served, ref);
  if (served.clock.now() < until) return { kind: 'not-yet', until };
  return { kind: own === null ? 'nobody' : 'us' };
}

/** Null where another writer has pushed it. What is left to whoever of this process comes first is this one's from now on. */
function ownPush(served: ServedBranch, ref: Ref): OwnPush | null {
  const seen = served.memory.seen?.get(ref.name);
  if (seen?.oid === ref.oid && seen.isFree) notePushed(served, ref, 'content');
  const own = served.pushed.get(ref.name);
  return own?.oid === ref.oid ? own : null;
}

function endOfHeadStart({ memory, pushed }: ServedBranch, { name, oid }: Ref): number {
  const seen = memory.seen?.get(name);
  if (seen?.oid !== oid) return 0;
  const { takeOvers = 0 } = pushed.get(name) ?? {};
  return seen.since + HEAD_START_MILLISECONDS * 2 ** Math.min(takeOvers, MOST_DOUBLINGS);
}

/** Why a round begins again that finds the push of another writer. */
export const ANOTHERS = 'whoever has just pushed it opens its pull request';

/** What a round comes to that may not open a pull request before this time, epoch milliseconds. */
export function notYet(until: number): Moved {
  return { ...branchMoved(ANOTHERS), until };
}

/** Whether a push brings something, or also takes over what another writer has left. */
export type WhyPushed = 'content' | 'take-over';

/** Notes that this writer has moved a ref, so that nobody has to see it in a list of refs first. When it may be shown, epoch milliseconds. */
export function notePushed(served: ServedBranch, ref: Ref, why: WhyPushed): number {
  const { clock, pushed } = served;
  const at = clock.now();
  const takeOvers = why === 'take-over' ? (pushed.get(ref.name)?.takeOvers ?? 0) + 1 : 0;
  const opensAt = why === 'take-over' ? at + FENCE_MILLISECONDS : at;
  pushed.set(ref.name, { oid: ref.oid, at, opensAt, takeOvers });
  noteSince(served, ref, at);
  return opensAt;
}

/** Notes that a pull request shows a branch: what else this writer has pushed with it comes to its turn. */
export function noteShown(served: ServedBranch, { name }: Ref): void {
  const { clock, memory, pushed } = served;
  const shown = pushed.get(name);
  if (shown !== undefined) pushed.set(name, { ...shown, takeOvers: 0 });
  const seen = new Map(memory.seen);
  for (const [other, { oid }] of pushed) {
    if (seen.get(other)?.oid === oid) seen.set(other, { oid, since: clock.now() });
  }
  memory.seen = seen;
}

/** Notes that what this writer has pushed waits: the one that finds that it may be opened does so, and of this process without a push. */
export function noteWaiting({ memory, pushed }: ServedBranch, { name, oid }: Ref): void {
  if (pushed.get(name)?.oid !== oid) return;
  pushed.delete(name);
  const seen = memory.seen?.get(name);
  if (seen?.oid === oid) memory.seen = new Map([...(memory.seen ?? []), [name, { ...seen, isFree: true }]]);
}

function noteSince({ memory }: ServedBranch, { name, oid }: Ref, since: number): void {
  if (memory.seen !== null) memory.seen = new Map([...memory.seen, [name, { oid, since }]]);
}
