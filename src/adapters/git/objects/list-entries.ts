import type { Oid } from '../../../domain/repo-path.ts';
import type { TreeEntry } from '../../../ports.ts';
import { type StoreLimits, tooLarge } from './object-store.ts';
import { isFolder, readTree } from './tree.ts';

/** Files, links and submodules below a tree, in Git's order. Names that are not UTF-8, and impossible ones, are left out. */
export function listEntries(root: Oid, read: (oid: Oid) => Buffer, limits: StoreLimits): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  let seen = 0;
  const visit = (oid: Oid, folder: string, depth: number) => {
    if (depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
    for (const entry of readTree(read(oid))) {
      seen += 1;
      if (seen > limits.maxEntries) throw tooLarge(`more than ${limits.maxEntries} files and folders`);
      const name = decodeName(entry.name);
      if (name === null) continue;
      const path = folder + name;
      if (isFolder(entry.mode)) visit(entry.oid, `${path}/`, depth + 1);
      else entries.push({ path, mode: entry.mode.padStart(6, '0'), oid: entry.oid });
    }
  };
  visit(root, '', 0);
  return entries;
}

// A name that begins with a byte order mark keeps it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(name: Buffer): string | null {
  if (name.length === 0 || name.includes(0x2f)) return null;
  try {
    return UTF8.decode(name);
  } catch {
    return null;
  }
}
