import { ownBranches, stageOfBranch } from '../../plan/group.ts';
import type { Ref } from '../../ports.ts';
import { failureOf, outcomeOfFailure } from '../outcome.ts';
import type { Pause } from '../pause.ts';
import { proposeRestarts } from '../propose/propose-restarts.ts';
import { beginRound, type Round, type RoundRefs } from '../round.ts';
import type { ServedBranch } from '../served-branch.ts';
import { type Look, type LookedAt, sweepRefresh } from './sweep-refreshes.ts';
import { findDueRestarts, sweepIdleRestart } from './sweep-restarts.ts';
import { QUIET, type Swept } from './swept.ts';

/** What a process remembers between passes; all of it may be lost at any time. */
export interface SweepMemory {
  /** By the ref of each own branch of stage one. */
  readonly looked: Map<string, LookedAt>;
  /** When each due restart was first seen, epoch milliseconds. */
  readonly firstSeen: Map<string, number>;
}

export function emptyMemory(): SweepMemory {
  return { looked: new Map(), firstSeen: new Map() };
}

export interface Pass {
  readonly swept: readonly (Swept & { readonly kind: 'done' })[];
  /** A ref moved under this pass: what it left undone is to be begun again from the refs. */
  readonly isMoved: boolean;
  /** When the next restart may be proposed, epoch milliseconds; null when none settles. */
  readonly nextDueAt: number | null;
  /** Workloads on the base whose restart is due, settled or not. */
  readonly restartsDue: number;
  /** Why nothing was looked after; null where it was. */
  readonly pause: Pause | null;
}

const IDLE: Pass = { swept: [], isMoved: false, nextDueAt: null, restartsDue: 0, pause: null };

/** The own branches of this instance, of both stages. */
export function ownRefsOf({ settings }: ServedBranch, { ownRefs }: RoundRefs): readonly Ref[] {
  const { branchPrefix: prefix, instance } = settings;
  const start = `refs/heads/${ownBranches({ prefix, instance })}`;
  return ownRefs.filter(({ name }) => name.startsWith(start));
}

/**
 * One pass over everything that no message will wake: own branches of stage one, restarts that are due, and restart branches
 * that nothing is due for. A failure with one of them leaves the others alone. Rejects when the base cannot be read.
 */
export async function sweepBranch(
  served: ServedBranch,
  refs: RoundRefs,
  { memory, look }: { readonly memory: SweepMemory; readonly look: Look },
  signal: AbortSignal,
): Promise<Pass> {
  const round = await beginRound(served, refs, { told: [], claims: [] }, signal);
  if (round.pause !== null) return { ...IDLE, pause: round.pause };
  const own = ownRefsOf(served, refs);
  for (const name of memory.looked.keys()) if (own.every((ref) => ref.name !== name)) memory.looked.delete(name);
  const results: Swept[] = [];
  for (const ref of own.filter(({ name }) => stageOfBranch(name) === 1)) {
    results.push(await safely(round, ref.name, () => sweepRefresh(round, ref, memory.looked, look)));
  }
  const due = findDueRestarts(round, memory.firstSeen);
  const times: number[] = [];
  for (const [branch, group] of due) {
    results.push(
      await safely(round, branch, async () => {
        const result = await proposeRestarts(round, group, memory.firstSeen);
        if (result.kind === 'moved') return result;
        if (result.nextDueAt !== null) times.push(result.nextDueAt);
        return { kind: 'done', branch, outcome: result.outcome };
      }),
    );
  }
  const idle = own.filter(({ name }) => stageOfBranch(name) === 2 && !due.has(name.slice('refs/heads/'.length)));
  for (const ref of idle) results.push(await safely(round, ref.name, () => sweepIdleRestart(round, ref)));
  return {
    swept: results.flatMap((one) => (one.kind === 'done' ? [one] : [])),
    isMoved: results.some(({ kind }) => kind === 'moved'),
    nextDueAt: times.length === 0 ? null : Math.min(...times),
    restartsDue: [...due.values()].reduce((sum, { restarts }) => sum + restarts.length, 0),
    pause: null,
  };
}

async function safely({ signal }: Round, name: string, act: () => Promise<Swept>): Promise<Swept> {
  if (signal.aborted) return QUIET;
  const branch = name.replace(/^refs\/heads\//, '');
  try {
    return await act();
  } catch (error) {
    return signal.aborted ? QUIET : { kind: 'done', branch, outcome: outcomeOfFailure(failureOf(error), { branch }) };
  }
}
