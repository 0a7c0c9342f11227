import { folderOf } from '../../domain/repo-path.ts';
import type { Placed, StoreFacts, StoreRef } from '../objects.ts';
import { createNeighbours, effectiveNames, type Located, sameBuild } from './placement.ts';

/** A store with its placements. */
export type LocatedStore = Placed<StoreFacts> & Located;

/** Finds the stores that a reference may mean: none, one, or several that say different things. */
export type FindStores = (ref: StoreRef, from: Located) => readonly Placed<StoreFacts>[];

/** Stores of one name, and what they say differently. */
interface Namesakes {
  readonly stores: readonly LocatedStore[];
  readonly distinct: readonly LocatedStore[];
}

/**
 * Prepares the look-up. A SecretStore is looked for in the same namespace, then (where a namespace is unknown) in the same
 * folder tree, then by name alone; a ClusterSecretStore in the same build, then by name.
 */
export function createStoreFinder(stores: readonly LocatedStore[]): FindStores {
  const near = createNeighbours(stores, keysOf);
  const order = new Map(stores.map((store, at) => [store, at]));
  const inOrder = (found: readonly LocatedStore[]) =>
    found.toSorted((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0));
  const all = groupByName(stores);
  const unplaced = groupByName(stores.filter((store) => !isPlaced(store)));
  return (ref, from) => {
    const key = keyOf(ref);
    if (ref.kind === 'ClusterSecretStore') return narrow(all.get(key), (store) => sameBuild(store, from));
    const found = near.find(key, from);
    if (found.length > 0) return distinct(found.length === 1 ? found : inOrder(found));
    return narrow(isPlaced(from) ? unplaced.get(key) : all.get(key), (store) => sameTree(store, from));
  };
}

/** Nearness is asked only where it matters: where namesakes differ. */
function narrow(namesakes: Namesakes | undefined, isNear: (store: LocatedStore) => boolean): readonly LocatedStore[] {
  if (namesakes === undefined || namesakes.distinct.length < 2) return namesakes?.distinct ?? [];
  const near = distinct(namesakes.stores.filter(isNear));
  return near.length > 0 ? near : namesakes.distinct;
}

/** The first store of each different meaning. */
function distinct(stores: readonly LocatedStore[]): readonly LocatedStore[] {
  const byMeaning = new Map<string, LocatedStore>();
  for (const store of stores) {
    const meaning = JSON.stringify(store.aws);
    if (!byMeaning.has(meaning)) byMeaning.set(meaning, store);
  }
  return [...byMeaning.values()];
}

function groupByName(stores: readonly LocatedStore[]): ReadonlyMap<string, Namesakes> {
  const groups = new Map<string, LocatedStore[]>();
  for (const store of stores) {
    for (const key of keysOf(store)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [store]);
      else group.push(store);
    }
  }
  return new Map([...groups].map(([key, group]) => [key, { stores: group, distinct: distinct(group) }]));
}

/**
 * Kustomize puts its prefixes before a store's name, and leaves what refers to it as it is written, unless it was configured to
 * know such references: so a store is found under both names.
 */
function keysOf({ kind, name, placements }: LocatedStore): readonly string[] {
  return [...new Set([name, ...effectiveNames(name, placements)])].map((one) => keyOf({ kind, name: one }));
}

function keyOf({ kind, name }: StoreRef): string {
  return `${kind.length} ${kind}${name}`;
}

function isPlaced({ placements }: Located): boolean {
  return placements.every(({ namespace }) => namespace !== null);
}

function sameTree(one: Located, other: Located): boolean {
  const left = `${folderOf(one.path)}/`;
  const right = `${folderOf(other.path)}/`;
  return left.startsWith(right) || right.startsWith(left);
}
