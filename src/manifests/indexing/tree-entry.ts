import { plainText } from '../../domain/plain-text.ts';
import { folderOf, parseRepoPath, type RepoPath } from '../../domain/repo-path.ts';
import { BASELINE_FILE } from '../baseline/baseline-entry.ts';
import type { FileProblem } from '../graph.ts';
import type { UnreadableCode } from '../objects.ts';

/** What is to be done with one entry of a Git tree. */
export type EntryUse =
  | { readonly kind: 'read'; readonly path: RepoPath }
  /** No manifest by its name. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'problem'; readonly problem: FileProblem };

const MANIFEST = /\.(?:ya?ml|json)$/i;
const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const LONGEST_NAME = 'kustomization.yaml'.length;

/** Decides by path and mode (six octal digits) whether an entry is read; symbolic links and submodules never are. */
export function useOfEntry(entry: { readonly path: string; readonly mode: string }): EntryUse {
  if (entry.mode === '160000') return problem(entry.path, 'submodule', 'a submodule is another repository: not read');
  if (!MANIFEST.test(entry.path) && kustomizationRank(entry.path) === null) return { kind: 'ignore' };
  if (entry.path === BASELINE_FILE) return { kind: 'ignore' };
  if (entry.mode === '120000') return problem(entry.path, 'symlink', 'symbolic links are not followed');
  const path = parseRepoPath(entry.path);
  if (path === null) return problem(entry.path, 'not-utf8-path', 'its path is not safe: not read');
  return { kind: 'read', path };
}

/** What is said of a file that is too long to be read at all; nothing where its name is none of a manifest. */
export function tooLargeProblems(path: RepoPath): readonly FileProblem[] {
  if (useOfEntry({ path, mode: '100644' }).kind !== 'read') return [];
  return [{ path, code: 'too-large', message: 'the file is far too large', line: null, text: null }];
}

/** Kustomize's order of preference among the file names it knows, from 0; null for every other path. */
export function kustomizationRank(path: string): number | null {
  // Of most paths that tells already that they have none of these names.
  if (!path.includes('ustomization', path.length - LONGEST_NAME)) return null;
  const folder = folderOf(path);
  const rank = KUSTOMIZATION_NAMES.indexOf(folder === '' ? path : path.slice(folder.length + 1));
  return rank === -1 ? null : rank;
}

function problem(written: string, code: UnreadableCode, message: string): EntryUse {
  const path = parseRepoPath(written) ?? parseRepoPath(showable(written));
  if (path === null) return { kind: 'ignore' };
  return { kind: 'problem', problem: { path, code, message, line: null, text: null } };
}

/** A path for people to read: whatever a safe path cannot hold becomes a question mark. */
function showable(path: string): string {
  const segments = plainText(path, 1000).replaceAll('\\', '?').split('/');
  return segments.map((segment) => (['', '.', '..'].includes(segment) ? '?' : segment)).join('/');
}
