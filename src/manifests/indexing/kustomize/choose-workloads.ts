import type { LocatedWorkload } from '../find-consumers.ts';
import { chooseObjects, type SharedBases } from './choose-places.ts';
import type { PlacedObject } from './place-object.ts';

export type PlacedWorkload = Extract<PlacedObject, { readonly type: 'workload' }>;

/** Which of some workloads each of all that feeds them feeds. */
type FedAmong = (workloads: readonly LocatedWorkload[]) => readonly (readonly unknown[])[];

/**
 * Workloads as they are edited: one that several kustomizations include stands for all its deployments only where the same
 * ExternalSecrets feed each of them, since its annotations name their versions.
 */
export function chooseWorkloads(
  workloads: readonly PlacedWorkload[],
  fedAmong: FedAmong,
  shared: SharedBases,
): readonly PlacedWorkload[] {
  const isSplit = (one: PlacedWorkload) =>
    (one.roots.length > 1 && shared.splitter.canSplit(one)) || shared.splitter.isKeptInOverlay(one);
  if (!workloads.some((one) => one.roots.length > 1 || isSplit(one))) return workloads;
  const alone = new Map(workloads.map((one) => [one, isSplit(one) ? splitWorkload(one, shared) : [one]]));
  const feeders = feedersOf(fedAmong, [...alone.values()].flat());
  return workloads.flatMap((workload) =>
    chooseObjects(
      workload,
      shared,
      (one) => alone.get(one) ?? [],
      (one) => JSON.stringify(feeders.get(one) ?? []),
    ),
  );
}

function splitWorkload(workload: PlacedWorkload, { splitter }: SharedBases): readonly PlacedWorkload[] {
  return splitter.split(workload).flatMap((one) => (one.type === 'workload' ? [one] : []));
}

/** The numbers of the ExternalSecrets that feed each workload. */
function feedersOf(fedAmong: FedAmong, workloads: readonly PlacedWorkload[]): ReadonlyMap<unknown, readonly number[]> {
  const feeders = new Map<unknown, number[]>();
  for (const [at, fed] of fedAmong(workloads).entries()) {
    for (const workload of fed) {
      const known = feeders.get(workload);
      if (known === undefined) feeders.set(workload, [at]);
      else known.push(at);
    }
  }
  return feeders;
}
