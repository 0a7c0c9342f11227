import type { File } from './ground.ts';

/** A file that one commit changes: it comes, it goes, or it says something else. */
export type FileChange =
  | { readonly kind: 'comes'; readonly after: File }
  | { readonly kind: 'goes'; readonly before: File }
  | { readonly kind: 'changes'; readonly before: File; readonly after: File };

/** The file that a change is about: as it is afterwards, or as it was. */
export function fileOf(change: FileChange): File {
  return change.kind === 'goes' ? change.before : change.after;
}

/** Files in the order of their paths; the very list where they are in order. */
export function inOrder(files: readonly File[]): readonly File[] {
  for (let at = 1; at < files.length; at += 1) {
    const [left, right] = [files[at - 1]?.path ?? '', files[at]?.path ?? ''];
    if (left >= right) return files.toSorted((one, other) => compare(one.path, other.path));
  }
  return files;
}

/** True where no path stands twice in a list that is in order. */
export function areDistinct(files: readonly File[]): boolean {
  return files.every(({ path }, at) => at === 0 || files[at - 1]?.path !== path);
}

/** What differs between two lists that are in order; null for more than `most` changes. Facts are the same only if they are the very same. */
export function changesBetween(
  before: readonly File[],
  after: readonly File[],
  most: number,
): readonly FileChange[] | null {
  const changes: FileChange[] = [];
  let old = 0;
  let now = 0;
  while (changes.length <= most) {
    const left = before[old];
    const right = after[now];
    if (left === undefined && right === undefined) return changes;
    const order = orderOf(left, right);
    if (order <= 0) old += 1;
    if (order >= 0) now += 1;
    if (order < 0 && left !== undefined) changes.push({ kind: 'goes', before: left });
    else if (order > 0 && right !== undefined) changes.push({ kind: 'comes', after: right });
    else if (left !== undefined && right !== undefined && left.facts !== right.facts)
      changes.push({ kind: 'changes', before: left, after: right });
  }
  return null;
}

/** The end of a list comes after everything. */
function orderOf(left: File | undefined, right: File | undefined): number {
  if (left === right || left === undefined || right === undefined)
    return left === undefined ? 1 : right === left ? 0 : -1;
  return compare(left.path, right.path);
}

/** The order of paths. */
export function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
