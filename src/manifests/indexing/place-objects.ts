import { plainText } from '../../domain/plain-text.ts';
import type { RepositoryOrigin } from '../../domain/policy.ts';
import type { RepoPath } from '../../domain/repo-path.ts';
import { isOverlayFile } from '../edit/overlay/overlay-file.ts';
import type { FileProblem } from '../graph.ts';
import type { BlobFacts, Facts } from '../objects.ts';

import type { OtherDeployer } from './deployers/deployer.ts';
import { type Deployers, findDeployers } from './deployers/find-deployers.ts';
import { createFolderTree } from './deployers/folder-tree.ts';
import { placeDeployed } from './deployers/place-deployed.ts';
import { findGenerated } from './kustomize/built/generated-secrets.ts';
import { findScalers } from './kustomize/built/scale-workloads.ts';
import {
  type KustomizeNode,
  linkKustomizations,
  patchFilesOf,
  placeFiles,
  type Scalers,
} from './kustomize/kustomize-graph.ts';
import { findOverlays, type Overlay, overlaysIn, patchesOf } from './kustomize/overlays.ts';
import { type PlacedObject, placeObject } from './kustomize/place-object.ts';
import { createSplitter, type Splitter } from './kustomize/split-object.ts';
import type { Placement } from './placement.ts';
import { kustomizationRank } from './tree-entry.ts';

interface File {
  readonly path: RepoPath;
  readonly facts: BlobFacts;
}

export interface PlacedObjects {
  readonly placed: readonly PlacedObject[];
  readonly asPatches: readonly FileProblem[];
  /** Files that are patches and nothing else, and everything that some kustomization changes. */
  readonly patches: ReadonlySet<RepoPath>;
  readonly changes: readonly Overlay[];
  readonly splitter: Splitter;
  /** What deploys, but not what is here, or nobody can tell what. */
  readonly otherDeployers: readonly OtherDeployer[];
}

/** Beside the files: paths of what cannot be read, and which repository this is, where that is known. */
export interface Surroundings {
  readonly occupied: readonly RepoPath[];
  readonly origin: RepositoryOrigin | undefined;
}

/**
 * Every object of `files` with its place; `all` are all files that an include can mean. An ExternalSecret in a file that is only a patch is no object: what it names is left as a problem. Nothing in our own
 * patch files is an object.
 */
export function placeObjects(
  files: readonly File[],
  all: readonly File[],
  { occupied, origin }: Surroundings,
): PlacedObjects {
  const kustomizations = files.flatMap(({ path, facts }) => {
    const [first] = kustomizationRank(path) === null ? [] : facts.objects.filter((one) => one.type === 'kustomization');
    return first === undefined ? [] : [{ path, facts: first }];
  });
  const paths = new Set(all.map(({ path }) => path));
  const nodes = linkKustomizations(kustomizations, paths);
  const byPath = new Map(all.map(({ path, facts }) => [path, facts]));
  const patches = onlyPatches(nodes, paths);
  const manifests = files.filter(({ path }) => !patches.has(path));
  const deployed = findDeployed(manifests, paths, { nodes, facts: byPath, origin });
  const placements = placeDeployedFiles(nodes, paths, deployed, findScalers(nodes, byPath));
  const generated = findGenerated(nodes, placements);
  const changes = new Map(nodes.map((node) => [node, overlaysIn(node, byPath)]));
  const overlays = withDeployers(findOverlays(nodes, changes), placements, deployed, byPath);
  const isPartial = (object: Facts, path: RepoPath) =>
    isOverlayFile(path) || (object.type === 'external-secret' && object.marker === undefined && patches.has(path));
  const placed = files.flatMap(({ path, facts }) =>
    facts.objects
      .filter((object) => object.type !== 'kustomization' || kustomizationRank(path) !== null)
      .filter((object) => !isPartial(object, path))
      .map((object) =>
        placeObject(object, path, { placements: placements.get(path), overlays: overlays.get(path), generated }),
      ),
  );
  return {
    placed,
    patches,
    changes: [...changes.values()].flat(),
    asPatches: files.flatMap((file) => (patches.has(file.path) ? patchProblem(file) : [])),
    splitter: createSplitter(placed, { nodes, placements, generated, patches, files: all, occupied }),
    otherDeployers: deployed.others,
  };
}

type Found = Deployers & { readonly tree: ReturnType<typeof createFolderTree> };

/** Most repositories that are read have none: then nothing is sorted into folders. */
function findDeployed(
  files: readonly File[],
  paths: ReadonlySet<RepoPath>,
  context: Pick<Parameters<typeof findDeployers>[0], 'nodes' | 'facts' | 'origin'>,
): Found {
  const isAny = files.some(({ facts }) => facts.objects.some(({ type }) => type === 'deployer'));
  const tree = createFolderTree(isAny ? paths : []);
  return { ...(isAny ? findDeployers({ ...context, files, tree }) : { deployers: [], others: [] }), tree };
}

function placeDeployedFiles(
  nodes: readonly KustomizeNode[],
  paths: ReadonlySet<RepoPath>,
  { deployers, tree }: Found,
  scalers: Scalers,
): ReadonlyMap<RepoPath, readonly Placement[]> {
  const { starts, loose } = placeDeployed(deployers, nodes, tree);
  const placements = placeFiles(nodes, paths, starts, scalers);
  if (loose.size === 0) return placements;
  return new Map([
    ...placements,
    ...[...loose].map(([path, own]) => [path, [...(placements.get(path) ?? []), ...own]] as const),
  ]);
}

/** What kustomizations change, and what is changed around them by what deploys them. */
function withDeployers(
  overlays: ReadonlyMap<RepoPath, readonly Overlay[]>,
  placements: ReadonlyMap<RepoPath, readonly Placement[]>,
  { deployers }: Found,
  facts: ReadonlyMap<RepoPath, BlobFacts>,
): ReadonlyMap<RepoPath, readonly Overlay[]> {
  const patching = new Map(
    deployers.flatMap(({ deployment: { name, manifest }, patches }) => {
      const own = patchesOf({ path: manifest, facts: { patches } }, facts).map((one) => ({ ...one, deployer: name }));
      return own.length === 0 ? [] : [[name, own] as const];
    }),
  );
  if (patching.size === 0) return overlays;
  const joined = new Map(overlays);
  for (const [path, own] of placements) {
    const names = new Set(own.flatMap(({ deployer }) => deployer?.name ?? []));
    const more = [...names].flatMap((name) => patching.get(name) ?? []);
    if (more.length > 0) joined.set(path, [...(joined.get(path) ?? []), ...more]);
  }
  return joined;
}

function onlyPatches(nodes: readonly KustomizeNode[], paths: ReadonlySet<RepoPath>): ReadonlySet<RepoPath> {
  const resources = new Set(nodes.flatMap(({ files }) => files));
  return new Set(nodes.flatMap((node) => patchFilesOf(node, paths)).filter((path) => !resources.has(path)));
}

/** The keys that a patch brings; where, it does not say. */
function patchProblem({ path, facts }: File): readonly FileProblem[] {
  const secrets = facts.objects.flatMap((one) =>
    one.type === 'external-secret' && one.marker === undefined ? [one] : [],
  );
  const references = secrets.flatMap((one) => one.references);
  const [first] = references;
  if (first === undefined) return [];
  const text = references.map((reference) => `${reference.kind}: ${reference.key}`).join('\n');
  const [{ kind, name } = { kind: 'ExternalSecret', name: '' }] = secrets;
  const object = plainText(`${kind} ${name}`, 300);
  const message = `a Kustomize patch of ${object}: what it becomes depends on what it is applied to`;
  return [{ path, code: 'unsupported-kind', message, line: first.line, text, isPatch: true }];
}
