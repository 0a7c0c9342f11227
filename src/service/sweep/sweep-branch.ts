import { folderOf, isOwnBranch, stageOfBranch } from '../../plan/group.ts';
import { isBaselineBranch } from '../../plan/reconcile/baseline/baseline-branch.ts';
import type { Ref } from '../../ports.ts';
import { failureOf, outcomeOfFailure } from '../outcome.ts';
import type { Pause } from '../pause.ts';
import { beginRound, type Round, type RoundRefs } from '../round.ts';
import type { ServedBranch } from '../served-branch.ts';
import { mergeLooks, mergeShown } from './merge-shown.ts';
import { sweepRefresh } from './sweep-refreshes.ts';
import { findDueRestarts, type RestartsByBranch, sweepDueRestarts, sweepIdleRestart } from './sweep-restarts.ts';
import { sweepUnsettled, unsettledOf } from './sweep-unsettled.ts';
import { type Look, type LookedAt, QUIET, type Swept } from './swept.ts';
import { forgetWaiting, untilsOf, waitingSince } from './waiting-branches.ts';

/** What a process remembers between passes; all of it may be lost at any time. */
export interface SweepMemory {
  /** By the short name of each own branch. */
  readonly looked: Map<string, LookedAt>;
  /** When each due restart was first seen, epoch milliseconds. */
  readonly firstSeen: Map<string, number>;
  /** The branch at which a base that moved ended the last pass. */
  endedAt: string | null;
  /** The force-push of the base after which all of this was seen; null: before the first. */
  rewrittenAt: number | null;
}

export function emptyMemory(): SweepMemory {
  return { looked: new Map(), firstSeen: new Map(), endedAt: null, rewrittenAt: null };
}

export interface Pass {
  readonly swept: readonly (Swept & { readonly kind: 'done' })[];
  /** A ref moved under this pass: what it left undone is to be begun again from the refs. */
  readonly isMoved: boolean;
  /** When the next restart may be proposed, epoch milliseconds; null when none settles. */
  readonly nextDueAt: number | null;
  /** Workloads on the base whose restart is due, settled or not. */
  readonly restartsDue: number;
  /** The branches that it was about, whatever came of them. */
  readonly branches: ReadonlySet<string>;
  /** Why nothing was looked after; null where it was. */
  readonly pause: Pause | null;
}

const IDLE: Omit<Pass, 'pause'> = { swept: [], branches: new Set(), isMoved: false, nextDueAt: null, restartsDue: 0 };

/** The own branches of this instance, of both stages; the one that proposes a baseline is looked after by reconcile. */
export function ownRefsOf({ settings }: ServedBranch, { ownRefs }: RoundRefs): readonly Ref[] {
  const { branchPrefix: prefix, instance } = settings;
  return ownRefs.filter((ref) => isOwnBranch({ prefix, instance }, shortName(ref)) && !isBaselineBranch(ref.name));
}

/** One thing that a pass looks after. */
interface Chore {
  readonly branch: string;
  readonly act: () => Promise<Swept>;
}

/**
 * One pass over everything that no message will wake: own branches of stage one, restarts that are due, and restart branches
 * that nothing is due for. A failure with one of them leaves the others alone; a base that moves ends the pass, and the next
 * one begins where it ended. Rejects when the base cannot be read.
 */
export async function sweepBranch(
  served: ServedBranch,
  refs: RoundRefs,
  { memory, look }: { readonly memory: SweepMemory; readonly look: Look },
  signal: AbortSignal,
): Promise<Pass> {
  const round = await beginRound(served, refs, signal);
  if (round.pause !== null) return { ...IDLE, pause: round.pause };
  forgetOldLine(round, memory);
  const own = ownRefsOf(served, refs);
  const due = findDueRestarts(round, memory.firstSeen);
  const times: number[] = [];
  forgetWaiting(round, new Set([...own.map(shortName), ...due.keys()]));
  const regular = choresOf(round, {
    own,
    due,
    memory,
    look,
    times,
    since: await waitingSince(round, own, memory.looked),
  });
  const chores = [...regular, ...(look === 'full' ? await lostChores(round) : [])];
  const known = new Set(chores.map(({ branch }) => branch));
  for (const branch of memory.looked.keys()) if (!known.has(branch)) memory.looked.delete(branch);
  for (const branch of served.memory.toMerge.keys()) if (!known.has(branch)) served.memory.toMerge.delete(branch);
  const results: Swept[] = [];
  memory.endedAt = null;
  for (const { branch, act } of chores) {
    const result = await safely(round, branch, () => actAndMerge(round, branch, act));
    results.push(result);
    if (result.kind !== 'moved' || result.what !== 'base') continue;
    memory.endedAt = branch;
    break;
  }
  const untils = results.flatMap((one) => (one.kind === 'moved' ? (one.until ?? []) : []));
  return {
    swept: results.flatMap((one) => (one.kind === 'done' ? [one] : [])),
    isMoved: results.some((one) => one.kind === 'moved' && one.until === undefined),
    nextDueAt: earliest([...times, ...untils, ...untilsOf(served), ...mergeLooks(served)]),
    restartsDue: [...due.values()].reduce((sum, { restarts }) => sum + restarts.length, 0),
    branches: known,
    pause: null,
  };
}

/** On another history the same files are no reason to leave a branch as it is. */
function forgetOldLine({ line }: Round, memory: SweepMemory): void {
  if (memory.rewrittenAt === line.rewrittenAt) return;
  memory.rewrittenAt = line.rewrittenAt;
  memory.looked.clear();
  memory.firstSeen.clear();
}

/** What was proposed, and read back, may be merged in the same pass. */
async function actAndMerge(round: Round, branch: string, act: Chore['act']): Promise<Swept> {
  const swept = await act();
  if (swept.kind === 'moved') return swept;
  const merged = await mergeShown(round, branch);
  return merged.kind === 'quiet' ? swept : merged;
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

interface ToDo {
  readonly own: readonly Ref[];
  readonly due: RestartsByBranch;
  readonly memory: SweepMemory;
  readonly look: Look;
  /** Told when a restart that still settles may be proposed. */
  readonly times: number[];
  /** Since when each branch waits; the longest comes first. */
  readonly since: (branch: string) => number;
}

/** All chores, beginning with the one at which a base that moved ended the last pass: else the last ones might never be done. */
function choresOf(round: Round, { own, due, memory, look, times, since }: ToDo): readonly Chore[] {
  const refresh = own
    .filter(({ name }) => stageOfBranch(name) === 1)
    .map((ref) => ({ branch: shortName(ref), act: () => sweepRefresh(round, ref, memory.looked, look) }));
  const restart = [...due].map(([branch, group]) => ({
    branch,
    act: () => sweepDueRestarts(round, { branch, group, memory, look, onSettling: (time) => times.push(time) }),
  }));
  const idle = own
    .filter((ref) => stageOfBranch(ref.name) === 2 && !due.has(shortName(ref)))
    .map((ref) => ({ branch: shortName(ref), act: () => sweepIdleRestart(round, ref, memory.looked, look) }));
  const inTurn = [...refresh, ...restart].toSorted((left, right) => since(left.branch) - since(right.branch));
  const chores: readonly Chore[] = [...inTurn, ...idle];
  const from = Math.max(
    chores.findIndex(({ branch }) => branch === memory.endedAt),
    0,
  );
  return [...chores.slice(from), ...chores.slice(0, from)];
}

/** What no branch shows any more. A forge that fails here leaves the others alone. */
async function lostChores(round: Round): Promise<readonly Chore[]> {
  const { branchPrefix: prefix, instance } = round.served.settings;
  const folder = folderOf({ prefix, instance });
  try {
    const unsettled = await unsettledOf(round, folder);
    return [...unsettled].map(([branch, pulls]) => ({ branch, act: () => sweepUnsettled(round, branch, pulls) }));
  } catch (error) {
    return [{ branch: folder, act: () => Promise.reject(failureOf(error)) }];
  }
}

function shortName({ name }: Ref): string {
  return name.slice('refs/heads/'.length);
}

async function safely({ signal }: Round, branch: string, act: () => Promise<Swept>): Promise<Swept> {
  if (signal.aborted) return QUIET;
  try {
    return await act();
  } catch (error) {
    return signal.aborted ? QUIET : { kind: 'done', branch, outcome: outcomeOfFailure(failureOf(error), { branch }) };
  }
}
