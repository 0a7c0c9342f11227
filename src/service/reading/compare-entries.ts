import type { TreeEntry } from '../../ports.ts';

/** Where the entries of one snapshot stand in an earlier one. */
export interface ComparedEntries {
  /** For each entry its place in the earlier snapshot where it is the same there, else null. */
  readonly same: readonly (number | null)[];
  /** Entries that are not: at which place, and where the earlier snapshot has another one of that path. */
  readonly changed: ReadonlyMap<number, number | null>;
  /** Entries of the earlier snapshot that are not in this one. */
  readonly gone: readonly TreeEntry[];
}

/**
 * Compares two lists in Git's order, in one pass and mostly by identity. Where paths do not sort here as they do in Git,
 * an entry may count as changed that is not.
 */
export function compareEntries(earlier: readonly TreeEntry[], now: readonly TreeEntry[]): ComparedEntries {
  const same: (number | null)[] = [];
  const changed = new Map<number, number | null>();
  const gone: TreeEntry[] = [];
  let before = 0;
  for (const [at, entry] of now.entries()) {
    for (; isBefore(earlier[before], entry); before += 1) gone.push(...earlier.slice(before, before + 1));
    const other = earlier[before];
    if (other !== undefined && isSame(other, entry)) {
      same.push(before);
      before += 1;
      continue;
    }
    const isOther = other?.path === entry.path;
    same.push(null);
    changed.set(at, isOther ? before : null);
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
