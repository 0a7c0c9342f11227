import { folderOf, matchesGlob, type RepoPath } from '../../../domain/repo-path.ts';

/** The folders of a repository and what lies in them. */
export interface FolderTree {
  readonly has: (folder: string) => boolean;
  /** The files that lie in the folder itself, in order. */
  readonly filesIn: (folder: string) => readonly RepoPath[];
  readonly foldersIn: (folder: string) => readonly string[];
  /** The folders that fit a pattern in which `*` stands for a part of one name; hidden ones never do. */
  readonly match: (pattern: string) => readonly string[];
}

/** Sorts paths into folders. */
export function createFolderTree(paths: Iterable<RepoPath>): FolderTree {
  const files = new Map<string, RepoPath[]>([['', []]]);
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = folderOf(path);
    const known = files.get(folder);
    if (known !== undefined) {
      known.push(path);
      continue;
    }
    addFolder(folder, files, folders);
    files.get(folder)?.push(path);
  }
  const foldersIn = (folder: string) => folders.get(folder) ?? [];
  return {
    has: (folder) => files.has(folder),
    filesIn: (folder) => files.get(folder) ?? [],
    foldersIn,
    match: (pattern) => {
      let reached: readonly string[] = [''];
      for (const part of pattern.replaceAll(/\*+/g, '*').split('/')) {
        reached = reached.flatMap((folder) => foldersIn(folder).filter((child) => fits(part, child)));
      }
      return reached;
    },
  };
}

function addFolder(folder: string, files: Map<string, RepoPath[]>, folders: Map<string, string[]>): void {
  for (let current = folder; !files.has(current); current = folderOf(current)) {
    files.set(current, []);
    const siblings = folders.get(folderOf(current));
    if (siblings === undefined) folders.set(folderOf(current), [current]);
    else siblings.push(current);
  }
}

function fits(part: string, folder: string): boolean {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  return !name.startsWith('.') && matchesGlob(part, name);
}
