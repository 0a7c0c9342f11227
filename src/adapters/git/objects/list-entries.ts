import type { Oid } from '../../../domain/repo-path.ts';
import type { TreeEntry } from '../../../ports.ts';
import { tooLarge } from '../too-large.ts';
import type { StoreLimits } from './object-store.ts';
import { isFolder, readTree } from './tree.ts';

/** As Linux takes them: longer paths are checked out by nobody. */
const MAX_PATH = 4096;
const MAX_TOTAL = 256 * 1024 * 1024;

/**
 * Files, links and submodules below a tree, in Git's order. Names that are not UTF-8, and impossible ones, are left out,
 * with all below them. Throws `git-rejected` beyond the limits.
 */
export function listEntries(root: Oid, read: (oid: Oid) => Buffer, limits: StoreLimits): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  let seen = 0;
  let characters = 0;
  const visit = (oid: Oid, folder: string, depth: number) => {
    if (depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
    for (const entry of readTree(read(oid))) {
      seen += 1;
      if (seen > limits.maxEntries) throw tooLarge(`more than ${limits.maxEntries} files and folders`);
      const name = decodeName(entry.name);
      if (name === null) continue;
      const path = folder + name;
      if (path.length > MAX_PATH) continue;
      characters += path.length;
      if (characters > MAX_TOTAL) throw tooLarge(`more than ${MAX_TOTAL} characters of paths`);
      if (isFolder(entry.mode)) visit(entry.oid, `${path}/`, depth + 1);
      else entries.push({ path, mode: entry.mode.padStart(6, '0'), oid: entry.oid });
    }
  };
  visit(root, '', 0);
  return entries;
}

const HERE = Buffer.from('.');
const UP = Buffer.from('..');
// A name that begins with a byte order mark keeps it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(name: Buffer): string | null {
  if (name.length === 0 || name.length > MAX_PATH || name.includes(0x2f)) return null;
  if (name.equals(HERE) || name.equals(UP)) return null;
  try {
    return UTF8.decode(name);
  } catch {
    return null;
  }
}
