import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../objects.ts';
import { createNeighbours, effectiveNames, type Located, type Neighbours, sharedDepth } from './placement.ts';

export type LocatedExternalSecret = Placed<ExternalSecretFacts> & Located;
export type LocatedWorkload = Placed<WorkloadFacts> & Located;

/** The ExternalSecrets of a repository by what they write. Those that are added and removed again leave nothing behind. */
export interface Writers {
  /**
   * Those that write Secrets of these names for a workload, each once. One repository often holds the same namespace of several
   * clusters: where several ExternalSecrets write a Secret of one name, a workload belongs to those nearest to it. Those
   * that merge into a Secret of somebody else may come from anywhere.
   */
  readonly find: (names: Iterable<string>, workload: LocatedWorkload) => readonly LocatedExternalSecret[];
  readonly add: (one: LocatedExternalSecret) => void;
  readonly remove: (one: LocatedExternalSecret) => void;
}

/** Prepares the look-up. */
export function createWriters(): Writers {
  const owners = createNeighbours<LocatedExternalSecret>([], targetsOf);
  const mergers = createNeighbours<LocatedExternalSecret>([], targetsOf);
  const sideOf = (one: LocatedExternalSecret) => (merges(one) ? mergers : owners);
  return {
    find: (names, workload) => {
      const found = new Set<LocatedExternalSecret>();
      for (const name of names) {
        for (const one of nearest(owners, name, workload)) found.add(one);
        for (const one of mergers.find(name, workload)) found.add(one);
      }
      return [...found];
    },
    add: (one) => sideOf(one).add(one),
    remove: (one) => sideOf(one).remove(one),
  };
}

/** The Secrets that a workload gets by the names that it says. */
export function takenSecrets({ secrets, takenOver = [] }: WorkloadFacts): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of secrets) names.add(name);
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
  const found = owners.find(name, workload);
  if (found.length < 2) return found;
  const depths = found.map((owner) => sharedDepth(owner, workload));
  const best = depths.reduce((most, depth) => Math.max(most, depth), 0);
  return found.filter((_, at) => depths[at] === best);
}

/** Kustomize renames an ExternalSecret and so the Secret of the same name, but neither `target.name` nor what workloads name. */
export function targetsOf(one: LocatedExternalSecret): readonly string[] {
  return one.namesTarget ? [one.targetName] : effectiveNames(one.name, one.placements);
}

function merges({ creationPolicy }: ExternalSecretFacts): boolean {
  return creationPolicy === 'Merge' || creationPolicy === 'CreateOrMerge';
}
