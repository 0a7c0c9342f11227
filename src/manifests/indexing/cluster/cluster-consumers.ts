import { type LocatedExternalSecret, type LocatedWorkload, takenSecrets, targetsOf } from '../find-consumers.ts';
import { effectiveNames, sameBuild, sharedDepth } from '../placement.ts';
import { type Namespaces, type Selection, selectNamespace } from './select-namespace.ts';

/** How certainly each of some ClusterExternalSecrets writes for one object. */
export type Reaching = ReadonlyMap<LocatedExternalSecret, Selection>;

/** The ClusterExternalSecrets of a repository, by what they make. Of several of one name the nearest counts. */
export interface ClusterFinder {
  /**
   * Those that feed a workload: it names their Secret where they certainly write, or, where nobody can tell, it names it and has
   * it from no ExternalSecret (`isFed`). Each once, whichever of its names the workload takes.
   */
  readonly feeding: (workload: LocatedWorkload, isFed: (secret: string) => boolean) => Reaching;
  /** The one that makes an ExternalSecret of this repository itself, and sets it back; undefined where none does. */
  readonly makerOf: (one: LocatedExternalSecret) => LocatedExternalSecret | undefined;
}

/** Prepares the look-up. `makers` are ClusterExternalSecrets in the order of the index. */
export function createClusterFinder(makers: readonly LocatedExternalSecret[], namespaces: Namespaces): ClusterFinder {
  const byTarget = groupBy(makers, targetsOf);
  const byChild = groupBy(makers, childNamesOf);
  return {
    feeding: (workload, isFed) =>
      new Map(
        [...takenSecrets(workload)].flatMap((secret) =>
          reaching(byTarget.get(secret) ?? [], workload, namespaces).filter(
            ([, selection]) => selection === 'selected' || !isFed(secret),
          ),
        ),
      ),
    makerOf: (one) => {
      if (one.kind !== 'ExternalSecret') return undefined;
      const names = effectiveNames(one.name, one.placements);
      const near = names.flatMap((name) => reaching(byChild.get(name) ?? [], one, namespaces));
      const certain = new Set(near.flatMap(([maker, selection]) => (selection === 'selected' ? [maker] : [])));
      return certain.size === 0 ? undefined : makers.findLast((maker) => certain.has(maker));
    },
  };
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
    for (const name of namesOf(one)) {
      const known = groups.get(name);
      if (known === undefined) groups.set(name, [one]);
      else known.push(one);
    }
  }
  return groups;
}
