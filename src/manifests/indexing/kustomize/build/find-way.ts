import type { RepoPath } from '../../../../domain/repo-path.ts';
import { flattenComponents } from '../flatten-components.ts';
import type { KustomizeNode } from '../kustomize-graph.ts';

/** What a kustomization on the way of an object does: first it makes ConfigMaps, then its components and it itself change things. */
export interface WayStep {
  readonly node: KustomizeNode;
  readonly does: 'generate' | 'transform';
}

/** The kustomizations that change an object, in the order in which Kustomize comes to them. */
export type FindWay = (from: WayStart, root: RepoPath) => readonly WayStep[] | null;

/** An object in a file, or one that a kustomization makes. */
export type WayStart =
  | { readonly kind: 'file'; readonly path: RepoPath }
  | { readonly kind: 'generated'; readonly node: KustomizeNode };

// What takes more is not looked into.
const MAX_STEPS = 1000;

/** Prepares the search; its answer is null where an object comes to a root on several ways, or on none. */
export function createWayFinder(
  nodes: readonly KustomizeNode[],
  isReached: (from: RepoPath, root: RepoPath) => boolean,
): FindWay {
  let listers: ReadonlyMap<RepoPath, readonly KustomizeNode[]> | null = null;
  const listerOf = (path: RepoPath, root: RepoPath): KustomizeNode | null => {
    listers ??= listersAmong(nodes);
    const found = (listers.get(path) ?? []).filter((one) => isReached(one.path, root));
    return found.length === 1 ? (found[0] ?? null) : null;
  };
  return (from, root) => {
    const way = climb(from, root, listerOf);
    return way === null ? null : stepsOf(way, from);
  };
}

function listersAmong(nodes: readonly KustomizeNode[]): ReadonlyMap<RepoPath, readonly KustomizeNode[]> {
  const listers = new Map<RepoPath, KustomizeNode[]>();
  for (const node of nodes) {
    const children = node.children.flatMap((child) => (child === node ? [] : [child.path]));
    for (const path of new Set([...node.files, ...children])) {
      const known = listers.get(path);
      if (known === undefined) listers.set(path, [node]);
      else known.push(node);
    }
  }
  return listers;
}

/** The kustomizations from the innermost one to the root. */
function climb(
  from: WayStart,
  root: RepoPath,
  listerOf: (path: RepoPath, root: RepoPath) => KustomizeNode | null,
): readonly KustomizeNode[] | null {
  const way = new Set<KustomizeNode>();
  let next = from.kind === 'generated' ? from.node : listerOf(from.path, root);
  while (next !== null && !way.has(next) && way.size < MAX_STEPS) {
    way.add(next);
    if (next.path === root) return [...way];
    next = listerOf(next.path, root);
  }
  return null;
}

/** Each with the components that it uses before it: those that come after the one on the way, where there is one. */
function stepsOf(way: readonly KustomizeNode[], from: WayStart): readonly WayStep[] | null {
  const steps: WayStep[] = [];
  for (const [at, node] of way.entries()) {
    const inner = way[at - 1];
    const isMadeHere = inner === undefined && from.kind === 'generated';
    const used = node.components.slice(inner === undefined ? 0 : node.components.indexOf(inner) + 1);
    const all = flattenComponents(used);
    if (all === null || steps.length > MAX_STEPS) return null;
    if (!isMadeHere) steps.push({ node, does: 'generate' });
    steps.push(...all.flatMap((one) => bothOf(one)), { node, does: 'transform' });
  }
  return steps;
}

function bothOf(node: KustomizeNode): readonly WayStep[] {
  return [
    { node, does: 'generate' },
    { node, does: 'transform' },
  ];
}
