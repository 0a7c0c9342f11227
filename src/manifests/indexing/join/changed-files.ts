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

/** Files in the order of their paths: the very list where it is so. Of several of one path, which no sound tree has, the last counts. */
export function inOrder(files: readonly File[]): readonly File[] {
  if (isInOrder(files)) return files;
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [...byPath.values()].toSorted((left, right) => compare(left.path, right.path));
}

function isInOrder(files: readonly File[]): boolean {
  let before = '';
  for (const { path } of files) {
    if (path <= before) return false;
    before = path;
  }
  return true;
}

/**
 * What differs between two lists of files, of which `before` is in order; null for more than `most` changes, and where `after`
 * is not in order. What is the same in both is not even looked at. Facts are the same only if they are the very same.
 */
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
    if (order >= 0 && left !== right && !follows(right, after[now - 1])) return null;
    if (order <= 0) old += 1;
    if (order >= 0) now += 1;
    const change = changeOf(order <= 0 ? left : undefined, order >= 0 ? right : undefined);
    if (change !== null) changes.push(change);
  }
  return null;
}

function changeOf(before: File | undefined, after: File | undefined): FileChange | null {
  if (before === undefined) return after === undefined ? null : { kind: 'comes', after };
  if (after === undefined) return { kind: 'goes', before };
  return before.facts === after.facts ? null : { kind: 'changes', before, after };
}

function follows(file: File | undefined, before: File | undefined): boolean {
  return file === undefined || before === undefined || before.path < file.path;
}

/** The end of a list comes after everything. */
function orderOf(left: File | undefined, right: File | undefined): number {
  if (left === right) return 0;
  if (left === undefined) return 1;
  return right === undefined ? -1 : compare(left.path, right.path);
}

/** The order of paths. */
export function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
