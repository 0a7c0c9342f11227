import type { Oid } from '../../../domain/repo-path.ts';
import { parseCommit } from '../objects/commit.ts';
import type { StoreLimits } from '../objects/object-store.ts';
import { isFolder, isSubmodule, readTree } from '../objects/tree.ts';
import { tooLarge } from '../too-large.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { type CommitFolder, packedIds, readFrom, type TreeCommit } from './commit-folder.ts';

interface Found {
  readonly folder: CommitFolder;
  readonly packed: ReadonlySet<Oid>;
  readonly limits: StoreLimits;
  readonly trees: Map<Oid, Buffer>;
}

/**
 * Proves that a commit is here with every tree and blob (isomorphic-git reports a fetch as done before it knows), and
 * remembers it and its trees in the folder. Throws `git-unreadable`, and `git-rejected` beyond the limits.
 */
export async function proveCommit(folder: CommitFolder, oid: Oid, limits: StoreLimits): Promise<TreeCommit> {
  const data = await readFrom(folder, oid, 'commit');
  if (data === null) throw unreadableAnswer(`the commit ${oid} is missing`);
  const commit = parseCommit(oid, data);
  const found: Found = { folder, packed: await packedIds(folder), limits, trees: new Map() };
  let level: readonly Oid[] = [commit.tree];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
    const below = new Set<Oid>();
    for (const tree of level) for (const next of await openTree(found, tree)) below.add(next);
    level = [...below];
  }
  for (const [tree, bytes] of found.trees) folder.trees.set(tree, bytes);
  folder.commits.set(oid, commit);
  folder.unproved = false;
  return commit;
}

/** The folders in one that was not looked at before. */
async function openTree({ folder, packed, limits, trees }: Found, oid: Oid): Promise<readonly Oid[]> {
  if (trees.has(oid) || folder.trees.has(oid)) return [];
  const data = await readFrom(folder, oid, 'tree');
  if (data === null) throw unreadableAnswer(`the tree ${oid} is missing`);
  trees.set(oid, data);
  if (trees.size > limits.maxEntries) throw tooLarge(`more than ${limits.maxEntries} files and folders`);
  const folders: Oid[] = [];
  for (const entry of readTree(data)) {
    if (isFolder(entry.mode)) folders.push(entry.oid);
    else if (!isSubmodule(entry.mode) && !packed.has(entry.oid))
      throw unreadableAnswer(`the blob ${entry.oid} is missing`);
  }
  return folders;
}
