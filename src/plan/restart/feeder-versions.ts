import { sha256Hex } from '../../domain/digest.ts';
import { RESTART_DUE, type RestartPolicy, syncAnnotation } from '../../domain/policy.ts';
import { parseToken, type Token, versionsDigest } from '../../domain/token.ts';
import {
  formatWorkloadToken,
  parseWorkloadToken,
  type WorkloadToken,
  workloadTokenName,
} from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { restartMade } from './restart-mark.ts';

/** What every refresh marker is called in the value of a restart marker: a scalar's keys may be anything. */
const MARKER_NAME = 'marker';

/** What feeds a workload, as the workload's token names it. */
export function feederName({ name, marker }: Pick<ExternalSecretFacts, 'name' | 'marker'>): string {
  return marker === undefined ? workloadTokenName(name) : MARKER_NAME;
}

/**
 * The digests of all that feeds a workload. `tokens`: those that a plan changes; of the others what the base branch has. Empty
 * where nothing of it has a token.
 */
export function feederVersions(
  feeders: readonly IndexedExternalSecret[],
  tokens: ReadonlyMap<IndexedExternalSecret, Token>,
): WorkloadToken {
  const digests = new Map<string, readonly string[]>();
  for (const user of feeders) {
    const token = tokens.get(user) ?? parseToken(valueOf(user));
    const name = feederName(user.object);
    if (token !== null) digests.set(name, [...(digests.get(name) ?? []), versionsDigest(token)]);
  }
  return new Map([...digests].map(([name, all]) => [name, oneDigest(all)]));
}

function valueOf({ object }: IndexedExternalSecret): string | null {
  return object.annotations.get(syncAnnotation(object.kind)) ?? null;
}

/** Two ExternalSecrets of one name may feed one workload (two folders for one namespace): each of them counts. */
function oneDigest(digests: readonly string[]): string {
  const [only = '', ...others] = digests;
  return others.length === 0 ? only : sha256Hex(digests.toSorted().join(' '), 12);
}

type Feeders = ReadonlyMap<Placed<WorkloadFacts>, readonly IndexedExternalSecret[]>;

// An index never changes, and every workload of it is looked at.
const FEEDERS = new WeakMap<Index, Feeders>();

/** Everything that feeds a workload, in the order of the index. */
export function feedersOf(index: Index, workload: Placed<WorkloadFacts>): readonly IndexedExternalSecret[] {
  const feeders = FEEDERS.get(index) ?? allFeeders(index);
  FEEDERS.set(index, feeders);
  return feeders.get(workload) ?? [];
}

function allFeeders({ externalSecrets }: Index): Feeders {
  const feeders = new Map<Placed<WorkloadFacts>, IndexedExternalSecret[]>();
  for (const user of externalSecrets) {
    for (const workload of user.consumers) {
      const known = feeders.get(workload);
      if (known === undefined) feeders.set(workload, [user]);
      else known.push(user);
    }
  }
  return feeders;
}

/**
 * What a workload is to be restarted for, by the base branch alone: its `restart-due`. A restart marker has none: the tokens of
 * its refresh markers say it. Undefined where nothing does.
 */
export function restartDue(
  workload: Placed<WorkloadFacts>,
  feeders: readonly IndexedExternalSecret[],
): string | undefined {
  if (workload.marker === undefined) return workload.annotations.get(RESTART_DUE);
  const versions = feederVersions(feeders, new Map());
  return versions.size === 0 ? undefined : formatWorkloadToken(versions);
}

/** What a restart that is due on the base, and not made yet, waits for. */
export function pendingFeeders(
  workload: Placed<WorkloadFacts>,
  feeders: readonly IndexedExternalSecret[],
  { restart }: { readonly restart: RestartPolicy },
): readonly IndexedExternalSecret[] {
  const due = parseWorkloadToken(restartDue(workload, feeders) ?? null);
  const made = parseWorkloadToken(restartMade(workload, restart));
  if (due === null) return [];
  return feeders.filter(({ object }) => {
    const digest = due.get(feederName(object));
    return digest !== undefined && digest !== made?.get(feederName(object));
  });
}
