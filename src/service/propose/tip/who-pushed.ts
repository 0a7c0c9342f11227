import type { Ref } from '../../../ports.ts';
import { branchMoved } from '../../round.ts';
import type { ServedBranch } from '../../served-branch.ts';

/**
 * A forge refuses a second pull request of a branch only while the first is open, and no ref shows that one is about to be opened. So
 * whoever has pushed what stands at a branch opens its pull request, and has so long for it. Then anybody may take it over, by a push
 * of its own: of several one alone moves the ref, and whoever was late finds that before it opens anything.
 */
const HEAD_START_MILLISECONDS = 10_000;
/** Up to some three hours. */
const MOST_DOUBLINGS = 10;

/** What a round comes to that finds the push of another writer: by the next one the pull request is likely to be there. */
export const LEFT_TO_ANOTHER = branchMoved('another writer has just pushed it, and opens its pull request');

/** For what it holds, or only so that this writer may go on with it. */
export type WhyPushed = 'content' | 'take-over';

/** Notes that this writer has moved a ref, so that nobody has to see it in a list of refs first. */
export function notePushed(served: ServedBranch, ref: Ref, why: WhyPushed): void {
  const { pushed, clock } = served;
  const takeOvers = why === 'take-over' ? takeOversOf(served, ref) + 1 : 0;
  pushed.set(ref.name, { oid: ref.oid, takeOvers });
  noteSince(served, ref, clock.now());
}

/** Notes that what is there waits: nobody is about to open a pull request of it, and whoever finds that it may be opened does so. */
export function noteWaiting(served: ServedBranch, ref: Ref): void {
  noteSince(served, ref, Number.NEGATIVE_INFINITY);
}

function noteSince({ memory }: ServedBranch, { name, oid }: Ref, since: number): void {
  if (memory.seen !== null) memory.seen = new Map([...memory.seen, [name, { oid, since }]]);
}

/** Notes that a push of this writer may have arrived: what is there from now on may be its own. */
export function noteLostAnswer(served: ServedBranch, ref: Pick<Ref, 'name'>): void {
  served.pushed.set(ref.name, { oid: null, takeOvers: takeOversOf(served, ref) });
}

/** True where this writer has pushed what is there, or may have. */
export function isOwnPush({ pushed }: ServedBranch, { name, oid }: Ref): boolean {
  const known = pushed.get(name);
  return known?.oid === null || known?.oid === oid;
}

function takeOversOf({ pushed }: ServedBranch, { name }: Pick<Ref, 'name'>): number {
  return pushed.get(name)?.takeOvers ?? 0;
}

/** Who opens the pull request of what stands at a branch; `nobody`: whoever pushed it has left it. */
export type Opener = 'us' | 'another' | 'nobody';

/** Whether this writer has pushed it, or another one, of this process or of another: just now, or longer ago than that takes. */
export function openerOf(served: ServedBranch, ref: Ref): Opener {
  if (isOwnPush(served, ref)) return 'us';
  const seen = served.memory.seen?.get(ref.name);
  // Where nobody can open it, writers do not take it from one another for ever.
  const headStart = HEAD_START_MILLISECONDS * 2 ** Math.min(takeOversOf(served, ref), MOST_DOUBLINGS);
  const isFresh = seen?.oid === ref.oid && served.clock.now() < seen.since + headStart;
  return isFresh ? 'another' : 'nobody';
}
