import type { RepoPath } from '../../../domain/repo-path.ts';
import { isOverlayFile, OVERLAY_FILE } from '../../edit/overlay/overlay-file.ts';
import type { EditHome } from '../../objects.ts';
import { effectiveNames, rootsOf } from '../placement.ts';
import type { KustomizeNode } from './kustomize-graph.ts';
import type { PlacedObject } from './place-object.ts';

/** Whether our patch file of an overlay is there, or something else in its place. */
export type FileState = 'there' | 'in-the-way';

/** What stands where our patch files are or would be. */
export function fileStates(
  files: readonly { readonly path: RepoPath }[],
  occupied: readonly RepoPath[],
): ReadonlyMap<string, FileState> {
  const states = new Map<string, FileState>();
  for (const { path } of files) {
    if (!path.includes(OVERLAY_FILE)) continue;
    if (isOverlayFile(path)) states.set(path, 'there');
    const [folder] = /^(?:.*\/)?gitops-reloader\.patch\.yaml(?=\/)/.exec(path) ?? [];
    if (folder !== undefined) states.set(folder, 'in-the-way');
  }
  for (const path of occupied) if (isOverlayFile(path) && !states.has(path)) states.set(path, 'in-the-way');
  return states;
}

/** What decides whether a root can have a patch of its own for an object. */
export interface HomeFacts {
  readonly node: KustomizeNode | undefined;
  readonly file: RepoPath | null;
  readonly state: FileState | undefined;
  /** How often each root has an object of this kind and name. */
  readonly twins: ReadonlyMap<string, number>;
  /** A kustomization that includes the root, which is one because something deploys it as it is. */
  readonly includedBy: RepoPath | null;
}

/** Of each kustomization that others include, one of those. */
export function includedIn(nodes: readonly KustomizeNode[]): ReadonlyMap<RepoPath, RepoPath> {
  return new Map(nodes.flatMap(({ path, children }) => children.map((child) => [child.path, path] as const)));
}

/** Where an object is edited for one root alone, or why it is nowhere. */
export function homeOf(object: PlacedObject, { node, file, state, twins, includedBy }: HomeFacts): EditHome {
  const { path: manifest, kind, name } = object;
  const [root] = object.roots;
  const through = root === undefined ? {} : { kustomization: root };
  const nowhere = (reason: string, hint: string): EditHome => ({ kind: 'nowhere', manifest, ...through, reason, hint });
  if (root === undefined || node === undefined || file === null) {
    return nowhere('The kustomization that deploys it is not known.', 'Bump it by hand.');
  }
  if (node.facts.kind === 'Component') {
    return nowhere(
      `${root} is a Component that nothing here uses: who deploys it cannot be told.`,
      'Name the component in an overlay of this repository, or bump it by hand.',
    );
  }
  if (includedBy !== null) {
    return nowhere(
      `${root} is deployed as it is, and ${includedBy} includes it: a patch there would reach both.`,
      'Deploy it through an overlay of its own, or bump it by hand.',
    );
  }
  if (state === 'in-the-way') {
    return nowhere(`${file} is no plain file that can be read.`, 'Remove it, so that a patch can be written there.');
  }
  if ((twins.get(twinKey(root, kind, name, object.namespace)) ?? 0) > 1) {
    return nowhere(
      `${root} has several objects ${kind} ${name}: a patch would not tell them apart.`,
      'Give them different names or namespaces in their manifests, or bump them by hand.',
    );
  }
  return { kind: 'overlay', manifest, kustomization: root, file: state === 'there' ? 'there' : 'absent' };
}

/**
 * Kustomize finds what a patch is for by the names that an object has had on its way, the written one first. Counted for each
 * root: an object that comes to it twice is there twice.
 */
export function countNames(
  placed: Iterable<PlacedObject>,
  patches: ReadonlySet<RepoPath>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of placed) {
    if (object.type === 'kustomization' || patches.has(object.path)) continue;
    for (const root of rootsOf(object.placements)) {
      const own = object.placements.filter((one) => one.root === root);
      // Each who deploys it builds it once more, by itself.
      const within = own.filter(({ deployer }) => deployer?.name === own[0]?.deployer?.name);
      const names = new Set([object.name, ...effectiveNames(object.name, within)]);
      for (const name of names) {
        const key = twinKey(root, object.kind, name, object.namespace);
        counts.set(key, (counts.get(key) ?? 0) + (name === object.name ? within.length : 1));
      }
    }
  }
  return counts;
}

function twinKey(root: RepoPath, kind: string, name: string, namespace: string | null): string {
  return JSON.stringify([root, kind, name, namespace ?? 'default']);
}
