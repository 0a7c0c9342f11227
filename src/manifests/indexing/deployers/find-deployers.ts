import { plainText } from '../../../domain/plain-text.ts';
import type { RepositoryOrigin } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { BlobFacts, DeployerFacts } from '../../objects.ts';
import { type Plain, readPlain } from '../../reading/kustomize/plain-value.ts';
import { describeObject, groupOf } from '../../reading/object-header.ts';
import type { KustomizeNode } from '../kustomize/kustomize-graph.ts';
import type { FactsByPath } from '../kustomize/overlays.ts';
import { applicationsOf, generatedFrom, templateOf } from './argo/application-set.ts';
import { readApplication, sourcesOf } from './argo/read-application.ts';
import { type Deployer, folderAt, type OtherDeployer, type Source } from './deployer.ts';
import type { FolderTree } from './folder-tree.ts';
import { withFluxGates } from './gates/flux-gates.ts';
import { createPatchFinder, patchesDeployers } from './patched-deployers.ts';
import { textAt } from './plain-fields.ts';
import { gitSourceOf, readFluxKustomization } from './read-flux-kustomization.ts';
import { findSources, type SourceUse } from './repository-url.ts';

/** The files that may hold deployers, and what is needed to tell what those deploy. */
export interface DeployerContext {
  readonly files: readonly { readonly path: RepoPath; readonly facts: BlobFacts }[];
  readonly nodes: readonly KustomizeNode[];
  readonly facts: FactsByPath;
  readonly tree: FolderTree;
  readonly origin: RepositoryOrigin | undefined;
}

/** What Argo CD and Flux deploy from this repository, as its own files say it. */
export interface Deployers {
  readonly deployers: readonly Deployer[];
  readonly others: readonly OtherDeployer[];
}

interface Written {
  readonly object: DeployerFacts;
  readonly manifest: RepoPath;
  readonly spec: Plain;
  /** In words, with its file. */
  readonly name: string;
}

const SKIP_RECONCILE = 'argocd.argoproj.io/skip-reconcile';
const MAX_DEPLOYERS = 20_000;

/** Finds them; whatever is not certain is no deployer, and named with the reason. */
export function findDeployers(context: DeployerContext): Deployers {
  const written = context.files.flatMap(({ path, facts }) =>
    facts.objects.flatMap((object) => (object.type === 'deployer' ? [asWritten(object, path)] : [])),
  );
  const findGit = createGitFinder(written);
  const sources = findSources(
    context.origin,
    written.flatMap((one) => usesOf(one, findGit)),
    context.tree.has,
  );
  const findPatch = createPatchFinder(context.nodes, context.facts);
  const found = written.flatMap((one): readonly (Deployer | OtherDeployer)[] => {
    const { object, name, manifest, spec } = one;
    if (object.kind === 'GitRepository') return [];
    const by = findPatch(manifest);
    if (object.spec === null) return [unresolved(one, 'It cannot be read, or is too large.')];
    if (by !== null) return [unresolved(one, `Kustomize may patch it: ${by}.`)];
    if (object.kind === 'ApplicationSet')
      return applicationsOf({ name, manifest, spec }, { sources, tree: context.tree });
    if (isFlux(one)) return [readFluxKustomization({ name, manifest, spec, source: findGit(one) }, sources)];
    const isPaused = object.annotations.get(SKIP_RECONCILE) === 'true';
    return readApplication({ name, manifest, spec, isPaused }, sources);
  });
  const { deployers, others } = withoutPatched(uniquelyNamed(found).slice(0, MAX_DEPLOYERS));
  return {
    deployers: withFluxGates(
      deployers,
      written.filter((one) => isFlux(one)),
    ),
    others,
  };
}

function asWritten(object: DeployerFacts, manifest: RepoPath): Written {
  const what = `${groupOf(object.apiVersion).endsWith('fluxcd.io') ? 'Flux' : 'Argo CD'} ${describeObject(object)}`;
  const name = `${plainText(what, 200)} (${manifest})`;
  return { object, manifest, spec: object.spec === null ? null : readPlain(object.spec), name };
}

function isFlux({ object }: Written): boolean {
  return object.kind === 'Kustomization';
}

function unresolved({ name, manifest }: Written, reason: string): OtherDeployer {
  return { kind: 'unresolved', name, manifest, reason };
}

/** Looks a Flux Kustomization's source up: by name, and by namespace where both are said. */
function createGitFinder(written: readonly Written[]): (flux: Written) => Source | null {
  const byName = new Map<string, Written[]>();
  for (const one of written) {
    if (one.object.kind !== 'GitRepository') continue;
    const known = byName.get(one.object.name);
    if (known === undefined) byName.set(one.object.name, [one]);
    else known.push(one);
  }
  return ({ object, spec }) => {
    if (textAt(spec, 'sourceRef', 'kind') !== 'GitRepository') return null;
    const namespace = textAt(spec, 'sourceRef', 'namespace') ?? object.namespace;
    const named = byName.get(textAt(spec, 'sourceRef', 'name') ?? '') ?? [];
    const fitting = named.filter((one) => [null, namespace].includes(one.object.namespace) || namespace === null);
    const sources = new Map(
      fitting.flatMap((one) => {
        const source = gitSourceOf(one.spec);
        return source === null ? [] : [[JSON.stringify(source), source] as const];
      }),
    );
    const [only = null] = sources.values();
    return sources.size === 1 ? only : null;
  };
}

/** Which folders of which repositories are spoken of. */
function usesOf(one: Written, findGit: (flux: Written) => Source | null): readonly SourceUse[] {
  const { object, spec } = one;
  if (object.kind === 'GitRepository') return [];
  if (isFlux(one)) {
    const source = findGit(one);
    return source === null ? [] : [{ source, folder: folderAt(textAt(spec, 'path') ?? '') }];
  }
  const isSet = object.kind === 'ApplicationSet';
  const from = sourcesOf(isSet ? templateOf(spec) : spec).map((source) => ({
    url: textAt(source, 'chart') === null ? textAt(source, 'repoURL') : null,
    folder: folderAt(textAt(source, 'path') ?? ''),
  }));
  return [...from, ...(isSet ? generatedFrom(spec).map((url) => ({ url, folder: null })) : [])].flatMap(
    ({ url, folder }) => (url === null || url.includes('{{') ? [] : [{ source: { url, revision: null }, folder }]),
  );
}

/** By its name a deployment is told from every other. */
function uniquelyNamed(found: readonly (Deployer | OtherDeployer)[]): readonly (Deployer | OtherDeployer)[] {
  const counts = new Map<string, number>();
  return found.map((one) => {
    if (one.kind !== 'deploys') return one;
    const { name } = one.deployment;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? one : { ...one, deployment: numbered(one.deployment, count) };
  });
}

/** Two Applications of one name are not one. */
function numbered(deployment: Deployer['deployment'], count: number): Deployer['deployment'] {
  const { name, gate } = deployment;
  const number = `, number ${count}`;
  const apart = gate?.kind === 'argo-cd' ? { gate: { ...gate, application: `${gate.application}${number}` } } : {};
  return { ...deployment, name: `${name}${number}`, ...apart };
}

/** A deployer may patch those whose manifests it deploys: then what they say is not what is applied. */
function withoutPatched(found: readonly (Deployer | OtherDeployer)[]): Deployers {
  const all = found.flatMap((one) => (one.kind === 'deploys' ? [one] : []));
  const patching = all.filter(({ patches }) => patches.some((patch) => patchesDeployers(patch, null)));
  const patcherOf = ({ deployment: { manifest, name } }: Deployer) =>
    patching.find(({ folder, deployment }) => {
      return deployment.name !== name && (folder === '' || manifest.startsWith(`${folder}/`));
    });
  const patched = new Map(all.flatMap((one) => patcherOf(one)?.deployment.name ?? []).map((name) => [name, true]));
  if (patched.size === 0) {
    return { deployers: all, others: found.flatMap((one) => (one.kind === 'deploys' ? [] : [one])) };
  }
  return {
    deployers: all.filter((one) => patcherOf(one) === undefined),
    others: found.flatMap((one): readonly OtherDeployer[] => {
      if (one.kind !== 'deploys') return [one];
      const by = patcherOf(one);
      const { name, manifest } = one.deployment;
      return by === undefined
        ? []
        : [{ kind: 'unresolved', name, manifest, reason: `It may be patched by ${by.deployment.name}.` }];
    }),
  };
}
