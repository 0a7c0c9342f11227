import type { SecretPlaces } from '../../../domain/policy.ts';
import type { IndexedExternalSecret } from '../../graph.ts';
import { manifestOf, type StoreRef } from '../../objects.ts';
import { createStoreFinder, type FindStores, type LocatedStore } from '../find-stores.ts';
import { withOrdering } from '../kustomize/built/ordering.ts';
import { chooseObjects, type SharedBases } from '../kustomize/choose-places.ts';
import { filledInBy } from '../kustomize/overlaid.ts';
import type { PlacedObject } from '../kustomize/place-object.ts';
import { bindingOfPath, createBindingFinder, type FindBindings } from '../places/find-bindings.ts';
import { homeOf, resolveReference, type StoreContext } from '../resolve-reference.ts';

interface Finders {
  readonly findStores: FindStores;
  readonly findBindings: FindBindings;
}

/** An ExternalSecret with its place, or a marker. */
export type PlacedSecret = Extract<PlacedObject, { readonly type: 'external-secret' }>;
/** An ExternalSecret with what it means. */
export type ResolvedSecret = { readonly object: PlacedSecret } & Meaning;
type Meaning = Pick<IndexedExternalSecret, 'references' | 'home' | 'written' | 'isAffixed'>;

/** An ExternalSecret as it is edited, a marker as it stands. */
export type ResolveSecret = (written: PlacedSecret) => readonly ResolvedSecret[];

/** Prepares the look-up of stores and bindings. Answers depend on nothing else, and on what kustomizations make of an object. */
export function createResolver(
  stores: readonly LocatedStore[],
  places: SecretPlaces,
  shared: SharedBases,
): ResolveSecret {
  const finders = { findStores: createStoreFinder(stores), findBindings: createBindingFinder(places.bindings.stores) };
  const meaningOf = (object: PlacedSecret) => resolveAll(object, finders, places);
  return (one) => {
    const chosen =
      one.marker === undefined ? chooseSecrets(one, shared, meaningOf) : [{ object: one, ...meaningOf(one) }];
    return chosen.map((each) => {
      const object = withOrdering(each.object);
      return object === each.object ? each : { ...each, object };
    });
  };
}

/** An ExternalSecret as it is edited: once where its references mean the same in all its deployments, else once for each. */
function chooseSecrets(
  object: PlacedSecret,
  shared: SharedBases,
  resolve: (object: PlacedSecret) => Meaning,
): readonly ResolvedSecret[] {
  if (isAlone(object, shared)) return [{ object, ...resolve(object), ...writtenIn(object) }];
  const meanings = new Map<PlacedSecret, Meaning>();
  const meaningOf = (one: PlacedSecret): Meaning => {
    const meaning = meanings.get(one) ?? resolve(one);
    meanings.set(one, meaning);
    return meaning;
  };
  const chosen = chooseObjects(
    object,
    shared,
    {
      split: (one) => secretsAmong(shared.splitter.split(one)),
      parts: (one) => secretsAmong(shared.splitter.parts(one)),
    },
    (one) => wordOf(one, meaningOf(one)),
  );
  const [first] = meanings.values();
  // What all its deployments mean is what it means, whatever could be told of them together.
  const isItself = ({ editedIn }: PlacedSecret) => editedIn.kind === 'manifest';
  return chosen.map((one) => {
    const meaning = isItself(one) && first !== undefined ? first : meaningOf(one);
    return { object: one, ...meaning, ...writtenIn(one) };
  });
}

/** True for what comes to one place in one way, as most do: there is nothing to choose from. */
function isAlone(object: PlacedSecret, { splitter }: SharedBases): boolean {
  return object.placements.length < 2 && object.roots.length < 2 && !splitter.isKeptInOverlay(object);
}

function secretsAmong(objects: readonly PlacedObject[]): readonly PlacedSecret[] {
  return objects.flatMap((one) => (one.type === 'external-secret' ? [one] : []));
}

/** Two deployments of one word are refreshed by the same bump. */
function wordOf(object: PlacedSecret, { references, home }: Meaning): string {
  const { refreshPolicy, refreshInterval, creationPolicy, immutable, generators, store } = object;
  const { wrong: _, ...steering } = object.steering;
  // Who says where a secret is may differ; which secret it is must not.
  const fetched = references.map(({ reference, resolution }) => [
    reference.follows,
    // A patch may write out what the manifest leaves to the default: a pin in the manifest is then without effect there.
    reference.version,
    resolution.kind === 'secret' ? [resolution.ref, resolution.names] : resolution,
  ]);
  const how = [refreshPolicy, refreshInterval, creationPolicy, immutable, generators, steering];
  return JSON.stringify([fetched, home, store, ...how, patchedTarget(object)]);
}

function writtenIn({ written, placements }: PlacedSecret): Pick<IndexedExternalSecret, 'written' | 'isAffixed'> {
  const affixed = placements.some(({ prefix, suffix }) => prefix !== '' || suffix !== '');
  const is = affixed ? { isAffixed: true as const } : {};
  if (written?.type !== 'external-secret') return is;
  const { references, namesTarget, targetName } = written;
  return { written: { references, namesTarget, targetName }, ...is };
}

/** The Secret that it writes, where a patch says so; null where that is what the manifest says. */
function patchedTarget({ written, namesTarget, targetName }: PlacedSecret): string | null {
  if (written?.type !== 'external-secret') return null;
  return written.namesTarget === namesTarget && written.targetName === targetName ? null : targetName;
}

function resolveAll(
  object: PlacedSecret,
  { findStores, findBindings }: Finders,
  { accounts, bindings }: SecretPlaces,
): Meaning {
  const { resolvedNamespace: namespace } = object;
  const path = manifestOf(object);
  const from = path === object.path ? object : { ...object, path };
  const [root] = object.editedIn.kind === 'overlay' ? [object.editedIn.kustomization] : [];
  const pathBinding =
    (root === undefined ? null : bindingOfPath(bindings.paths, root)) ?? bindingOfPath(bindings.paths, path);
  const look = (store: StoreRef | null): StoreContext => ({
    pathBinding,
    accounts,
    unknownStore: bindings.unknownStore,
    path,
    namespace,
    ...storesOf(store, from, { findStores, findBindings }),
  });
  // Most entries of an object share its one store, and neither a look-up nor a map of them is for free.
  const own = look(object.store);
  let known: Map<StoreRef | null, StoreContext> | null = null;
  const through = (store: StoreRef | null): StoreContext => {
    if (store === object.store) return own;
    known ??= new Map();
    const context = known.get(store) ?? look(store);
    known.set(store, context);
    return context;
  };
  return {
    references: object.references.map((reference) =>
      resolveReference(reference, {
        filledInBy: filledInBy(reference, object.overlays),
        ...through(reference.store),
      }),
    ),
    home: homeOf(object.store, own),
  };
}

/** An object that says itself what others have a store for is its own store. */
function storesOf(store: StoreRef | null, from: PlacedSecret, { findStores, findBindings }: Finders) {
  const { ownStore: aws } = from;
  if (aws !== undefined) return { stores: [{ ...from, type: 'store' as const, aws }], storeBindings: [null] };
  return { stores: store === null ? [] : findStores(store, from), storeBindings: findBindings(store, from) };
}
