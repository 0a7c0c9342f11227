import { folderOf, type RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizeNode, KustomizeStart } from '../kustomize/kustomize-graph.ts';
import type { Placement } from '../placement.ts';
import { kustomizationRank } from '../tree-entry.ts';
import type { Deployer } from './deployer.ts';
import type { FolderTree } from './folder-tree.ts';

/** What deployers begin with: kustomizations, and files that none of those has to name. */
export interface Deployed {
  readonly starts: readonly KustomizeStart[];
  readonly loose: ReadonlyMap<RepoPath, readonly Placement[]>;
  /** False where not all files were looked at, or there are too many by now. */
  readonly isWhole: () => boolean;
  /** The placements of a file that comes into a folder which is there. */
  readonly placementsOf: (path: RepoPath) => readonly Placement[];
}

// Every deployer of the whole tree takes each file once more: what is beyond this is not placed.
const MAX_TAKEN = 500_000;

/** Where each deployer finds its files. */
export function placeDeployed(
  deployers: readonly Deployer[],
  nodes: readonly KustomizeNode[],
  tree: FolderTree,
): Deployed {
  const byFolder = new Map(deployers.length === 0 ? [] : nodes.map((node) => [folderOf(node.path), node]));
  const starts: KustomizeStart[] = [];
  const loose = new Map<RepoPath, Placement[]>();
  let left = MAX_TAKEN;
  for (const deployer of deployers) {
    const { roots, files, steps } = filesOf(deployer, byFolder, { tree, left });
    left -= steps;
    if (left <= 0) break;
    starts.push(...roots.map((root) => startAt(root, deployer)));
    const placement = placementOf(deployer);
    for (const path of files) {
      const known = loose.get(path);
      if (known === undefined) loose.set(path, [placement]);
      else known.push(placement);
    }
  }
  const isCharted = (folder: string) => tree.filesIn(folder).some((path) => isChart(path));
  return {
    starts,
    loose,
    isWhole: () => left > 0,
    placementsOf: (path) => {
      left -= deployers.length;
      return deployers.flatMap((deployer) => {
        const { files, folder } = deployer;
        const comesTo = files.kind === 'generated' || !isCharted(folder);
        return comesTo && reaches(deployer, path, byFolder) ? [placementOf(deployer)] : [];
      });
    },
  };
}

/** Whether a deployer comes to a file on its way down: a kustomization stands for all below it. */
function reaches(deployer: Deployer, path: RepoPath, byFolder: ReadonlyMap<string, unknown>): boolean {
  const { folder, files } = deployer;
  const own = folderOf(path);
  if (folder !== '' && own !== folder && !own.startsWith(`${folder}/`)) return false;
  if (files.kind === 'listed' && own !== folder && !files.recurse) return false;
  for (let at = own; at !== folder && files.kind === 'generated'; at = folderOf(at)) if (byFolder.has(at)) return false;
  return !byFolder.has(folder) && isTaken(path, deployer);
}

interface Search {
  readonly tree: FolderTree;
  readonly left: number;
}

function filesOf(deployer: Deployer, byFolder: ReadonlyMap<string, KustomizeNode>, { tree, left }: Search) {
  const { folder, files: choice } = deployer;
  const roots: KustomizeNode[] = [];
  const files: RepoPath[] = [];
  const isDeep = choice.kind === 'generated' || choice.recurse;
  let steps = 1;
  const queue = [folder];
  for (let next = queue.pop(); next !== undefined && steps < left; next = queue.pop()) {
    const root = byFolder.get(next);
    const own = tree.filesIn(next);
    steps += own.length + 1;
    if (root !== undefined && (next === folder || choice.kind === 'generated')) {
      roots.push(root);
      continue;
    }
    // A chart is rendered, its files are not listed.
    if (choice.kind === 'listed' && next === folder && own.some((path) => isChart(path))) break;
    files.push(...own.filter((path) => isTaken(path, deployer)));
    if (isDeep) queue.push(...tree.foldersIn(next));
  }
  return { roots, files, steps };
}

function isTaken(path: RepoPath, { files }: Deployer): boolean {
  if (kustomizationRank(path) !== null) return false;
  if (files.kind === 'generated') return /\.ya?ml$/.test(path);
  return /\.(?:ya?ml|json)$/.test(path) && files.isTaken(path);
}

function isChart(path: RepoPath): boolean {
  return /(?:^|\/)Chart\.yaml$/.test(path);
}

/** In the deployed folder itself it overrides what the kustomization says; around one further down it adds to it. */
function startAt(node: KustomizeNode, deployer: Deployer): KustomizeStart {
  const placement = { ...placementOf(deployer), root: node.path };
  if (folderOf(node.path) !== deployer.folder) return { node, placement };
  const { prefix, suffix } = deployer;
  const facts = { ...node.facts, prefix: prefix ?? node.facts.prefix, suffix: suffix ?? node.facts.suffix };
  return { node: { ...node, facts }, placement: { ...placement, prefix: '', suffix: '' } };
}

/** Argo CD sets names and namespaces only through Kustomize: files that it lists stay as they are. */
function placementOf({ files, namespace, prefix, suffix, deployment }: Deployer): Placement {
  const isListed = files.kind === 'listed';
  return {
    root: null,
    namespace,
    prefix: isListed ? '' : (prefix ?? ''),
    suffix: isListed ? '' : (suffix ?? ''),
    deployer: deployment,
  };
}
