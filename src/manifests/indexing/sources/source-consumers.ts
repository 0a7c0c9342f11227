import type { Mapping } from '../../../domain/policy.ts';
import type { Placed, RestartSourceFacts, WorkloadFacts } from '../../objects.ts';
import { type LocatedWorkload, takenSecrets } from '../find-consumers.ts';
import { createNeighbours, effectiveNames, type Located, type Neighbours, sharedDepth } from '../placement.ts';

/** A restart source of the repository with its placements. */
export type LocatedSource = Placed<RestartSourceFacts> & Located;

/** The kinds that the AWS operator restarts. */
const OPERATED = ['Deployment', 'DaemonSet', 'StatefulSet'];

/** The sources that restart a workload, each once. */
export type FindSources = (workload: LocatedWorkload) => readonly LocatedSource[];

/**
 * Prepares the look-up: a workload mounts a SecretProviderClass of its namespace, names a Secret that the driver writes from it,
 * or has all labels of a SecretsRotationMapping. Of several of one name the nearest counts.
 */
export function createSourceFinder(sources: readonly LocatedSource[]): FindSources {
  if (sources.length === 0) return () => [];
  const classes = sources.filter(({ kind }) => kind === 'SecretProviderClass');
  const byName = createNeighbours(classes, (one) => effectiveNames(one.name, one.placements));
  const bySynced = createNeighbours(classes, ({ synced }) => synced);
  const mappings = sources.filter(({ kind, selects }) => kind === 'SecretsRotationMapping' && selects.size > 0);
  return (workload) => {
    const mounted = new Set((workload.classes ?? []).map(({ name }) => name));
    const named = takenSecrets(workload);
    const found = new Set([
      ...[...mounted].flatMap((name) => nearest(byName, name, workload)),
      ...[...named].flatMap((name) => nearest(bySynced, name, workload)),
      ...nearestMappings(mappings, workload),
    ]);
    return [...found];
  };
}

/** The workloads that an operator named. A namespace that nothing tells may be the one that is meant. */
export function mappedWorkloads({ workloads }: Mapping, all: readonly LocatedWorkload[]): readonly LocatedWorkload[] {
  return all.filter((workload) =>
    workloads.some(({ kind, namespace, name, labels }) => {
      if (workload.kind !== kind || ![null, namespace].includes(workload.resolvedNamespace)) return false;
      const pairs = Object.entries(labels);
      if (name === null && pairs.length === 0) return false;
      const isNamed = name === null || effectiveNames(workload.name, workload.placements).includes(name);
      return isNamed && pairs.every(([key, value]) => workload.labels.get(key) === value);
    }),
  );
}

function nearest(known: Neighbours<LocatedSource>, name: string, workload: LocatedWorkload): readonly LocatedSource[] {
  const near = known.findNear(name, workload);
  return near.length > 0 ? near : deepest(known.find(name, workload), workload);
}

/** It selects in the whole cluster: of namesakes in several clusters the nearest. */
function nearestMappings(mappings: readonly LocatedSource[], workload: WorkloadFacts & Located) {
  if (!OPERATED.includes(workload.kind)) return [];
  const fitting = mappings.filter(({ selects }) =>
    [...selects].every(([key, value]) => workload.labels.get(key) === value),
  );
  return fitting.filter((one) => {
    const namesakes = fitting.filter(
      ({ name, resolvedNamespace }) => name === one.name && resolvedNamespace === one.resolvedNamespace,
    );
    return deepest(namesakes, workload).includes(one);
  });
}

function deepest(sources: readonly LocatedSource[], from: Located): readonly LocatedSource[] {
  const depths = sources.map((one) => sharedDepth(one, from));
  const most = Math.max(0, ...depths);
  return sources.filter((_, at) => depths[at] === most);
}
