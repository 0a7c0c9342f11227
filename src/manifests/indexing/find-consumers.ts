import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../objects.ts';
import { createNeighbours, effectiveNames, type Located, type Neighbours, sharedDepth } from './placement.ts';

export type LocatedExternalSecret = Placed<ExternalSecretFacts> & Located;
export type LocatedWorkload = Placed<WorkloadFacts> & Located;

/**
 * The workloads that consume what each ExternalSecret writes, in the order of `externalSecrets`. One repository often
 * holds the same namespace of several clusters: where several ExternalSecrets write a Secret of one name, a workload
 * belongs to those nearest to it. Those that merge into a Secret of somebody else may come from anywhere.
 */
export function findConsumers(
  externalSecrets: readonly LocatedExternalSecret[],
  workloads: readonly LocatedWorkload[],
  namesOf: (workload: LocatedWorkload) => ReadonlySet<string> = takenSecrets,
): ReadonlyMap<LocatedExternalSecret, readonly LocatedWorkload[]> {
  const owners = createNeighbours(
    externalSecrets.filter((one) => !merges(one)),
    targetsOf,
  );
  const mergers = createNeighbours(externalSecrets.filter(merges), targetsOf);
  const consumers = new Map<LocatedExternalSecret, LocatedWorkload[]>(externalSecrets.map((one) => [one, []]));
  for (const workload of workloads) {
    const names = namesOf(workload);
    const used = new Set(
      [...names].flatMap((name) => [...nearest(owners, name, workload), ...mergers.find(name, workload)]),
    );
    for (const writer of used) consumers.get(writer)?.push(workload);
  }
  return consumers;
}

/** The Secrets that a workload gets by the names that it says. */
export function takenSecrets({ secrets, takenOver = [] }: WorkloadFacts): ReadonlySet<string> {
  const names = new Set(secrets.map(({ name }) => name));
  for (const { name } of takenOver) names.delete(name);
  return names;
}

function nearest(
  owners: Neighbours<LocatedExternalSecret>,
  name: string,
  workload: LocatedWorkload,
): readonly LocatedExternalSecret[] {
  const near = owners.findNear(name, workload);
  if (near.length > 0) return near;
  const found = owners.find(name, workload).map((owner) => ({ owner, depth: sharedDepth(owner, workload) }));
  const best = found.reduce((most, { depth }) => Math.max(most, depth), 0);
  return found.filter(({ depth }) => depth === best).map(({ owner }) => owner);
}

/** Kustomize renames an ExternalSecret and so the Secret of the same name, but neither `target.name` nor what workloads name. */
function targetsOf(one: LocatedExternalSecret): readonly string[] {
  return one.namesTarget ? [one.targetName] : effectiveNames(one.name, one.placements);
}

function merges({ creationPolicy }: ExternalSecretFacts): boolean {
  return creationPolicy === 'Merge' || creationPolicy === 'CreateOrMerge';
}
