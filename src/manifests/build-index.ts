import type { SecretPlaces } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';
import { secretKey } from '../domain/secret-id.ts';
import type { FileProblem, Index, IndexedExternalSecret } from './graph.ts';
import { chartFolders, chartTemplateProblem, isChartTemplate } from './indexing/chart-template.ts';
import { findConsumers, type LocatedExternalSecret } from './indexing/find-consumers.ts';
import { createStoreFinder, type FindStores } from './indexing/find-stores.ts';
import { filledInBy } from './indexing/kustomize/overlaid.ts';
import { type PlacedObject, placeObjects } from './indexing/place-objects.ts';
import { bindingOfPath, createBindingFinder, type FindBindings } from './indexing/places/find-bindings.ts';
import { homeOf, resolveReference, type StoreContext } from './indexing/resolve-reference.ts';
import type { BlobFacts, StoreRef } from './objects.ts';

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
): Index {
  const { plain, templates } = sortOut(files);
  const { placed, asPatches } = placeObjects(plain, files);
  const located = {
    externalSecrets: placed.flatMap((one) => (one.type === 'external-secret' ? [one] : [])),
    workloads: placed.flatMap((one) => (one.type === 'workload' ? [one] : [])),
    stores: placed.flatMap((one) => (one.type === 'store' ? [one] : [])),
  };
  const finders = {
    findStores: createStoreFinder(located.stores),
    findBindings: createBindingFinder(places.bindings.stores),
  };
  const consumers = findConsumers(located.externalSecrets, located.workloads);
  const externalSecrets = located.externalSecrets.map(
    (object): IndexedExternalSecret => ({
      object,
      ...resolveAll(object, finders, places),
      consumers: consumers.get(object) ?? [],
    }),
  );
  return {
    externalSecrets,
    workloads: located.workloads,
    stores: located.stores,
    kustomizations: placed.flatMap((one) => (one.type === 'kustomization' ? [one] : [])),
    problems: sortProblems([...problems, ...templates, ...asPatches, ...plain.flatMap((file) => problemsOf(file))]),
    bySecret: invert(externalSecrets),
  };
}

/** Files in the order of their paths; those that are templates of Helm charts are only good for problems. */
function sortOut(files: readonly IndexedFile[]) {
  const charts = chartFolders(files.map(({ path }) => path));
  const sorted = files.toSorted((left, right) => compare(left.path, right.path));
  const isTemplate = ({ path }: IndexedFile): boolean => isChartTemplate(path, charts);
  return {
    plain: sorted.filter((file) => !isTemplate(file)),
    templates: sorted
      .filter((file) => isTemplate(file))
      .flatMap(({ path, facts }) => chartTemplateProblem(path, facts) ?? []),
  };
}

interface Finders {
  readonly findStores: FindStores;
  readonly findBindings: FindBindings;
}

function resolveAll(
  object: LocatedExternalSecret & Pick<PlacedObject, 'overlays'>,
  { findStores, findBindings }: Finders,
  { accounts, bindings }: SecretPlaces,
): Pick<IndexedExternalSecret, 'references' | 'home'> {
  const pathBinding = bindingOfPath(bindings.paths, object.path);
  const { path, resolvedNamespace: namespace } = object;
  const look = (store: StoreRef | null): StoreContext => ({
    stores: store === null ? [] : findStores(store, object),
    storeBindings: findBindings(store, object),
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

function invert(externalSecrets: readonly IndexedExternalSecret[]): Index['bySecret'] {
  const bySecret = new Map<string, number[]>();
  for (const [at, { references }] of externalSecrets.entries()) {
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
  return facts.unreadable.map((one) => ({ ...one, path, text: facts.text }));
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
