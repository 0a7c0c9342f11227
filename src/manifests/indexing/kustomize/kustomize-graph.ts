import { folderOf, parseRepoPath, type RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizationFacts } from '../../objects.ts';
import type { Placement } from '../placement.ts';
import { kustomizationRank } from '../tree-entry.ts';
import { flattenComponents } from './flatten-components.ts';

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
  paths: KnownPaths,
  starts: readonly KustomizeStart[] = [],
): PlacedFiles {
  const included = new Set<KustomizeNode>();
  for (const node of nodes) for (const child of node.children) if (child !== node) included.add(child);
  const deployed = new Set(starts.map(({ node }) => node.path));
  const placements = new Map<RepoPath, Placement[]>();
  for (const node of nodes) {
    if (included.has(node) || deployed.has(node.path)) continue;
    walk({ node, placement: { root: node.path, namespace: null, prefix: '', suffix: '' } }, paths, placements);
  }
  let left = MAX_DEPLOYED;
  for (const start of starts) if (left > 0) left -= walk(start, paths, placements);
  return { placements, isWhole: left > 0 };
}

/** Where each file comes to. */
interface PlacedFiles {
  readonly placements: Map<RepoPath, Placement[]>;
  /** False where not everything that is deployed was placed. */
  readonly isWhole: boolean;
}

/** A kustomization that something deploys, and what is set around it. */
export interface KustomizeStart {
  readonly node: KustomizeNode;
  readonly placement: Placement;
}

/** Returns how many files it came to. */
function walk(start: KustomizeStart, paths: KnownPaths, reached: Map<RepoPath, Placement[]>): number {
  const { node, placement } = start;
  if (node.children.length > 0) return walkFar(start, paths, reached);
  const own = filesOf(node, paths);
  const place = inside(placement, [node]);
  for (const path of own.length > node.files.length + 1 ? new Set(own) : own) append(reached, path, place);
  return own.length;
}

/** Into what it includes, too. */
function walkFar(
  { node: root, placement: start }: KustomizeStart,
  paths: KnownPaths,
  reached: Map<RepoPath, Placement[]>,
): number {
  let steps = 0;
  const found = new Map<RepoPath, Map<string, Placement>>();
  const seen = new Map<string, Set<string>>();
  const queue: { readonly node: KustomizeNode; readonly outer: Placement }[] = [{ node: root, outer: start }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { node, outer } = next;
    const own = inside(outer, [node]);
    const placement = inside(own, flattenComponents(node.components) ?? []);
    const place = JSON.stringify([node.path, placement.namespace]);
    const namings = seen.get(place) ?? new Set<string>();
    const { namespace, prefix, suffix } = placement;
    const key = JSON.stringify([namespace, prefix, suffix]);
    if (namings.has(key) || namings.size >= MAX_NAMINGS) continue;
    seen.set(place, namings.add(key));
    for (const path of filesOf(node, paths)) {
      steps += 1;
      const placements = found.get(path) ?? new Map<string, Placement>();
      found.set(path, placements.set(key, placement));
    }
    for (const child of node.children) queue.push({ node: child, outer: around(child, node, { own, placement }) });
  }
  for (const [path, placements] of found) for (const one of placements.values()) append(reached, path, one);
  return steps;
}

/** What stands around one of its children: of a component only those that come after it. */
function around(
  child: KustomizeNode,
  { components }: KustomizeNode,
  { own, placement }: { readonly own: Placement; readonly placement: Placement },
): Placement {
  const at = components.indexOf(child);
  return at === -1 ? placement : inside(own, flattenComponents(components.slice(at + 1)) ?? []);
}

function append(reached: Map<RepoPath, Placement[]>, path: RepoPath, placement: Placement): void {
  const known = reached.get(path);
  if (known === undefined) reached.set(path, [placement]);
  else known.push(placement);
}

function filesOf(node: KustomizeNode, paths: KnownPaths): readonly RepoPath[] {
  return [node.path, ...node.files, ...patchFilesOf(node, paths)];
}

/** What stands inside some kustomizations or components, of which the first comes first. */
function inside(outer: Placement, nodes: readonly KustomizeNode[]): Placement {
  let placement = outer;
  for (const { facts } of nodes.toReversed()) {
    if (facts.prefix === '' && facts.suffix === '' && (facts.namespace === null || placement.namespace !== null))
      continue;
    placement = {
      ...placement,
      namespace: placement.namespace ?? facts.namespace,
      prefix: `${placement.prefix}${facts.prefix}`,
      suffix: `${facts.suffix}${placement.suffix}`,
    };
  }
  return placement;
}

/** The paths of the repository. */
type KnownPaths = Pick<ReadonlySet<string>, 'has'>;

const NO_FILES: readonly RepoPath[] = [];

/** The files that a kustomization uses as patches. */
export function patchFilesOf(node: KustomizationFile, paths: KnownPaths): readonly RepoPath[] {
  if (node.facts.patches.length === 0) return NO_FILES;
  return node.facts.patches.flatMap(({ path }) => (path === null ? [] : (fileAt(node, path, paths) ?? [])));
}

/** The file that a kustomization names; null for what is no file of this repository. */
export function fileAt({ path }: Pick<KustomizationFile, 'path'>, written: string, paths: KnownPaths): RepoPath | null {
  const resolved = resolve(folderOf(path), written);
  return resolved === null || !paths.has(resolved) ? null : parseRepoPath(resolved);
}

/** Kustomizations joined by what they include. */
export interface KustomizeGraph {
  /** One for each folder that holds a kustomization. */
  readonly nodes: readonly KustomizeNode[];
  /** Every path that one of them names as a resource, whether it is there or not. */
  readonly named: ReadonlySet<string>;
}

const NO_TARGETS: ReadonlySet<string | null> = new Set();

/** Joins kustomizations by what they include. */
export function linkKustomizations(
  kustomizations: readonly KustomizationFile[],
  files: ReadonlyMap<string, { readonly path: RepoPath }>,
): KustomizeGraph {
  const nodes = new Map(
    chooseFiles(kustomizations).map((file): readonly [string, OpenNode] => [
      folderOf(file.path),
      { ...file, children: [], components: [], files: [] },
    ]),
  );
  const named = new Set<string>();
  for (const [folder, node] of nodes) {
    const { components: using, includes } = node.facts;
    const components = using.length === 0 ? NO_TARGETS : new Set(using.map((include) => resolve(folder, include)));
    for (const target of new Set(includes.map((include) => resolve(folder, include)))) {
      if (target === null) continue;
      named.add(target);
      const child = nodes.get(target);
      const file = files.get(target);
      if (child !== undefined) node.children.push(child);
      else if (file !== undefined) node.files.push(file.path);
      if (child !== undefined && components.has(target)) node.components.push(child);
    }
  }
  return { nodes: [...nodes.values()], named };
}

/** The paths that a kustomization names as patches or files of replacements, whether they are there or not. */
export function namedFiles({
  path,
  facts,
}: {
  readonly path: RepoPath;
  readonly facts: Pick<KustomizationFacts, 'patches' | 'replacementFiles'>;
}): readonly string[] {
  const { patches, replacementFiles } = facts;
  if (patches.length === 0 && replacementFiles.length === 0) return NO_FILES;
  const folder = folderOf(path);
  return [...patches.map((one) => one.path), ...replacementFiles].flatMap((written) => {
    const target = written === null ? null : resolve(folder, written);
    return target ?? [];
  });
}

/** Kustomize refuses a folder with several; here its preferred name stands. */
function chooseFiles(kustomizations: readonly KustomizationFile[]): readonly KustomizationFile[] {
  const chosen = new Map<string, KustomizationFile>();
  for (const file of kustomizations) {
    const folder = folderOf(file.path);
    const other = chosen.get(folder);
    if (other === undefined || rank(file) < rank(other)) chosen.set(folder, file);
  }
  return [...chosen.values()];
}

function rank({ path }: KustomizationFile): number {
  return kustomizationRank(path) ?? Number.MAX_SAFE_INTEGER;
}

const ODD_SEGMENT = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** A relative path within the repository, `''` for its top; null for what is absolute or leaves it. */
function resolve(folder: string, include: string): string | null {
  if (include.startsWith('/') || include.length > 4096) return null;
  if (!ODD_SEGMENT.test(include)) return folder === '' ? include : `${folder}/${include}`;
  const segments = folder === '' ? [] : folder.split('/');
  for (const segment of include.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join('/');
}
