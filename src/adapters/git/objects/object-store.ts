import { Failure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
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
  add(objects: ReadonlyMap<Oid, GitObject>): void;
  /** The newest last. */
  tips(): readonly Oid[];
  /** Makes a commit a tip after checking its tree; the oldest tips beyond the limit go, and what only they held. */
  markTip(commit: Oid): void;
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
    add: (more) => {
      for (const [oid, object] of more) objects.set(oid, object);
    },
    tips: () => tips,
    markTip: (commit) => {
      const { tree } = parseCommit(commit, read(commit, 'commit'));
      checkTree(tree, whole, { read, limits, missingBlob: (oid) => !partial() && !objects.has(oid) });
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

interface Checks {
  readonly read: (oid: Oid, type: ObjectType) => Buffer;
  readonly limits: StoreLimits;
  readonly missingBlob: (oid: Oid) => boolean;
}

function checkTree(root: Oid, whole: Set<Oid>, checks: Checks): void {
  const visit = (oid: Oid, depth: number) => {
    if (whole.has(oid)) return;
    if (depth > checks.limits.maxDepth) throw tooLarge(`folders more than ${checks.limits.maxDepth} deep`);
    for (const entry of readTree(checks.read(oid, 'tree'))) {
      if (isFolder(entry.mode)) visit(entry.oid, depth + 1);
      else if (!isSubmodule(entry.mode) && checks.missingBlob(entry.oid)) {
        throw unreadableAnswer(`the blob ${entry.oid} is missing`);
      }
    }
    whole.add(oid);
  };
  visit(root, 0);
}

function reach(tree: Oid, kept: Set<Oid>, read: Checks['read']): void {
  if (kept.has(tree)) return;
  kept.add(tree);
  for (const entry of readTree(read(tree, 'tree'))) {
    if (isFolder(entry.mode)) reach(entry.oid, kept, read);
    else kept.add(entry.oid);
  }
}

/** A repository beyond what is ever read. */
export function tooLarge(what: string): Failure {
  return new Failure(`could not read the repository: it has ${what}`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Point gitops-reloader at a smaller repository.',
  });
}
