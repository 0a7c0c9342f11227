import type { Obstacle } from '../plan.ts';
import { type DueRestart, restartName } from '../restart/due-restarts.ts';
import { judgeRestarts, type RestartFacts } from '../restart/evidence.ts';
import { changedBy, closedByBots } from './branch-standing.ts';
import type { ShownPull } from './look.ts';

/** Where the restart of a workload stands. */
export interface RestartStanding {
  readonly kind: /** The pod template says what was announced, or was written with the refresh. */
    | 'done'
    | 'not-announced'
    | 'left-alone'
    | 'settling'
    | 'awaiting-status'
    | 'due'
    | 'proposed'
    | 'rejected'
    | 'reverted'
    | 'changed-by-others'
    | 'left-closed'
    /** The pull requests that tell could not be read, or nobody asked for them. */
    | 'unknown';
  readonly reason: string;
  readonly hint: string | null;
  /** For `settling`: when it may be proposed, UTC, to the second; null where only the running service knows. */
  readonly until: string | null;
  readonly pullRequest: ShownPull | null;
}

/** What is known about the branch that one due restart belongs to. */
export interface RestartBranch {
  /** Newest first. */
  readonly pulls: readonly ShownPull[];
  /** Who made a commit at its tip that is not ours; null where nobody did. */
  readonly foreignAuthor: string | null;
  readonly leftClosed: ShownPull | null;
  readonly evidence: Omit<RestartFacts, 'firstSeen'>;
}

/** Judges one restart that is due on the base, by the same evidence as stage two. */
export function dueStanding(restart: DueRestart, { pulls, ...branch }: RestartBranch): RestartStanding {
  const name = restartName(restart.edit);
  const open = pulls.find(({ state, names }) => state === 'open' && names.includes(name));
  if (open !== undefined) {
    return standing('proposed', `Pull request #${open.number} proposes it.`, { pullRequest: open });
  }
  const held = heldStanding(restart, branch.evidence);
  if (held !== null) {
    const closed = held.kind === 'rejected' ? 'closed-by-person' : 'merged';
    const pullRequest = pulls.find(({ state, names }) => state === closed && names.includes(name)) ?? null;
    return held.kind === 'rejected' || held.kind === 'reverted' ? { ...held, pullRequest } : held;
  }
  if (branch.foreignAuthor !== null) {
    const { reason, hint } = changedBy(branch.foreignAuthor);
    return standing('changed-by-others', reason, { hint });
  }
  if (branch.leftClosed !== null) {
    const { reason, hint } = closedByBots(branch.leftClosed);
    return standing('left-closed', reason, { hint, pullRequest: branch.leftClosed });
  }
  return standing('due', 'Its refresh counts as applied: the sweep proposes it.');
}

/** Nobody could be asked what became of a due restart. */
export function unknownStanding(why: string): RestartStanding {
  return standing('unknown', `A restart is due. ${why}`);
}

/** A workload for which nothing is due. */
export function quietStanding(obstacle: Obstacle | null, made: 'made' | 'never'): RestartStanding {
  if (made === 'made') return standing('done', 'Its pod template has the versions that were announced.');
  if (obstacle !== null) {
    return standing('left-alone', `${obstacle.code}: ${obstacle.reason}`, { hint: obstacle.hint });
  }
  return standing('not-announced', 'No restart was announced: the refresh announces it.');
}

/** Null where it has settled. */
function heldStanding(restart: DueRestart, evidence: Omit<RestartFacts, 'firstSeen'>): RestartStanding | null {
  const [now] = judgeRestarts([restart], { ...evidence, firstSeen: new Map() }).skips;
  if (now === undefined) return null;
  if (now.code === 'rejected-by-people') return standing('rejected', now.reason, { hint: now.hint });
  if (now.code === 'reverted') return standing('reverted', now.reason, { hint: now.hint });
  if (now.code === 'awaiting-status') return standing('awaiting-status', now.reason, { hint: now.hint });
  // What no merge explains counts from the service's first look at it. Nobody here knows that: a merge alone is told.
  const firstSeen = new Map([[restartName(restart.edit), 0]]);
  const { nextDueAt } = judgeRestarts([restart], { ...evidence, firstSeen });
  if (nextDueAt === null) return standing('settling', UNEXPLAINED);
  const until = new Date(Math.ceil(nextDueAt / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  return standing('settling', `Its refresh counts as applied from ${until} on: the sweep proposes it then.`, { until });
}

const UNEXPLAINED =
  'No merged pull request tells since when it is due: the sweep proposes it a settling time after it first saw it.';

function standing(
  kind: RestartStanding['kind'],
  reason: string,
  { hint = null, until = null, pullRequest = null }: Partial<RestartStanding> = {},
): RestartStanding {
  return { kind, reason, hint, until, pullRequest };
}
