import type { Oid } from '../../../domain/repo-path.ts';
import { tooLarge } from '../too-large.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { parseCommit } from './commit.ts';
import type { GitObject, ObjectType } from './git-object.ts';
import { isFolder, isSubmodule, readTree } from './tree.ts';

/**
 * The objects of a few commits, in memory. A commit is a *tip* once every object of its tree is here (large blobs
 * excepted); only tips are told to the host as what we have.
 */
export interface ObjectStore {
  find(oid: Oid): GitObject | null;
  /** The bytes of an object that must be here. Throws `git-unreadable`. */
  read(oid: Oid, type: ObjectType): Buffer;
  /** The newest last. */
  tips(): readonly Oid[];
  /**
   * Makes a commit a tip from these objects and what is here. All of its tree must be there, or nothing is kept; what it
   * does not hold is not kept either. The oldest tips beyond the limit go, and what only they held.
   */
  adopt(commit: Oid, objects: ReadonlyMap<Oid, GitObject>): void;
  clear(): void;
}

export interface StoreLimits {
  readonly maxTips: number;
  /** For one commit: folders, files, links and submodules together. */
  readonly maxEntries: number;
  readonly maxDepth: number;
}

/** An empty store. `partial`: the host leaves out large blobs, so a missing blob is no damage. */
export function createObjectStore(limits: StoreLimits, partial: () => boolean): ObjectStore {
  const objects = new Map<Oid, GitObject>();
  let tips: Oid[] = [];
  /** Trees known to be here with all below them. */
  let whole = new Set<Oid>();

  const read = (oid: Oid, type: ObjectType) => {
    const object = objects.get(oid);
    if (object?.type !== type) throw unreadableAnswer(`the ${type} ${oid} is missing`);
    return object.data;
  };
  const sweep = () => {
    const kept = new Set(tips);
    for (const tip of tips) reach(parseCommit(tip, read(tip, 'commit')).tree, kept, read);
    for (const oid of objects.keys()) if (!kept.has(oid)) objects.delete(oid);
    whole = new Set([...whole].filter((oid) => kept.has(oid)));
  };
  return {
    find: (oid) => objects.get(oid) ?? null,
    read,
    tips: () => tips,
    adopt: (commit, more) => {
      const find = (oid: Oid) => more.get(oid) ?? objects.get(oid) ?? null;
      const found = collect(commit, { find, whole, limits, partial: partial() });
      for (const [oid, object] of found.objects) objects.set(oid, object);
      for (const tree of found.trees) whole.add(tree);
      tips = [...tips.filter((tip) => tip !== commit), commit];
      if (tips.length <= limits.maxTips) return;
      tips = tips.slice(Math.floor(limits.maxTips / 2));
      sweep();
    },
    clear: () => {
      objects.clear();
      tips = [];
      whole = new Set();
    },
  };
}

interface Search {
  readonly find: (oid: Oid) => GitObject | null;
  /** Trees that need not be looked into again. */
  readonly whole: ReadonlySet<Oid>;
  readonly limits: StoreLimits;
  readonly partial: boolean;
}

/** A commit and all below it that is not known to be whole. Throws `git-unreadable` where something is missing. */
function collect(commit: Oid, { find, whole, limits, partial }: Search) {
  const objects = new Map<Oid, GitObject>();
  const trees = new Set<Oid>();
  const take = (oid: Oid, type: ObjectType) => {
    const object = find(oid);
    if (object === null ? type === 'blob' && partial : object.type === type) {
      if (object !== null) objects.set(oid, object);
      return object?.data ?? null;
    }
    throw unreadableAnswer(`the ${type} ${oid} is missing`);
  };
  const visit = (oid: Oid, depth: number) => {
    if (whole.has(oid) || trees.has(oid)) return;
    if (depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
    for (const entry of readTree(take(oid, 'tree') ?? EMPTY)) {
      if (isFolder(entry.mode)) visit(entry.oid, depth + 1);
      else if (!isSubmodule(entry.mode)) take(entry.oid, 'blob');
    }
    trees.add(oid);
  };
  visit(parseCommit(commit, take(commit, 'commit') ?? EMPTY).tree, 0);
  return { objects, trees };
}

const EMPTY = Buffer.alloc(0);

function reach(tree: Oid, kept: Set<Oid>, read: ObjectStore['read']): void {
  if (kept.has(tree)) return;
  kept.add(tree);
  for (const entry of readTree(read(tree, 'tree'))) {
    if (isFolder(entry.mode)) reach(entry.oid, kept, read);
    else kept.add(entry.oid);
  }
}
