import type { TreeEntry } from '../../ports.ts';

/** No place of a list: there are 50,000 places in a large one, and most are compared after each commit. */
export const NOWHERE = -1;

/** Where the entries of one snapshot stand in an earlier one. */
export interface ComparedEntries {
  /** For each entry its place in the earlier snapshot where it is the same there, else {@link NOWHERE}. */
  readonly same: Int32Array;
  /** Entries that are not: at which place, and where the earlier snapshot has another one of that path. */
  readonly changed: ReadonlyMap<number, number>;
  /** Entries of the earlier snapshot that are not in this one. */
  readonly gone: readonly TreeEntry[];
}

/**
 * Compares two lists in Git's order, in one pass and mostly by identity. Where paths do not sort here as they do in Git,
 * an entry may count as changed that is not.
 */
export function compareEntries(earlier: readonly TreeEntry[], now: readonly TreeEntry[]): ComparedEntries {
  const same = new Int32Array(now.length).fill(NOWHERE);
  const changed = new Map<number, number>();
  const gone: TreeEntry[] = [];
  let before = 0;
  for (let at = 0; at < now.length; at += 1) {
    const entry = now[at];
    if (entry === undefined) continue;
    for (; isBefore(earlier[before], entry); before += 1) gone.push(...earlier.slice(before, before + 1));
    const other = earlier[before];
    if (other !== undefined && isSame(other, entry)) {
      same[at] = before;
      before += 1;
      continue;
    }
    const isOther = other?.path === entry.path;
    changed.set(at, isOther ? before : NOWHERE);
    if (isOther) gone.push(other);
    if (isOther) before += 1;
  }
  return { same, changed, gone: [...gone, ...earlier.slice(before)] };
}

function isBefore(other: TreeEntry | undefined, entry: TreeEntry): boolean {
  return other !== undefined && other !== entry && other.path < entry.path;
}

function isSame(left: TreeEntry, right: TreeEntry): boolean {
  return left === right || (left.oid === right.oid && left.mode === right.mode && left.path === right.path);
}
