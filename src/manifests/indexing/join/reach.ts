import { folderOf, type RepoPath } from '../../../domain/repo-path.ts';
import { OVERLAY_FILE } from '../../edit/overlay/overlay-file.ts';
import type { Facts } from '../../objects.ts';
import { isChartFile } from '../chart-template.ts';
import { kustomizationRank } from '../tree-entry.ts';
import { type FileChange, fileOf } from './changed-files.ts';
import type { File, Ground } from './ground.ts';

/** What there was before some changes. */
export interface Standing {
  readonly ground: Ground;
  readonly byPath: ReadonlyMap<string, File>;
}

/**
 * True where some changes may make something else of files that they leave alone: then everything is joined anew. It says so for
 * whatever is not certain.
 */
export function reachFar(changes: readonly FileChange[], standing: Standing): boolean {
  const { ground } = standing;
  if (!ground.isWhole()) return true;
  return changes.some((change) => reachesFar(change, standing, changes));
}

function reachesFar(change: FileChange, standing: Standing, all: readonly FileChange[]): boolean {
  const { ground } = standing;
  const { path } = fileOf(change);
  // What kustomizations and their patches say, our own patch files, and what lies in the way of one.
  if (kustomizationRank(path) !== null || path.includes(OVERLAY_FILE) || ground.steering.has(path)) return true;
  const [before, after] = [objectsIn(change, 'before'), objectsIn(change, 'after')];
  if ([...before, ...after].some((one) => one.type === 'store' || one.type === 'deployer')) return true;
  if (ground.takesValues && hasValues(change)) return true;
  if (change.kind !== 'changes' && placesFar(path, standing, all)) return true;
  return isCounted(path, ground) && namesOf(before) !== namesOf(after);
}

/** What comes or goes where something looks for it, or brings a folder that deployers may look for. */
function placesFar(path: RepoPath, { ground, byPath }: Standing, all: readonly FileChange[]): boolean {
  if (isChartFile(path) || ground.named.has(path)) return true;
  const { tree } = ground;
  if (tree === null) return false;
  const changed = new Set(all.map((one) => fileOf(one).path));
  return !tree.filesIn(folderOf(path)).some((one) => !changed.has(one) && byPath.has(one));
}

function hasValues(change: FileChange): boolean {
  const sides = [
    ...(change.kind === 'comes' ? [] : [change.before]),
    ...(change.kind === 'goes' ? [] : [change.after]),
  ];
  return sides.some(({ facts }) => facts.configMaps !== undefined);
}

/** Where a kustomization has a file, objects of one name are told apart by how many there are. */
function isCounted(path: RepoPath, { placements, splitter }: Ground): boolean {
  return splitter.hasCounted() && (placements.get(path) ?? []).some(({ root }) => root !== null);
}

function namesOf(objects: readonly Facts[]): string {
  return JSON.stringify(
    objects.map(({ type, apiVersion, kind, name, namespace }) => [type, apiVersion, kind, name, namespace]),
  );
}

function objectsIn(change: FileChange, side: 'before' | 'after'): readonly Facts[] {
  if (side === 'before') return change.kind === 'comes' ? [] : change.before.facts.objects;
  return change.kind === 'goes' ? [] : change.after.facts.objects;
}
