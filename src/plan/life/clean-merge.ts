import type { Oid } from '../../domain/repo-path.ts';

/** A file in a tree: its mode and its blob. */
export interface TreeFile {
  readonly mode: string;
  readonly oid: Oid;
}

export type Tree = ReadonlyMap<string, TreeFile>;

/** The four trees of a merge: what it made of its two parents, and what those had in common. */
export interface MergeTrees {
  readonly merged: Tree;
  /** The branch before it. */
  readonly ours: Tree;
  /** The base that was merged into it. */
  readonly base: Tree;
  /** What the branch began with. */
  readonly origin: Tree;
}

/**
 * Whether a merge did nothing but bring the base into the branch. Paths that both sides changed are left to
 * {@link isCleanText}; null where some path is neither side's.
 */
export function pathsToCompare({ merged, ours, base, origin }: MergeTrees): readonly string[] | null {
  const unclear: string[] = [];
  for (const path of new Set([...merged.keys(), ...ours.keys(), ...base.keys(), ...origin.keys()])) {
    const [made, left, right, common] = [merged, ours, base, origin].map((tree) => textOf(tree.get(path)));
    const expected = left === common || left === right ? right : right === common ? left : null;
    if (expected === null) unclear.push(path);
    else if (made !== expected) return null;
  }
  return unclear;
}

function textOf(file: TreeFile | undefined): string {
  return file === undefined ? '' : `${file.mode} ${file.oid}`;
}

export interface MergeTexts {
  readonly merged: string;
  readonly ours: string;
  readonly base: string;
  readonly origin: string;
}

/** True when the merge brings to the base's text exactly the lines that the branch brought to its own, and takes as many away. */
export function isCleanText({ merged, ours, base, origin }: MergeTexts): boolean {
  const brought = changedLines(origin, ours);
  const made = changedLines(base, merged);
  if (!isSame(brought, made)) return false;
  // The rest stands in the base's order.
  const touched = new Set(brought.keys());
  const rest = (text: string) =>
    linesOf(text)
      .filter((line) => !touched.has(line))
      .join('\n');
  return rest(base) === rest(merged);
}

/** How many more of each line the second text has; lines of which both have as many are left out. */
function changedLines(before: string, after: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of linesOf(after)) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of linesOf(before)) counts.set(line, (counts.get(line) ?? 0) - 1);
  return new Map([...counts].filter(([, count]) => count !== 0));
}

function isSame(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): boolean {
  return left.size === right.size && [...left].every(([line, count]) => right.get(line) === count);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n');
}
