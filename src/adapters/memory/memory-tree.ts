import type { TreeEntry } from '../../ports.ts';

/** A file of the workspace in memory. */
export interface MemoryFile {
  readonly mode: string;
  /** A submodule's is the id of its commit, a symlink's its target. */
  readonly content: string;
}

export type MemoryTree = ReadonlyMap<string, MemoryFile>;

/** A merge of two trees that began with `fork`. Where both sides changed a file, the first one's is taken. */
export function mergeTrees(ours: MemoryTree, theirs: MemoryTree, fork: MemoryTree): Map<string, MemoryFile> {
  const merged = new Map(ours);
  for (const path of new Set([...theirs.keys(), ...fork.keys()])) {
    const [mine, other, origin] = [ours.get(path), theirs.get(path), fork.get(path)];
    if (mine?.content !== origin?.content || other === mine) continue;
    if (other === undefined) merged.delete(path);
    else merged.set(path, other);
  }
  return merged;
}

/** Entries by path, in Git's order. */
export type ListedTree = ReadonlyMap<string, TreeEntry>;

/** The entries of a tree. One that is as it was `before` is the same object. */
export function listTree(tree: MemoryTree, digest: (text: string) => string, before: ListedTree): ListedTree {
  const entries = [...tree].map(([path, { mode, content }]) => {
    const oid = mode === '160000' ? content : digest(content);
    const old = before.get(path);
    return old?.oid === oid && old.mode === mode ? old : { path, mode, oid };
  });
  const sorted = entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return new Map(sorted.map((entry) => [entry.path, entry]));
}
