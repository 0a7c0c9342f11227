import type { PathBinding, StoreBinding } from '../../../domain/policy.ts';
import { matchesGlob, type RepoPath } from '../../../domain/repo-path.ts';
import type { StoreRef } from '../../objects.ts';
import type { Located } from '../placement.ts';

/**
 * The bindings of a store, as seen from an object: one for each namespace that the object may have in a cluster, null where
 * none is bound there. More than one only where its namespaces differ or are not known.
 */
export type FindBindings = (ref: StoreRef | null, from: Located) => readonly (StoreBinding | null)[];

const UNBOUND: readonly null[] = [null];

/** Prepares the look-up. A binding that names the namespace goes before one that does not. */
export function createBindingFinder(bindings: readonly StoreBinding[]): FindBindings {
  const byName = new Map<string, readonly StoreBinding[]>();
  for (const one of bindings) byName.set(keyOf(one), [...(byName.get(keyOf(one)) ?? []), one]);
  if (bindings.length === 0) return () => UNBOUND;
  return (ref, { placements }) => {
    const known = ref === null ? [] : (byName.get(keyOf(ref)) ?? []);
    const everywhere = known.find(({ namespace }) => namespace === null) ?? null;
    if (ref?.kind === 'ClusterSecretStore') return [everywhere];
    const bound = placements.flatMap((placement) => {
      // In a namespace that nobody tells, it may be any of them.
      if (placement.namespace === null) return [...known.filter(({ namespace }) => namespace !== null), everywhere];
      return [known.find(({ namespace }) => namespace === placement.namespace) ?? everywhere];
    });
    return [...new Set(bound)];
  };
}

/** The first path binding that matches a file. */
export function bindingOfPath(bindings: readonly PathBinding[], path: RepoPath): PathBinding | null {
  return bindings.find((one) => matchesGlob(one.path, path)) ?? null;
}

function keyOf({ kind, name }: StoreRef): string {
  return JSON.stringify([kind, name]);
}
