import { folderOf } from '../../domain/repo-path.ts';
import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../objects.ts';
import { createNeighbours, type Located, sameBuild, sharedDepth } from './placement.ts';

export type LocatedExternalSecret = Placed<ExternalSecretFacts> & Located;
export type LocatedWorkload = Placed<WorkloadFacts> & Located;

/**
 * The workloads that consume what each ExternalSecret writes, in the order of `externalSecrets`. One repository often
 * holds the same namespace of several clusters: where several ExternalSecrets write a Secret of one name, a workload
 * belongs to those nearest to it.
 */
export function findConsumers(
  externalSecrets: readonly LocatedExternalSecret[],
  workloads: readonly LocatedWorkload[],
): ReadonlyMap<LocatedExternalSecret, readonly LocatedWorkload[]> {
  const writers = createNeighbours(externalSecrets, ({ targetName }) => targetName);
  const consumers = new Map<LocatedExternalSecret, LocatedWorkload[]>(externalSecrets.map((one) => [one, []]));
  for (const workload of workloads) {
    const names = new Set(workload.secrets.map(({ name }) => name));
    const used = new Set([...names].flatMap((name) => nearest(writers.find(name, workload), workload)));
    for (const writer of used) consumers.get(writer)?.push(workload);
  }
  return consumers;
}

/** Several may merge into one Secret from anywhere; of those that own it, only the nearest can be meant. */
function nearest(
  writers: readonly LocatedExternalSecret[],
  workload: LocatedWorkload,
): readonly LocatedExternalSecret[] {
  if (writers.length < 2) return writers;
  const best = Math.max(...writers.map((writer) => nearness(writer, workload)));
  return writers.filter((writer) => merges(writer) || nearness(writer, workload) === best);
}

function nearness(writer: Located, workload: Located): number {
  if (sameBuild(writer, workload) || folderOf(writer.path) === folderOf(workload.path)) return Number.MAX_SAFE_INTEGER;
  return sharedDepth(writer, workload);
}

function merges({ creationPolicy }: ExternalSecretFacts): boolean {
  return creationPolicy === 'Merge' || creationPolicy === 'CreateOrMerge';
}
