import type { Placed, WorkloadFacts } from '../../objects.ts';
import { type LocatedExternalSecret, type LocatedWorkload, takenSecrets } from '../find-consumers.ts';
import { effectiveNames, sameBuild, sharedDepth } from '../placement.ts';
import { type Namespaces, type Selection, selectNamespace } from './select-namespace.ts';

/** The workloads that a ClusterExternalSecret feeds through the ExternalSecrets it makes. */
export interface ClusterConsumers {
  readonly consumers: readonly Placed<WorkloadFacts>[];
  /** Those of them whose namespace it may not write into. */
  readonly unsure: readonly Placed<WorkloadFacts>[];
  /** ExternalSecrets of this repository that it makes itself, and sets back. */
  readonly children: readonly LocatedExternalSecret[];
}

const NOBODY: ClusterConsumers = { consumers: [], unsure: [], children: [] };

/** What else the cluster holds: `isFed` says that an ExternalSecret in Git writes the Secret of this name for a workload. */
export interface ClusterSurroundings {
  readonly namespaces: Namespaces;
  readonly isFed: (workload: LocatedWorkload, secret: string) => boolean;
}

/**
 * Whom each ClusterExternalSecret feeds: workloads that name its Secret where it certainly writes, and, where nobody can tell,
 * those that name it and have it from no ExternalSecret. Of several of one name the nearest counts.
 */
export function findClusterConsumers(
  secrets: readonly LocatedExternalSecret[],
  workloads: readonly LocatedWorkload[],
  { namespaces, isFed }: ClusterSurroundings,
): ReadonlyMap<LocatedExternalSecret, ClusterConsumers> {
  const makers = secrets.filter(({ reach }) => reach !== undefined);
  const byTarget = groupBy(makers, targetsOf);
  const byChild = groupBy(makers, childNamesOf);
  const found = new Map(makers.map((one) => [one, emptyLists()]));
  if (makers.length === 0) return found;
  for (const workload of workloads) {
    for (const [maker, selection] of feeding(workload)) {
      found.get(maker)?.consumers.push(workload);
      if (selection === 'unknown') found.get(maker)?.unsure.push(workload);
    }
  }
  for (const one of secrets.filter(({ kind }) => kind === 'ExternalSecret')) {
    const names = effectiveNames(one.name, one.placements);
    const near = names.flatMap((name) => reaching(byChild.get(name) ?? [], one, namespaces));
    for (const [maker, selection] of near) if (selection === 'selected') found.get(maker)?.children.push(one);
  }
  return found;

  /** Each maker once, whichever of its names the workload takes. */
  function feeding(workload: LocatedWorkload): ReadonlyMap<LocatedExternalSecret, Selection> {
    const names = [...takenSecrets(workload)];
    return new Map(
      names.flatMap((secret) =>
        reaching(byTarget.get(secret) ?? [], workload, namespaces).filter(
          ([, selection]) => selection === 'selected' || !isFed(workload, secret),
        ),
      ),
    );
  }
}

/** The entry of one ExternalSecret: empty for all that is no ClusterExternalSecret. */
export function clusterEntry(
  found: ReadonlyMap<LocatedExternalSecret, ClusterConsumers>,
  one: LocatedExternalSecret,
): ClusterConsumers {
  return found.get(one) ?? NOBODY;
}

function emptyLists() {
  const consumers: LocatedWorkload[] = [];
  const unsure: LocatedWorkload[] = [];
  const children: LocatedExternalSecret[] = [];
  return { consumers, unsure, children };
}

function reaching(
  makers: readonly LocatedExternalSecret[],
  from: LocatedWorkload | LocatedExternalSecret,
  namespaces: Namespaces,
): readonly (readonly [LocatedExternalSecret, Selection])[] {
  const near = makers.filter((maker) => sameBuild(maker, from));
  const candidates = near.length > 0 ? near : deepest(makers, from);
  return candidates.flatMap((maker) => {
    const selection = maker.reach === undefined ? 'not' : selectNamespace(maker.reach, from, namespaces);
    return selection === 'not' ? [] : [[maker, selection] as const];
  });
}

function deepest(makers: readonly LocatedExternalSecret[], from: LocatedWorkload | LocatedExternalSecret) {
  const depths = makers.map((maker) => sharedDepth(maker, from));
  const most = Math.max(0, ...depths);
  return makers.filter((_, at) => depths[at] === most);
}

function targetsOf(one: LocatedExternalSecret): readonly string[] {
  return one.namesTarget ? [one.targetName] : effectiveNames(one.name, one.placements);
}

function childNamesOf(one: LocatedExternalSecret): readonly string[] {
  const name = one.reach?.childName ?? null;
  return name === null ? effectiveNames(one.name, one.placements) : [name];
}

function groupBy(
  makers: readonly LocatedExternalSecret[],
  namesOf: (one: LocatedExternalSecret) => readonly string[],
): ReadonlyMap<string, readonly LocatedExternalSecret[]> {
  const groups = new Map<string, LocatedExternalSecret[]>();
  for (const one of makers) {
    for (const name of namesOf(one)) groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return groups;
}
