import { folderOf, parseRepoPath, type RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizationFacts } from '../../objects.ts';
import type { Placement, Scaler } from '../placement.ts';
import { kustomizationRank } from '../tree-entry.ts';

/** A kustomization file and what it says. */
export interface KustomizationFile {
  readonly path: RepoPath;
  readonly facts: KustomizationFacts;
}

/** A kustomization with what it includes. Remote and missing includes lead nowhere. */
export interface KustomizeNode extends KustomizationFile {
  readonly children: readonly KustomizeNode[];
  /** Those of the children that also change what this one includes. */
  readonly components: readonly KustomizeNode[];
  readonly files: readonly RepoPath[];
}

interface OpenNode extends KustomizeNode {
  readonly children: OpenNode[];
  readonly components: OpenNode[];
  readonly files: RepoPath[];
}

// In how many ways one build may name the objects of one kustomization; each level can double them.
const MAX_NAMINGS = 16;

// Every deployer of one large build takes each of its files once more: what is beyond this is not placed.
const MAX_DEPLOYED = 500_000;

/**
 * How each file comes to a cluster through kustomizations: the placements of every path that some outermost kustomization
 * reaches, or of `starts`, what something deploys. The outermost `namespace` wins and prefixes add up, as in Kustomize. A cycle has no root.
 */
export function placeFiles(
  nodes: readonly KustomizeNode[],
  paths: ReadonlySet<RepoPath>,
  starts: readonly KustomizeStart[] = [],
  scalers: Scalers = new Map(),
): ReadonlyMap<RepoPath, readonly Placement[]> {
  const included = new Set(nodes.flatMap((node) => node.children.filter((child) => child !== node)));
  const deployed = new Set(starts.map(({ node }) => node.path));
  const reached = new Map<RepoPath, Map<string, Placement>>();
  for (const node of nodes) {
    if (included.has(node) || deployed.has(node.path)) continue;
    const placement = { root: node.path, namespace: null, prefix: '', suffix: '' };
    walk({ node, placement }, paths, { reached, scalers });
  }
  let left = MAX_DEPLOYED;
  for (const start of starts) if (left > 0) left -= walk(start, paths, { reached, scalers });
  return new Map([...reached].map(([path, placements]) => [path, [...placements.values()]]));
}

/** A kustomization that something deploys, and what is set around it. */
export interface KustomizeStart {
  readonly node: KustomizeNode;
  readonly placement: Placement;
}

/** What each kustomization says of how many pods something has, by its path. */
export type Scalers = ReadonlyMap<RepoPath, readonly Scaler[]>;

interface Walk {
  readonly reached: Map<RepoPath, Map<string, Placement>>;
  readonly scalers: Scalers;
}

// A way that is longer says nothing of pods beyond this: no repository has one.
const MAX_SCALING = 20;

/** What stands around what a kustomization includes. Its components change that before it does itself. */
function within(node: KustomizeNode, outer: Placement, scalers: Scalers): Placement {
  let scaling = outer.scaling;
  for (const one of scalers.size === 0 ? [] : [node, ...node.components.toReversed()]) {
    const own = scalers.get(one.path);
    const depth = (scaling?.depth ?? 0) + 1;
    if (own !== undefined && depth <= MAX_SCALING) scaling = { scalers: own, outer: scaling ?? null, depth };
  }
  return {
    ...outer,
    namespace: outer.namespace ?? node.facts.namespace,
    prefix: `${outer.prefix}${node.facts.prefix}`,
    suffix: `${node.facts.suffix}${outer.suffix}`,
    ...(scaling === undefined ? {} : { scaling }),
  };
}

/** Returns how many files it came to. */
function walk(
  { node: root, placement: start }: KustomizeStart,
  paths: ReadonlySet<string>,
  { reached, scalers }: Walk,
): number {
  let steps = 0;
  const seen = new Map<string, Set<string>>();
  const queue: { readonly node: KustomizeNode; readonly outer: Placement }[] = [{ node: root, outer: start }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { node, outer } = next;
    const placement = within(node, outer, scalers);
    const place = JSON.stringify([node.path, placement.namespace]);
    const namings = seen.get(place) ?? new Set<string>();
    const key = JSON.stringify([
      start.root,
      placement.namespace,
      placement.prefix,
      placement.suffix,
      start.deployer?.name,
    ]);
    if (namings.has(key) || namings.size >= MAX_NAMINGS) continue;
    seen.set(place, namings.add(key));
    for (const path of [node.path, ...node.files, ...patchFilesOf(node, paths)]) {
      steps += 1;
      const placements = reached.get(path) ?? new Map<string, Placement>();
      reached.set(path, placements.set(key, placement));
    }
    queue.push(...node.children.map((child) => ({ node: child, outer: placement })));
  }
  return steps;
}

/** The paths of the repository. */
type KnownPaths = Pick<ReadonlySet<string>, 'has'>;

/** The files that a kustomization uses as patches. */
export function patchFilesOf(node: KustomizationFile, paths: KnownPaths): readonly RepoPath[] {
  return node.facts.patches.flatMap(({ path }) => (path === null ? [] : (fileAt(node, path, paths) ?? [])));
}

/** The file that a kustomization names; null for what is no file of this repository. */
export function fileAt({ path }: Pick<KustomizationFile, 'path'>, written: string, paths: KnownPaths): RepoPath | null {
  const resolved = resolve(folderOf(path), written);
  return resolved === null || !paths.has(resolved) ? null : parseRepoPath(resolved);
}

/** One node per folder that holds a kustomization, joined by what they include. */
export function linkKustomizations(
  kustomizations: readonly KustomizationFile[],
  paths: ReadonlySet<RepoPath>,
): readonly KustomizeNode[] {
  const files: ReadonlyMap<string, RepoPath> = new Map([...paths].map((path) => [path, path]));
  const nodes = new Map(
    chooseFiles(kustomizations).map((file): readonly [string, OpenNode] => [
      folderOf(file.path),
      { ...file, children: [], components: [], files: [] },
    ]),
  );
  for (const [folder, node] of nodes) {
    const components = new Set(node.facts.components.map((include) => resolve(folder, include)));
    const targets = new Set(node.facts.includes.flatMap((include) => resolve(folder, include) ?? []));
    for (const target of targets) {
      const child = nodes.get(target);
      const file = files.get(target);
      if (child !== undefined) node.children.push(child);
      else if (file !== undefined) node.files.push(file);
      if (child !== undefined && components.has(target)) node.components.push(child);
    }
  }
  return [...nodes.values()];
}

/** Kustomize refuses a folder with several; here its preferred name stands. */
function chooseFiles(kustomizations: readonly KustomizationFile[]): readonly KustomizationFile[] {
  const chosen = new Map<string, KustomizationFile>();
  for (const file of kustomizations) {
    const other = chosen.get(folderOf(file.path));
    if (other === undefined || rank(file) < rank(other)) chosen.set(folderOf(file.path), file);
  }
  return [...chosen.values()];
}

function rank({ path }: KustomizationFile): number {
  return kustomizationRank(path) ?? Number.MAX_SAFE_INTEGER;
}

/** A relative path within the repository, `''` for its top; null for what is absolute or leaves it. */
function resolve(folder: string, include: string): string | null {
  if (include.startsWith('/') || include.length > 4096) return null;
  const segments = folder === '' ? [] : folder.split('/');
  for (const segment of include.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join('/');
}
