import { stageOfBranch } from '../../plan/group.ts';
import type { Clock } from '../../ports.ts';
import type { StopSignals } from '../consume/consume.ts';
import type { Health } from '../health.ts';
import { failureOf, OUTCOMES } from '../outcome.ts';
import { watchBranch } from '../probes/watch-branch.ts';
import { type RoundRefs, readRefs } from '../round.ts';
import { forWriter, missingBase, type ServedBranch } from '../served-branch.ts';
import { emptyMemory, ownRefsOf, type Pass, type SweepMemory, sweepBranch } from './sweep-branch.ts';
import type { Look } from './swept.ts';
import { countWaiting } from './waiting-branches.ts';

export interface SweepRequest {
  readonly served: ServedBranch;
  readonly clock: Clock;
  readonly health: Health;
  readonly intervalMilliseconds: number;
}

/** People close and reopen pull requests without moving a ref: after this long everything is looked at. */
const FULL_LOOK_MILLISECONDS = 10 * 60_000;
const LONGEST_WAIT_MILLISECONDS = 5 * 60_000;
/** What a ref that moved left undone is not kept waiting. */
const MOVED_WAIT_MILLISECONDS = 1000;

/** The key of what was said of a pause; no branch has this name. */
const PAUSED = '';

/** What one process knows between looks. */
interface State {
  readonly memory: SweepMemory;
  /** What was said of each branch, so that it is said once. */
  readonly said: Map<string, string>;
  /** The refs at the last pass that left nothing undone; null before. */
  refs: string | null;
  nextDueAt: number | null;
  lastFullAt: number;
  failures: number;
}

/**
 * Looks after one base branch until `stopping` is aborted: what no message will wake. Rejects never: a host that fails is asked
 * again, less and less often. A pass under way is brought to its end, or given up when `abort` is aborted.
 */
export async function keepSwept(request: SweepRequest, { stopping, abort }: StopSignals): Promise<void> {
  const { served, clock, health, intervalMilliseconds } = request;
  const pulse = health.pulse(`sweep ${served.name}`);
  const watched = { ...request, served: watchBranch(forWriter(served), pulse) };
  const state: State = {
    memory: emptyMemory(),
    said: new Map(),
    refs: null,
    nextDueAt: null,
    lastFullAt: Number.NEGATIVE_INFINITY,
    failures: 0,
  };
  while (!stopping.aborted && !abort.aborted) {
    pulse.beat();
    const isMoved = await lookOnce(watched, state, abort);
    const longest = Math.max(LONGEST_WAIT_MILLISECONDS, intervalMilliseconds);
    const backOff = Math.min(intervalMilliseconds * 2 ** Math.min(state.failures, 10), longest);
    const waitMilliseconds = isMoved ? Math.min(backOff, MOVED_WAIT_MILLISECONDS) : backOff;
    pulse.beat(waitMilliseconds);
    await clock.sleep(waitMilliseconds, stopping);
  }
  pulse.rest();
}

/** True when a ref moved under it. */
async function lookOnce(request: SweepRequest, state: State, signal: AbortSignal): Promise<boolean> {
  const { served, health } = request;
  const dependency = { kind: 'repository', name: served.name } as const;
  try {
    const refs = await readRefs(served, signal);
    if (refs === null) throw missingBase(served);
    const look = lookNeeded(state, served, refs);
    const isMoved = look !== null && (await pass(request, state, { refs, look }, signal));
    health.well(dependency);
    if (state.failures > 0) served.log.info({ repository: served.name }, 'sweep goes on');
    state.failures = 0;
    return isMoved;
  } catch (error) {
    if (signal.aborted) return false;
    const failure = failureOf(error);
    const { code, message: reason, hint } = failure;
    health.failing(dependency, failure);
    served.meter.count('sweeps_total', { repository: served.name, result: 'failed' });
    if (state.failures === 0) served.log.warn({ repository: served.name, code, reason, hint }, 'sweep failed');
    state.failures += 1;
    return false;
  }
}

/** Whether anything can be to be done: a ref moved, something is due, or it is long since people were looked after. */
function lookNeeded(state: State, served: ServedBranch, refs: RoundRefs): Look | null {
  const now = served.clock.now();
  if (now >= state.lastFullAt + FULL_LOOK_MILLISECONDS) return 'full';
  const isDue = state.nextDueAt !== null && now >= state.nextDueAt;
  return isDue || state.refs !== textOf(served, refs) ? 'quick' : null;
}

async function pass(
  { served, clock }: SweepRequest,
  state: State,
  { refs, look }: { readonly refs: RoundRefs; readonly look: Look },
  signal: AbortSignal,
): Promise<boolean> {
  const { meter, name: repository } = served;
  const begun = clock.now();
  const done = await sweepBranch(served, refs, { memory: state.memory, look }, signal);
  if (signal.aborted) return false;
  say(served, state, done);
  if (look === 'full') forget(state, done);
  const isWhole = !done.isMoved && done.swept.every(({ outcome }) => OUTCOMES[outcome.kind].counts === 'success');
  // What was left undone is looked at again at the next interval, whatever the refs then are.
  state.refs = isWhole ? textOf(served, refs) : null;
  state.nextDueAt = done.nextDueAt;
  // What waits for a person would wait in vain for the others to be looked at once more.
  const isSeen = !done.isMoved && done.swept.every(({ outcome }) => OUTCOMES[outcome.kind].counts !== 'retried');
  if (look === 'full' && isSeen) state.lastFullAt = begun;
  meter.count('sweeps_total', { repository, result: isWhole ? 'done' : 'failed' });
  meter.observe('sweep_seconds', { repository }, (clock.now() - begun) / 1000);
  for (const [reason, count] of countWaiting(served))
    meter.gauge('pull_requests_waiting', { repository, reason }, count);
  meter.gauge('restarts_due', { repository }, done.restartsDue);
  for (const stage of [1, 2] as const) {
    const branches = ownRefsOf(served, refs).filter(({ name }) => stageOfBranch(name) === stage);
    meter.gauge('own_branches', { repository, stage: stage === 1 ? 'refresh' : 'restart' }, branches.length);
  }
  return done.isMoved;
}

function textOf(served: ServedBranch, refs: RoundRefs): string {
  return [refs.base, ...ownRefsOf(served, refs)].map(({ name, oid }) => `${name} ${oid}`).join('\n');
}

/** One line for each outcome, and none for the same again. */
function say({ log, name: repository }: ServedBranch, { said }: State, { swept, pause }: Pass): void {
  if (pause !== null && said.get(PAUSED) !== pause.reason) log.warn({ repository, ...pause }, 'paused');
  said.set(PAUSED, pause?.reason ?? '');
  for (const { branch, outcome } of swept) {
    const { kind, reason, hint, pullRequest } = outcome;
    const text = `${kind} ${reason}`;
    const level = said.get(branch) === text ? 'debug' : OUTCOMES[kind].level;
    said.set(branch, text);
    log[level]({ outcome: kind, repository, branch, pr: pullRequest, reason, hint }, 'branch swept');
  }
}

/** What was said of branches that are gone. A quick look does not see all that a full one does. */
function forget({ said }: State, { branches, pause }: Pass): void {
  if (pause !== null) return;
  for (const branch of said.keys()) if (branch !== PAUSED && !branches.has(branch)) said.delete(branch);
}
