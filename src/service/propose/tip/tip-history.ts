import { Failure } from '../../../domain/failure.ts';
import { isCleanText, pathsToCompare, type Tree } from '../../../plan/life/clean-merge.ts';
import type { CommitInfo, Ref, Snapshot } from '../../../ports.ts';
import { BASELINE, BUILDS_ON, RESTART, ROTATION, readTrailers } from '../../../words/trailers.ts';
import { isOurs } from '../../reading/whose-commit.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { decodeText } from '../draft/draft-edits.ts';

/** Whose work an own branch holds. */
export type TipHistory =
  /**
   * Ours alone, and merges of the base that changed nothing else: it may be replaced. `first`: the commit of ours that stands
   * on the base; another one than the newest where a host's rule let us only add to it.
   */
  | { readonly kind: 'ours'; readonly own: CommitInfo; readonly first: CommitInfo }
  /** Somebody else's too: it is only added to. */
  | { readonly kind: 'shared'; readonly own: CommitInfo }
  /** Nothing of ours was found in it. */
  | { readonly kind: 'foreign' };

/** The longest that a person's commits are gone through, and the farthest that a base is looked back. */
const MOST_COMMITS = 10;

/**
 * Walks back from the tip to our newest commit, and on through those of ours that it was added to. `base`: the head of the
 * base. Where the host does not give an earlier commit the tip counts as somebody else's.
 */
export async function readHistory(
  served: ServedBranch,
  tip: { readonly ref: Ref; readonly commit: CommitInfo },
  base: Ref,
  signal: AbortSignal,
): Promise<TipHistory> {
  const walk: Walk = { served, ref: tip.ref, base, signal };
  const found: Found = { own: null, isShared: false };
  try {
    const first = await walkBack(walk, tip.commit, found);
    const { own, isShared } = found;
    if (own === null) return { kind: 'foreign' };
    return first === null || isShared ? { kind: 'shared', own } : { kind: 'ours', own, first };
  } catch (error) {
    if (!(error instanceof Failure) || !UNTOLD.includes(error.code)) throw error;
    return found.own === null ? { kind: 'foreign' } : { kind: 'shared', own: found.own };
  }
}

/** What a host answers that shows nothing but the heads of its branches. */
export const UNTOLD: readonly Failure['code'][] = ['git-rejected', 'git-missing', 'git-unreadable'];

interface Walk {
  readonly served: ServedBranch;
  readonly ref: Ref;
  readonly base: Ref;
  readonly signal: AbortSignal;
}

/** What a walk has come across so far. */
interface Found {
  own: CommitInfo | null;
  isShared: boolean;
}

/** Our commit that stands on no other one of the branch; null where it is out of reach. */
async function walkBack(walk: Walk, tip: CommitInfo, found: Found): Promise<CommitInfo | null> {
  let at = tip;
  for (let steps = 0; steps < MOST_COMMITS; steps += 1) {
    const isOwn = await isByUs(walk, at);
    if (isOwn) found.own ??= at;
    if (isOwn && !isAdded(at)) return at;
    const [first, second, ...more] = at.parents;
    if (first === undefined) return null;
    const before = await commitAt(walk, first);
    const isUpdate = second !== undefined && more.length === 0 && (await isCleanUpdate(walk, at, before));
    found.isShared ||= !isOwn && !isUpdate;
    at = before;
  }
  return null;
}

/** Whether one of our commits stands on another one of its branch. */
function isAdded({ message, parents }: CommitInfo): boolean {
  return readTrailers(message, BUILDS_ON)[0] === parents[0];
}

/** Who made it; and what it brings stands in its trailers. */
async function isByUs({ served, signal }: Walk, commit: CommitInfo): Promise<boolean> {
  const isNamed = [ROTATION, RESTART, BASELINE].some((trailer) => readTrailers(commit.message, trailer).length > 0);
  return isNamed && (await isOurs(served, commit, signal));
}

/** True when a merge only brought the base into the branch, as "Update branch" does. */
async function isCleanUpdate(walk: Walk, merge: CommitInfo, ours: CommitInfo): Promise<boolean> {
  const [, second = ''] = merge.parents;
  // An earlier update brought the base further: this one began there. Whether it was clean is asked when the walk gets to it.
  const [first, fork = first] = ours.parents;
  if (fork === undefined || !(await isOnBase(walk, second))) return false;
  const [merged, left, base, origin] = [
    await snapshotAt(walk, merge.oid),
    await snapshotAt(walk, ours.oid),
    await snapshotAt(walk, second),
    await snapshotAt(walk, fork),
  ];
  const trees = { merged: treeOf(merged), ours: treeOf(left), base: treeOf(base), origin: treeOf(origin) };
  const paths = pathsToCompare(trees);
  if (paths === null) return false;
  for (const snapshot of new Set([merged, left, base, origin])) {
    const some = snapshot.entries.filter(({ path, mode }) => paths.includes(path) && mode.startsWith('100'));
    await snapshot.prefetch(
      some.map(({ oid }) => oid),
      walk.signal,
    );
  }
  const read = (path: string) => Promise.all([merged, left, base, origin].map((snapshot) => textAt(snapshot, path)));
  return (await Promise.all(paths.map(read))).every(isCleanFile);
}

function isCleanFile([merged, ours, base, origin]: readonly (string | null | undefined)[]): boolean {
  const texts = [merged, ours, base, origin].map((text) => text ?? null);
  if (texts.includes(null)) return false;
  return isCleanText({ merged: merged ?? '', ours: ours ?? '', base: base ?? '', origin: origin ?? '' });
}

/** Only what the base has may be left out when the branch is made anew. */
async function isOnBase(walk: Walk, oid: string): Promise<boolean> {
  let at: string | undefined = walk.base.oid;
  for (let steps = 0; at !== undefined && steps < MOST_COMMITS; steps += 1) {
    if (at === oid) return true;
    [at] = (await commitAt(walk, at)).parents;
  }
  return false;
}

function commitAt({ served, ref, signal }: Walk, oid: string): Promise<CommitInfo> {
  return served.workspace.commit({ name: ref.name, oid }, signal);
}

function snapshotAt({ served, ref, signal }: Walk, oid: string): Promise<Snapshot> {
  return served.workspace.snapshot({ name: ref.name, oid }, signal);
}

function treeOf({ entries }: Snapshot): Tree {
  return new Map(entries.map(({ path, mode, oid }) => [path, { mode, oid }]));
}

async function textAt(snapshot: Snapshot, path: string): Promise<string | null> {
  const entry = snapshot.entries.find((one) => one.path === path);
  return entry === undefined ? null : decodeText(await snapshot.read(entry.oid));
}
