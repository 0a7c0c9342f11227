import { sha256Hex } from '../../../domain/digest.ts';
import type { Mapping, SecretPlaces } from '../../../domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../../../domain/repo-path.ts';
import { workloadTokenName } from '../../../domain/workload-token.ts';
import type { IndexedRestartSource } from '../../graph.ts';
import type { ObjectFacts, Placed, SourceReference, StoreFacts } from '../../objects.ts';
import { referenceTo } from '../../reading/kinds/restart-source.ts';
import type { LocatedWorkload } from '../find-consumers.ts';
import { bindingOfPath } from '../places/find-bindings.ts';
import { homeOf, type ResolutionContext, resolveReference } from '../resolve-reference.ts';
import { type LocatedSource, mappedWorkloads } from './source-consumers.ts';

/**
 * The restart sources of a repository (`consumersOf`: with the workloads that each restarts) and of its configuration, resolved. Of
 * the latter the workloads are found among all.
 */
export function linkRestartSources(
  sources: readonly LocatedSource[],
  workloads: readonly LocatedWorkload[],
  consumersOf: (source: LocatedSource) => readonly LocatedWorkload[],
  places: SecretPlaces,
): readonly IndexedRestartSource[] {
  const mappings = places.bindings.mappings ?? [];
  return [
    ...sources.map((object): IndexedRestartSource => {
      const kind = object.kind === 'SecretProviderClass' ? 'provider-class' : 'rotation-mapping';
      const { references, region } = object;
      const context = contextOf(object, { account: null, region }, places);
      return {
        source: { kind, object },
        object,
        tokenName: workloadTokenName(`${object.kind.toLowerCase()}.${object.name}`),
        ...resolveAll(references, context),
        consumers: consumersOf(object),
      };
    }),
    ...mappings.flatMap((mapping, at) => linkMapping(mapping, at, { workloads, places })),
  ];
}

interface Surroundings {
  readonly workloads: readonly LocatedWorkload[];
  readonly places: SecretPlaces;
}

function linkMapping(
  mapping: Mapping,
  at: number,
  { workloads, places }: Surroundings,
): readonly IndexedRestartSource[] {
  const name = `mappings[${at}]`;
  const path = parseRepoPath(name);
  if (path === null) return [];
  const { account, region, secret } = mapping;
  const object = { ...NO_OBJECT, name, path };
  const reference = referenceTo(secret, { field: 'secret', line: 1 }, { service: '', version: '', label: '' });
  return [
    {
      source: { kind: 'mapping', at },
      object: { path, line: 1, kind: 'Mapping', name, resolvedNamespace: null },
      // It has no name, and its place may change: it is known by what it names, which the digest does not tell.
      tokenName: `mapping.${sha256Hex(JSON.stringify([secret, account, region]), 12)}`,
      ...resolveAll([reference], contextOf(object, { account, region }, places)),
      consumers: mappedWorkloads(mapping, workloads),
    },
  ];
}

const NO_OBJECT: Omit<ObjectFacts, 'name'> = {
  document: 0,
  item: null,
  line: 1,
  apiVersion: '',
  kind: 'Mapping',
  namespace: null,
  labels: new Map(),
  annotations: new Map(),
};

type Context = (service: string) => ResolutionContext;

/** What the source says itself takes the place of a store. */
function contextOf(
  object: ObjectFacts & { readonly path: RepoPath },
  said: { readonly account: string | null; readonly region: string | null },
  { accounts, bindings }: SecretPlaces,
): Context {
  return (service) => {
    const store: Placed<StoreFacts> = {
      ...object,
      type: 'store',
      aws: { service, ...said, prefix: '' },
      editedIn: { kind: 'manifest' },
      resolvedNamespace: null,
      roots: [],
      patchedBy: null,
    };
    return {
      stores: [store],
      storeBindings: [null],
      pathBinding: bindingOfPath(bindings.paths, object.path),
      accounts,
      unknownStore: 'match',
      path: object.path,
      namespace: object.namespace,
      filledInBy: null,
    };
  };
}

function resolveAll(references: readonly SourceReference[], context: Context) {
  return {
    references: references.map(({ service, ...reference }) => resolveReference(reference, context(service))),
    // Whatever else it names, the name of a secret alone is one of Secrets Manager.
    home: homeOf(null, context('SecretsManager')),
  };
}
