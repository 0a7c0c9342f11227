import { syncAnnotation } from '../../domain/policy.ts';
import { parseToken } from '../../domain/token.ts';
import type { IndexedExternalSecret } from '../../manifests/graph.ts';
import { type Obstacle, type Skip, skipOf } from '../plan.ts';
import { isNamedIn } from '../secret-name.ts';
import { type DueRestart, feedersNamed, restartName } from './due-restarts.ts';

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
  /** Restarts that people turned down by closing, and those that were merged and are due again, by {@link restartName}. */
  readonly rejected: ReadonlySet<string>;
  readonly reverted: Pick<ReadonlySet<string>, 'has'>;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly settleMilliseconds: number;
}

export interface JudgedRestarts {
  /** The refresh has had its time: these may be proposed. */
  readonly settled: readonly DueRestart[];
  /** From when on the refresh of each of them counts as applied, epoch milliseconds. */
  readonly appliedAt: ReadonlyMap<DueRestart, number>;
  /** The pull requests that brought what they restart for, by number. */
  readonly refreshedBy: readonly number[];
  readonly skips: readonly Skip[];
  /** When the next of those that still settle may be proposed, epoch milliseconds; null when none settles. */
  readonly nextDueAt: number | null;
}

/**
 * Which due restarts may be proposed now. Success of a refresh is not visible in Git: it counts as applied a while after the
 * merge of the pull request that brought it. A restart waits for all that it restarts for.
 */
export function judgeRestarts(restarts: readonly DueRestart[], facts: RestartFacts): JudgedRestarts {
  const settled = new Map<DueRestart, number>();
  const skips: Skip[] = [];
  const refreshedBy = new Set<number>();
  const waits: number[] = [];
  for (const restart of restarts) {
    const { since, pulls } = refreshedSince(restart, facts);
    const dueAt = since + facts.settleMilliseconds;
    const obstacle = whyHeld(restart, facts) ?? (dueAt > facts.now ? settling(dueAt) : null);
    if (obstacle === null) {
      settled.set(restart, dueAt);
      for (const number of pulls) refreshedBy.add(number);
    } else {
      skips.push(skipOf(restart.workload, obstacle));
      if (obstacle.code === 'settling') waits.push(dueAt);
    }
  }
  return {
    settled: [...settled.keys()],
    appliedAt: settled,
    refreshedBy: [...refreshedBy].toSorted((left, right) => left - right),
    skips,
    nextDueAt: waits.length === 0 ? null : Math.min(...waits),
  };
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

function settling(dueAt: number): Obstacle {
  const until = new Date(Math.ceil(dueAt / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  return {
    code: 'settling',
    reason: `Its refresh counts as applied from ${until} on: it restarts after that.`,
    hint: null,
  };
}

/** The newest of everything that it restarts for. */
function refreshedSince(restart: DueRestart, facts: RestartFacts) {
  const seen = facts.firstSeen.get(restartName(restart.edit)) ?? facts.now;
  const evidence = restart.changed.map((name) => {
    const feeders = feedersNamed(restart, name);
    const found = feeders.map((user) => mergeOf(user, facts.merged));
    // One whose merge nobody can tell may be as new as this look at it.
    const times = found.map((one) => one?.mergedAt ?? seen);
    return {
      since: Math.max(...(feeders.length === 0 ? [seen] : times)),
      pulls: found.flatMap((one) => one?.number ?? []),
    };
  });
  return {
    since: Math.max(...evidence.map(({ since }) => since)),
    pulls: evidence.flatMap(({ pulls }) => pulls),
  };
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
