import { folderOf, type RepoPath } from '../../domain/repo-path.ts';
import type { KustomizationFacts } from '../objects.ts';
import type { Placement } from './placement.ts';
import { kustomizationRank } from './tree-entry.ts';

/** A kustomization file and what it says. */
export interface KustomizationFile {
  readonly path: RepoPath;
  readonly facts: KustomizationFacts;
}

interface Node {
  readonly path: RepoPath;
  readonly namespace: string | null;
  readonly children: readonly Node[];
  readonly files: readonly RepoPath[];
}

interface OpenNode extends Node {
  readonly children: Node[];
  readonly files: RepoPath[];
}

/**
 * How each file comes to a cluster through kustomizations: the placements of every path that some outermost kustomization
 * reaches. The outermost `namespace` wins, as in Kustomize. Remote and missing includes lead nowhere; a cycle has no root.
 */
export function placeFiles(
  kustomizations: readonly KustomizationFile[],
  paths: ReadonlySet<RepoPath>,
): ReadonlyMap<RepoPath, readonly Placement[]> {
  const nodes = link(kustomizations, paths);
  const included = new Set(nodes.flatMap((node) => node.children.filter((child) => child !== node)));
  const reached = new Map<RepoPath, Map<string, Placement>>();
  for (const root of nodes) if (!included.has(root)) walk(root, reached);
  return new Map([...reached].map(([path, placements]) => [path, [...placements.values()]]));
}

function walk(root: Node, reached: Map<RepoPath, Map<string, Placement>>): void {
  const seen = new Set<string>();
  const queue: { readonly node: Node; readonly outer: string | null }[] = [{ node: root, outer: null }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { node } = next;
    const namespace = next.outer ?? node.namespace;
    const key = JSON.stringify([node.path, namespace]);
    if (seen.has(key)) continue;
    seen.add(key);
    const placement = { root: root.path, namespace };
    for (const path of [node.path, ...node.files]) {
      const placements = reached.get(path) ?? new Map<string, Placement>();
      reached.set(path, placements.set(JSON.stringify([root.path, namespace]), placement));
    }
    queue.push(...node.children.map((child) => ({ node: child, outer: namespace })));
  }
}

/** One node per folder that holds a kustomization, joined by what they include. */
function link(kustomizations: readonly KustomizationFile[], paths: ReadonlySet<RepoPath>): readonly Node[] {
  const files: ReadonlyMap<string, RepoPath> = new Map([...paths].map((path) => [path, path]));
  const nodes = new Map(
    chooseFiles(kustomizations).map(({ path, facts }) => {
      const empty: OpenNode = { path, namespace: facts.namespace, children: [], files: [] };
      return [folderOf(path), { node: empty, includes: facts.includes }] as const;
    }),
  );
  for (const [folder, { node, includes }] of nodes) {
    const targets = new Set(includes.flatMap((include) => resolve(folder, include) ?? []));
    for (const target of targets) {
      const child = nodes.get(target);
      const file = files.get(target);
      if (child !== undefined) node.children.push(child.node);
      else if (file !== undefined) node.files.push(file);
    }
  }
  return [...nodes.values()].map(({ node }) => node);
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
