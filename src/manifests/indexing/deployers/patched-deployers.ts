import type { RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizePatch } from '../../kustomize-facts.ts';
import type { BlobFacts } from '../../objects.ts';
import { fileAt, type KustomizeNode } from '../kustomize/kustomize-graph.ts';
import type { FactsByPath } from '../kustomize/overlays.ts';

const KINDS = ['Application', 'ApplicationSet', 'GitRepository', 'Kustomization'];
const PATTERN = /[|.*+?()[\]]/;

/** Finds the kustomization that may change a deployer on its way to the cluster; null where none does. */
export function createPatchFinder(
  nodes: readonly KustomizeNode[],
  facts: FactsByPath,
): (manifest: RepoPath) => RepoPath | null {
  const isAny = nodes.some((node) =>
    node.facts.patches.some((patch) => patchesDeployers(patch, fileOf(node, patch, facts))),
  );
  if (!isAny) return () => null;
  const parents = new Map<RepoPath, KustomizeNode[]>();
  for (const node of nodes) {
    for (const below of [...node.files, ...node.children.map(({ path }) => path)]) {
      const known = parents.get(below);
      if (known === undefined) parents.set(below, [node]);
      else known.push(node);
    }
  }
  const known = new Map<KustomizeNode, boolean>();
  const isPatching = (node: KustomizeNode): boolean => {
    const answer =
      known.get(node) ?? node.facts.patches.some((patch) => patchesDeployers(patch, fileOf(node, patch, facts)));
    known.set(node, answer);
    return answer;
  };
  return (manifest) => {
    const above = new Set(parents.get(manifest));
    for (const node of above) {
      if (isPatching(node)) return node.path;
      for (const parent of parents.get(node.path) ?? []) above.add(parent);
    }
    return null;
  };
}

/** Whether a patch may be for what deploys: by its target, by its file, or because it does not say what it is for. */
export function patchesDeployers({ path, target, changes }: KustomizePatch, file: BlobFacts | null): boolean {
  if (target !== null) return target.kind === null || KINDS.includes(target.kind) || PATTERN.test(target.kind);
  if (path !== null) return file?.objects.some(({ type }) => type === 'deployer') === true;
  return changes.length === 0;
}

function fileOf(node: KustomizeNode, { path }: KustomizePatch, facts: FactsByPath): BlobFacts | null {
  const file = path === null ? null : fileAt(node, path, facts);
  return file === null ? null : (facts.get(file) ?? null);
}
