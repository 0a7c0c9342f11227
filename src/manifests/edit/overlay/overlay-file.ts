import { folderOf, parseRepoPath, type RepoPath } from '../../../domain/repo-path.ts';

/**
 * The patch file that we keep beside an overlay's kustomization: one document for each object that is bumped for this overlay
 * alone, with nothing but its annotations.
 */
export const OVERLAY_FILE = 'gitops-reloader.patch.yaml';

/** Our patch file beside a kustomization; null where the path would be too long. */
export function overlayFileOf(kustomization: RepoPath): RepoPath | null {
  const folder = folderOf(kustomization);
  return parseRepoPath(folder === '' ? OVERLAY_FILE : `${folder}/${OVERLAY_FILE}`);
}

/** True for the path of such a file: its documents are told apart by kind and name, not by their places. */
export function isOverlayFile(path: string): boolean {
  return path === OVERLAY_FILE || path.endsWith(`/${OVERLAY_FILE}`);
}
