import { Failure } from '../../domain/failure.ts';
import { WAIT_CODES, type WaitCode } from '../../domain/life/opening-policy.ts';
import type { Ref } from '../../ports.ts';
import { judgeOpening } from '../propose/pull/judge-opening.ts';
import type { Round } from '../round.ts';
import type { ServedBranch } from '../served-branch.ts';
import type { LookedAt } from './swept.ts';

/**
 * True while nothing need be done about a branch that stands as it was last left: it waits for nothing, or it would still wait.
 * That costs at most one question to the forge for all of them.
 */
export async function stillWaits(round: Round, branch: string): Promise<boolean> {
  const { waiting } = round.served.memory;
  const known = waiting.get(branch);
  // A label moves no ref: whether it was confirmed is seen by a full look.
  if (known === undefined || known.wait.why === 'needs-confirmation') return true;
  const opening = await judgeOpening(round, { ...known, branch, labels: null });
  if (opening.kind === 'open' || opening.why === 'needs-confirmation') return false;
  waiting.set(branch, { ...known, wait: opening });
  return true;
}

/** Forgets what waits on branches that are gone. */
export function forgetWaiting({ served }: Round, known: ReadonlySet<string>): void {
  const { waiting } = served.memory;
  for (const branch of waiting.keys()) if (!known.has(branch)) waiting.delete(branch);
}

/**
 * Since when each own branch waits, epoch milliseconds: by the commit at its tip, so that a process that has just begun knows
 * it too. What stands as it was last left is in nobody's way; a restart without a branch finishes what was begun.
 */
export async function waitingSince(
  { served, signal }: Round,
  own: readonly Ref[],
  looked: ReadonlyMap<string, LookedAt>,
): Promise<(branch: string) => number> {
  const { limits } = served.settings;
  const since = new Map<string, number>();
  const isLimited = limits.open !== null || limits.perHour !== null;
  for (const ref of isLimited ? own : []) {
    const branch = ref.name.slice('refs/heads/'.length);
    const known = served.memory.waiting.get(branch)?.since;
    if (known !== undefined) since.set(branch, known);
    else if (looked.get(branch)?.head !== ref.oid) since.set(branch, await committedAt(served, ref, signal));
  }
  return (branch) => since.get(branch) ?? 0;
}

/** What cannot be read keeps the others from nothing: its own look will say so. */
async function committedAt({ workspace }: ServedBranch, ref: Ref, signal: AbortSignal): Promise<number> {
  try {
    return (await workspace.commit(ref, signal)).time * 1000;
  } catch (error) {
    if (error instanceof Failure) return 0;
    throw error;
  }
}

/** When each that waits may first be opened, as far as time alone decides. */
export function untilsOf({ memory }: ServedBranch): readonly number[] {
  return [...memory.waiting.values()].flatMap(({ wait }) => wait.until ?? []);
}

/** How many wait for each reason. */
export function countWaiting({ memory }: ServedBranch): readonly (readonly [WaitCode, number])[] {
  const waits = [...memory.waiting.values()].map(({ wait }) => wait.why);
  return WAIT_CODES.map((code) => [code, waits.filter((why) => why === code).length]);
}
