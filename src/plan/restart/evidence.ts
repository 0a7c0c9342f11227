import { syncAnnotation } from '../../domain/policy.ts';
import { parseToken } from '../../domain/token.ts';
import type { IndexedExternalSecret } from '../../manifests/graph.ts';
import { type Obstacle, type Skip, skipOf } from '../plan.ts';
import { isNamedIn } from '../secret-name.ts';
import { type DueRestart, feedersNamed, restartName } from './due-restarts.ts';
import { awaiting } from './statuses/awaiting.ts';
import { type AwaitedStatus, type SeenStatus, type StatusFacts, statusEvidence } from './statuses/status-evidence.ts';

/** A pull request of stage one that people merged. */
export interface MergedRefresh {
  readonly number: number;
  /** By the forge's clock, epoch milliseconds. */
  readonly mergedAt: number;
  /** `key=version` of what it brought. */
  readonly rotations: ReadonlySet<string>;
}

/** What is known about the due restarts of one group when they are judged. */
export interface RestartFacts {
  readonly merged: readonly MergedRefresh[];
  /** When this process first saw each due restart, by {@link restartName}: for what no merged pull request explains. */
  readonly firstSeen: ReadonlyMap<string, number>;
  /** When their time to settle began again whatever brought them, by {@link restartName}: the base was force-pushed. */
  readonly notBefore?: ReadonlyMap<string, number>;
  /** Restarts that people turned down by closing, and those that were merged and are due again, by {@link restartName}. */
  readonly rejected: ReadonlySet<string>;
  readonly reverted: Pick<ReadonlySet<string>, 'has'>;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly settleMilliseconds: number;
  readonly statuses: StatusFacts;
}

export interface JudgedRestarts {
  /** The refresh has had its time: these may be proposed. */
  readonly settled: readonly DueRestart[];
  /** From when on the refresh of each of them counts as applied, epoch milliseconds. */
  readonly appliedAt: ReadonlyMap<DueRestart, number>;
  /** The pull requests that brought what they restart for, by number. */
  readonly refreshedBy: readonly number[];
  /** How that is known: `status` where statuses say it of all of them, and of all that each restarts for. */
  readonly evidence: 'status' | 'settled';
  /** What says it, in order. */
  readonly statuses: readonly SeenStatus[];
  readonly skips: readonly Skip[];
  /** When the next of those that still settle may be proposed, epoch milliseconds; null when none settles. */
  readonly nextDueAt: number | null;
  /** Some wait for statuses, which move no ref: they are to be asked for again. */
  readonly isAwaiting: boolean;
}

/**
 * Which due restarts may be proposed now. Success of a refresh is not visible in Git: it counts as applied a while after
 * statuses said so, where the configuration names some for its path, else a while after the merge of the pull request that
 * brought it. A restart waits for all that it restarts for.
 */
export function judgeRestarts(restarts: readonly DueRestart[], facts: RestartFacts): JudgedRestarts {
  const settled = new Map<DueRestart, Refreshed>();
  const skips: Skip[] = [];
  const waits: number[] = [];
  for (const restart of restarts) {
    const refreshed = refreshedBy(restart, facts);
    const obstacle = whyHeld(restart, facts) ?? whyNotYet(refreshed, facts.now);
    if (obstacle === null) settled.set(restart, refreshed);
    else skips.push(skipOf(restart.workload, obstacle));
    if (obstacle?.code === 'settling') waits.push(refreshed.dueAt);
  }
  const all = [...settled.values()];
  const byStatus = all.length > 0 && all.every(({ evidence }) => evidence === 'status');
  return {
    settled: [...settled.keys()],
    appliedAt: new Map([...settled].map(([restart, { dueAt }]) => [restart, dueAt])),
    refreshedBy: [...new Set(all.flatMap(({ pulls }) => pulls))].toSorted((left, right) => left - right),
    evidence: byStatus ? 'status' : 'settled',
    statuses: inOrder(all.flatMap(({ statuses }) => statuses)),
    skips,
    nextDueAt: waits.length === 0 ? null : Math.min(...waits),
    isAwaiting: skips.some(({ code }) => code === 'awaiting-status'),
  };
}

/** None twice: several ExternalSecrets are applied by one controller. */
function inOrder(statuses: readonly SeenStatus[]): readonly SeenStatus[] {
  const byName = new Map(statuses.map((one) => [`${one.context}\n${one.commit}`, one]));
  return [...byName].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
}

function whyHeld({ edit }: DueRestart, { rejected, reverted }: RestartFacts): Obstacle | null {
  const name = restartName(edit);
  if (rejected.has(name)) {
    return {
      code: 'rejected-by-people',
      reason: 'A person closed the pull request for this restart.',
      hint: 'The restart of the next version is proposed again. To propose this one, reopen that pull request.',
    };
  }
  if (!reverted.has(name)) return null;
  return {
    code: 'reverted',
    reason: 'This restart was merged and then taken back on the base branch.',
    hint: 'The restart of the next version is proposed again. To make this one, run plan --stage 2.',
  };
}

function whyNotYet({ awaited, dueAt }: Refreshed, now: number): Obstacle | null {
  if (awaited !== null) return awaiting(awaited);
  return dueAt > now ? settling(dueAt) : null;
}

function settling(dueAt: number): Obstacle {
  const until = new Date(Math.ceil(dueAt / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  return {
    code: 'settling',
    reason: `Its refresh counts as applied from ${until} on: it restarts after that.`,
    hint: null,
  };
}

/** What a restart restarts for, taken together. */
interface Refreshed {
  /** From when on it counts as applied, epoch milliseconds: the newest of all. */
  readonly dueAt: number;
  readonly pulls: readonly number[];
  readonly evidence: 'status' | 'settled';
  readonly statuses: readonly SeenStatus[];
  readonly awaited: AwaitedStatus | null;
}

function refreshedBy(restart: DueRestart, facts: RestartFacts): Refreshed {
  const name = restartName(restart.edit);
  const times = { seen: facts.firstSeen.get(name) ?? facts.now, notBefore: facts.notBefore?.get(name) ?? 0 };
  const parts = restart.changed.flatMap((secret) => {
    const feeders = feedersNamed(restart, secret);
    return feeders.length === 0
      ? [bySettling(null, times, facts)]
      : feeders.map((user) => oneRefreshed(user, times, facts));
  });
  const [awaited = null] = parts.flatMap((part) => part.awaited ?? []);
  return {
    dueAt: Math.max(...parts.map(({ dueAt }) => dueAt)),
    pulls: parts.flatMap(({ pulls }) => pulls),
    evidence: parts.length > 0 && parts.every(({ evidence }) => evidence === 'status') ? 'status' : 'settled',
    statuses: parts.flatMap(({ statuses }) => statuses),
    awaited,
  };
}

/** When a restart was first seen, and since when its time counts at the earliest. */
interface Times {
  readonly seen: number;
  readonly notBefore: number;
}

/** Where statuses are asked for, time alone never tells. */
function oneRefreshed(user: IndexedExternalSecret, times: Times, facts: RestartFacts): Refreshed {
  const merge = mergeOf(user, facts.merged);
  const found = statusEvidence(facts.statuses, user, merge?.mergedAt ?? 0);
  if (found.kind === 'unmapped') return bySettling(merge, times, facts);
  const pulls = merge === null ? [] : [merge.number];
  if (found.kind === 'awaited') {
    return { dueAt: Number.POSITIVE_INFINITY, pulls, evidence: 'status', statuses: [], awaited: found };
  }
  const { statuses } = found;
  const dueAt = Math.max(...statuses.map(({ at }) => at)) + facts.statuses.policy.delayMilliseconds;
  return { dueAt, pulls, evidence: 'status', statuses, awaited: null };
}

/** One whose merge nobody can tell may be as new as this look at it. */
function bySettling(
  merge: MergedRefresh | null,
  { seen, notBefore }: Times,
  { settleMilliseconds }: RestartFacts,
): Refreshed {
  const dueAt = Math.max(merge?.mergedAt ?? seen, notBefore) + settleMilliseconds;
  return { dueAt, pulls: merge === null ? [] : [merge.number], evidence: 'settled', statuses: [], awaited: null };
}

/** How far the clocks of AWS and the forge may be apart. */
const CLOCKS_DIFFER_MILLISECONDS = 60_000;

/**
 * The newest merge that brought a version which the ExternalSecret has on the base. One from before any of its versions was
 * seen cannot have brought that one: somebody has, without a pull request of ours.
 */
function mergeOf({ object, home }: IndexedExternalSecret, merged: readonly MergedRefresh[]): MergedRefresh | null {
  const token = parseToken(object.annotations.get(syncAnnotation(object.kind)) ?? null) ?? [];
  const lastSeen = Math.max(...token.map(({ time }) => Date.parse(time))) - CLOCKS_DIFFER_MILLISECONDS;
  const bringing = merged.filter(
    ({ mergedAt, rotations }) => mergedAt >= lastSeen && token.some((entry) => isNamedIn(rotations, entry, home)),
  );
  return bringing.reduce<MergedRefresh | null>(
    (newest, one) => (newest === null || one.mergedAt > newest.mergedAt ? one : newest),
    null,
  );
}
