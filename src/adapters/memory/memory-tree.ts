import { internalFailure } from '../../domain/failure.ts';
import type { CommitDraft, TreeEntry } from '../../ports.ts';

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

/** The tree of a commit of ours on this one; what a draft may not do is a fault of ours. */
export function editTree(tree: MemoryTree, draft: CommitDraft): MemoryTree {
  const edited = new Map(tree);
  for (const { path, text } of draft.files) {
    const mode = edited.get(path)?.mode ?? 'none';
    if (!['100644', '100755', '100664'].includes(mode))
      throw internalFailure('an edited file exists in the parent commit');
    edited.set(path, { mode, content: text });
  }
  for (const { path, text } of draft.newFiles ?? []) {
    const inTheWay = [...edited.keys()].some(
      (other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
    );
    if (inTheWay) throw internalFailure('a new file takes the place of nothing');
    edited.set(path, { mode: '100644', content: text });
  }
  return edited;
}
