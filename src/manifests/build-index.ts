import type { KustomizeMode, SecretPlaces } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';
import { secretKey } from '../domain/secret-id.ts';
import type { FileProblem, Index, IndexedExternalSecret } from './graph.ts';
import { chartFolders, chartTemplateProblem, foreignStores, isChartTemplate } from './indexing/chart-template.ts';
import { linkConsumers } from './indexing/cluster/link-consumers.ts';
import type { LocatedWorkload } from './indexing/find-consumers.ts';
import { createStoreFinder, type FindStores } from './indexing/find-stores.ts';
import { withOrdering } from './indexing/kustomize/built/ordering.ts';
import { patchProblems } from './indexing/kustomize/built/patch-problems.ts';
import { chooseObjects, type SharedBases } from './indexing/kustomize/choose-places.ts';
import { chooseWorkloads, withoutPatches, withPatchedPods } from './indexing/kustomize/choose-workloads.ts';
import { filledInBy } from './indexing/kustomize/overlaid.ts';
import type { PlacedObject } from './indexing/kustomize/place-object.ts';
import { markerConsumers, sortMarkers } from './indexing/markers/marker-consumers.ts';
import { placeObjects } from './indexing/place-objects.ts';
import { bindingOfPath, createBindingFinder, type FindBindings } from './indexing/places/find-bindings.ts';
import { homeOf, resolveReference, type StoreContext } from './indexing/resolve-reference.ts';
import { linkRestartSources } from './indexing/sources/restart-sources.ts';
import { findSourceConsumers } from './indexing/sources/source-consumers.ts';
import { type BlobFacts, manifestOf, type StoreRef } from './objects.ts';
import { joinArgoHealth } from './reading/deployers/argo-health.ts';

/** One file that was read. Files without anything of interest belong here too: includes and charts are found by path. */
export interface IndexedFile {
  readonly path: RepoPath;
  readonly facts: BlobFacts;
}

/**
 * Joins the facts of all files of one commit. `problems` are entries that could not be read at all (see `useOfEntry`).
 * Pure, and independent of the order of `files`.
 */
export function buildIndex(
  files: readonly IndexedFile[],
  places: SecretPlaces,
  problems: readonly FileProblem[] = [],
  kustomize: KustomizeMode = 'base',
): Index {
  const { plain, templates, paths } = sortOut(files);
  const { placed, asPatches, patches, changes, splitter, otherDeployers } = placeObjects(plain, files, {
    occupied: problems.map(({ path }) => path),
    origin: places.origin,
  });
  const stores = storesAmong(placed);
  const foreign = foreignStores([...stores, ...templates.flatMap(({ facts }) => storesAmong(facts.objects))]);
  const inCharts = templates.flatMap(({ path, facts }) => chartTemplateProblem(path, facts, foreign) ?? []);
  const finders = { findStores: createStoreFinder(stores), findBindings: createBindingFinder(places.bindings.stores) };
  const shared: SharedBases = { mode: kustomize, splitter };
  const meaningOf = (object: PlacedSecret) => resolveAll(object, finders, places);
  const written = placed.flatMap((one) => (one.type === 'external-secret' ? [one] : []));
  const secrets = placeSecrets(written, shared, meaningOf);
  const objects = secrets.map(({ object }) => object);
  const fetching = sortMarkers(objects);
  const ofPatches = [...asPatches, ...plain.flatMap((file) => problemsOf(file))];
  const restarting = sortMarkers(placed.flatMap((one) => (one.type === 'workload' ? [one] : [])));
  const namespaces = placed.flatMap((one) => (one.type === 'namespace' ? [one] : []));
  const sources = withoutPatches(
    placed.flatMap((one) => (one.type === 'restart-source' ? [one] : [])),
    patches,
  );
  const linksAmong = (some: readonly LocatedWorkload[]) => linkConsumers(fetching.objects, some, namespaces);
  const fedAmong = (some: readonly LocatedWorkload[]) => {
    const linksOf = linksAmong(some);
    return [...fetching.objects.map((one) => linksOf(one).consumers), ...findSourceConsumers(sources, some).values()];
  };
  const choices = withPatchedPods(chooseWorkloads(restarting.objects, fedAmong, shared));
  const chosen = withoutPatches(choices, patches).map((one) => withOrdering(one));
  const linksOf = linksAmong(chosen);
  const following = markerConsumers(fetching.markers, restarting.markers);
  const externalSecrets = secrets.map((one): IndexedExternalSecret => {
    const consumers = following.get(one.object);
    return { ...one, ...(consumers === undefined ? linksOf(one.object) : { consumers }) };
  });
  const restartSources = linkRestartSources(sources, chosen, places);
  return {
    externalSecrets,
    workloads: [...chosen, ...restarting.markers],
    stores,
    kustomizations: placed.flatMap((one) => (one.type === 'kustomization' ? [one] : [])),
    problems: sortProblems([
      ...problems,
      ...inCharts,
      ...patchProblems(ofPatches, { patches, changes, chosen: objects }),
    ]),
    otherDeployers,
    argoHealth: argoHealthOf(plain),
    paths,
    bySecret: invert(externalSecrets),
    restartSources,
    sourcesBySecret: invert(restartSources),
  };
}

/** Files in the order of their paths, templates of Helm charts by themselves: those are only good for problems. */
function sortOut(files: readonly IndexedFile[]) {
  const charts = chartFolders(files.map(({ path }) => path));
  const sorted = files.toSorted((left, right) => compare(left.path, right.path));
  const isTemplate = ({ path }: IndexedFile): boolean => isChartTemplate(path, charts);
  return {
    plain: sorted.filter((file) => !isTemplate(file)),
    templates: sorted.filter((file) => isTemplate(file)),
    paths: sorted.map(({ path }) => path),
  };
}

function storesAmong<T extends { readonly type: string }>(objects: readonly T[]) {
  return objects.filter((one): one is Extract<T, { readonly type: 'store' }> => one.type === 'store');
}

interface Finders {
  readonly findStores: FindStores;
  readonly findBindings: FindBindings;
}

function argoHealthOf(files: readonly IndexedFile[]): Index['argoHealth'] {
  return joinArgoHealth(files.flatMap(({ facts }) => (facts.configMaps ?? []).map(({ argoHealth }) => argoHealth)));
}

type PlacedSecret = Extract<PlacedObject, { readonly type: 'external-secret' }>;
type ResolvedSecret = { readonly object: PlacedSecret } & Meaning;
type Meaning = Pick<IndexedExternalSecret, 'references' | 'home' | 'written' | 'isAffixed'>;

/** All ExternalSecrets as they are edited, markers as they stand. */
function placeSecrets(
  written: readonly PlacedSecret[],
  shared: SharedBases,
  meaningOf: (object: PlacedSecret) => Meaning,
): readonly ResolvedSecret[] {
  return written
    .flatMap((one) =>
      one.marker === undefined ? chooseSecrets(one, shared, meaningOf) : [{ object: one, ...meaningOf(one) }],
    )
    .map((one) => ({ ...one, object: withOrdering(one.object) }));
}

/** An ExternalSecret as it is edited: once where its references mean the same in all its deployments, else once for each. */
function chooseSecrets(
  object: PlacedSecret,
  shared: SharedBases,
  resolve: (object: PlacedSecret) => Meaning,
): readonly ResolvedSecret[] {
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
  const from = { ...object, path };
  const [root] = object.editedIn.kind === 'overlay' ? [object.editedIn.kustomization] : [];
  const pathBinding =
    (root === undefined ? null : bindingOfPath(bindings.paths, root)) ?? bindingOfPath(bindings.paths, path);
  const look = (store: StoreRef | null): StoreContext => ({
    ...storesOf(store, from, { findStores, findBindings }),
    pathBinding,
    accounts,
    unknownStore: bindings.unknownStore,
    path,
    namespace,
  });
  // Most entries of an object share its one store, and a look-up is not for free.
  const known = new Map<StoreRef | null, StoreContext>();
  const through = (store: StoreRef | null): StoreContext => {
    const context = known.get(store) ?? look(store);
    known.set(store, context);
    return context;
  };
  return {
    references: object.references.map((reference) =>
      resolveReference(reference, {
        ...through(reference.store),
        filledInBy: filledInBy(reference, object.overlays),
      }),
    ),
    home: homeOf(object.store, through(object.store)),
  };
}

/** An object that says itself what others have a store for is its own store. */
function storesOf(store: StoreRef | null, from: PlacedSecret, { findStores, findBindings }: Finders) {
  const { ownStore: aws } = from;
  if (aws !== undefined) return { stores: [{ ...from, type: 'store' as const, aws }], storeBindings: [null] };
  return { stores: store === null ? [] : findStores(store, from), storeBindings: findBindings(store, from) };
}

function invert(namers: readonly Pick<IndexedExternalSecret, 'references'>[]): Index['bySecret'] {
  const bySecret = new Map<string, number[]>();
  for (const [at, { references }] of namers.entries()) {
    const secrets = references.flatMap(({ resolution }) => (resolution.kind === 'secret' ? [resolution] : []));
    const keys = new Set(secrets.flatMap(({ ref, names }) => names.map((name) => secretKey({ ...ref, name }))));
    for (const key of keys) {
      const positions = bySecret.get(key);
      if (positions === undefined) bySecret.set(key, [at]);
      else positions.push(at);
    }
  }
  return bySecret;
}

function problemsOf({ path, facts }: IndexedFile): readonly FileProblem[] {
  return facts.unreadable.map((one) => ({ ...one, path, text: one.excerpt ?? facts.text }));
}

function sortProblems(problems: readonly FileProblem[]): readonly FileProblem[] {
  return problems.toSorted(
    (left, right) =>
      compare(left.path, right.path) || (left.line ?? 0) - (right.line ?? 0) || compare(left.message, right.message),
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
