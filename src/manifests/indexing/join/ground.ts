import type { RepositoryOrigin } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import { OVERLAY_FILE } from '../../edit/overlay/overlay-file.ts';
import type { BlobFacts } from '../../objects.ts';
import type { OtherDeployer } from '../deployers/deployer.ts';
import { type Deployers, findDeployers } from '../deployers/find-deployers.ts';
import { createFolderTree, type FolderTree } from '../deployers/folder-tree.ts';
import { type Deployed, placeDeployed } from '../deployers/place-deployed.ts';
import { findGenerated, type GeneratedSecrets } from '../kustomize/built/generated-secrets.ts';
import {
  type KustomizationFile,
  type KustomizeNode,
  linkKustomizations,
  namedFiles,
  patchFilesOf,
  placeFiles,
} from '../kustomize/kustomize-graph.ts';
import { type FactsByPath, findOverlays, type Overlay, patchesOf } from '../kustomize/overlays.ts';
import type { PlacedObject } from '../kustomize/place-object.ts';
import { createSplitter, type Splitter } from '../kustomize/split-object.ts';
import type { Placement } from '../placement.ts';
import { kustomizationRank } from '../tree-entry.ts';

/** One file that was read. */
export interface File {
  readonly path: RepoPath;
  readonly facts: BlobFacts;
}

/**
 * What kustomizations and deployers make of the files of a repository: everything that placing one of them needs of the others. It
 * outlives commits that change none of what it was made from (see `reachOf`); files that nothing names may come and go.
 */
export interface Ground {
  /** Files that are patches and nothing else, and everything that some kustomization changes. */
  readonly patches: ReadonlySet<RepoPath>;
  readonly changes: readonly Overlay[];
  readonly placements: Map<RepoPath, readonly Placement[]>;
  readonly overlaysOf: (path: RepoPath) => readonly Overlay[] | undefined;
  readonly generated: GeneratedSecrets;
  readonly splitter: Splitter;
  /** What deploys, but not what is here, or nobody can tell what. */
  readonly otherDeployers: readonly OtherDeployer[];
  readonly deployed: Deployed;
  /** The folders that there were; null where nothing here deploys. */
  readonly tree: FolderTree | null;
  /** Paths that kustomizations name as resources, and those that they or deployers name as patches and the like. */
  readonly named: ReadonlySet<string>;
  readonly steering: ReadonlySet<string>;
  /** True where replacements take values, from whatever ConfigMap there is. */
  readonly takesValues: boolean;
  /** False where some limit left out what would have been looked at. */
  readonly isWhole: () => boolean;
}

/** What a ground is laid from. */
export interface GroundPlan {
  /** Those that say something, but for templates of charts, in the order of their paths. */
  readonly plain: readonly File[];
  /** All files that an include can mean. */
  readonly byPath: ReadonlyMap<string, File>;
  readonly paths: readonly RepoPath[];
  /** Paths of what cannot be read. */
  readonly occupied: readonly RepoPath[];
  /** Which repository this is, where that is known. */
  readonly origin: RepositoryOrigin | undefined;
  /** All objects as they are placed, whenever they are asked for. */
  readonly placed: () => Iterable<PlacedObject>;
}

/** Lays the ground of a whole repository. */
export function layGround({ plain, byPath, paths, occupied, origin, placed }: GroundPlan): Ground {
  const { nodes, named } = linkKustomizations(kustomizationsAmong(plain), byPath);
  const steering = new Set(nodes.flatMap((node) => namedFiles(node)));
  const patches = onlyPatches(nodes, byPath);
  const facts: FactsByPath = { has: (path) => byPath.has(path), get: (path) => byPath.get(path)?.facts };
  const found = findDeployed(plain, { nodes, facts, origin, patches, paths });
  const deployed = placeDeployed(found.deployers, nodes, found.tree ?? NO_TREE);
  const { placements, isWhole } = placeFiles(nodes, byPath, deployed.starts);
  for (const [path, own] of deployed.loose) placements.set(path, [...(placements.get(path) ?? []), ...own]);
  const generated = findGenerated(nodes, placements);
  const { byFile, byKustomization } = findOverlays(nodes, facts);
  for (const one of namedByDeployers(found)) steering.add(one);
  const takesValues = [...byKustomization.values()].some((overlays) => overlays.some(takesValue));
  const isAsked = ({ path, facts: { configMaps } }: File) => isOurs(path) || (takesValues && configMaps !== undefined);
  const splitter = createSplitter(placed, {
    nodes,
    placements,
    generated,
    patches,
    files: paths.some(isOurs) || takesValues ? [...byPath.values()].filter(isAsked) : [],
    occupied,
    overlays: byKustomization,
  });
  return {
    patches,
    changes: [...byKustomization.values()].flat(),
    placements,
    overlaysOf: overlayFinder(byFile, placements, overlaysOfDeployers(found, facts)),
    generated,
    splitter,
    otherDeployers: found.others,
    deployed,
    tree: found.tree,
    named,
    steering,
    takesValues,
    isWhole: () => isWhole && deployed.isWhole() && splitter.isAllLookedAt(),
  };
}

function kustomizationsAmong(files: readonly File[]): readonly KustomizationFile[] {
  const found: KustomizationFile[] = [];
  for (const { path, facts } of files) {
    if (facts.objects.length === 0 || kustomizationRank(path) === null) continue;
    const first = facts.objects.find((one) => one.type === 'kustomization');
    if (first?.type === 'kustomization') found.push({ path, facts: first });
  }
  return found;
}

type Found = Deployers & { readonly tree: FolderTree | null };

const NO_TREE = createFolderTree([]);

interface Surroundings {
  readonly nodes: readonly KustomizeNode[];
  readonly facts: FactsByPath;
  readonly origin: RepositoryOrigin | undefined;
  readonly patches: ReadonlySet<RepoPath>;
  readonly paths: Iterable<RepoPath>;
}

/** Most repositories that are read have none: then nothing is sorted into folders. */
function findDeployed(files: readonly File[], { patches, paths, ...context }: Surroundings): Found {
  const isDeploying = ({ path, facts: { objects } }: File) =>
    objects.some(({ type }) => type === 'deployer') && !patches.has(path);
  const deploying = files.filter((file) => isDeploying(file));
  if (deploying.length === 0) return { deployers: [], others: [], tree: null };
  const tree = createFolderTree(paths);
  return { ...findDeployers({ ...context, files: deploying, tree }), tree };
}

/** What deployers change around kustomizations, by their names. */
function overlaysOfDeployers({ deployers }: Found, facts: FactsByPath): ReadonlyMap<string, readonly Overlay[]> {
  return new Map(
    deployers.flatMap(({ deployment: { name, manifest }, patches }) => {
      if (patches.length === 0) return [];
      const own = patchesOf({ path: manifest, facts: { patches } }, facts).map((one) => ({ ...one, deployer: name }));
      return own.length === 0 ? [] : [[name, own] as const];
    }),
  );
}

function namedByDeployers({ deployers }: Found): readonly string[] {
  return deployers.flatMap(({ deployment: { manifest }, patches }) =>
    patches.length === 0 ? [] : namedFiles({ path: manifest, facts: { patches, replacementFiles: [] } }),
  );
}

function overlayFinder(
  byFile: ReadonlyMap<RepoPath, readonly Overlay[]>,
  placements: ReadonlyMap<RepoPath, readonly Placement[]>,
  patching: ReadonlyMap<string, readonly Overlay[]>,
): Ground['overlaysOf'] {
  if (patching.size === 0) return (path) => byFile.get(path);
  return (path) => {
    const own = byFile.get(path);
    const names = new Set((placements.get(path) ?? []).flatMap(({ deployer }) => deployer?.name ?? []));
    const more = [...names].flatMap((name) => patching.get(name) ?? []);
    return more.length === 0 ? own : [...(own ?? []), ...more];
  };
}

function onlyPatches(nodes: readonly KustomizeNode[], paths: Pick<Map<string, unknown>, 'has'>): ReadonlySet<RepoPath> {
  const patches = nodes.flatMap((node) => patchFilesOf(node, paths));
  if (patches.length === 0) return new Set();
  const resources = new Set(nodes.flatMap(({ files }) => files));
  return new Set(patches.filter((path) => !resources.has(path)));
}

/** True for our patch files, and what lies where one would be. */
function isOurs(path: RepoPath): boolean {
  return path.includes(OVERLAY_FILE);
}

function takesValue({ step }: Overlay): boolean {
  return step.kind === 'replacement' && step.facts.source !== null;
}
