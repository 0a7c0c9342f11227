import type { RepoPath } from '../../../domain/repo-path.ts';

/** Things of one kind from all files, in the order of the files; `paths` says of each whose it is. Never changed, but replaced. */
export interface Lane<T> {
  readonly paths: readonly RepoPath[];
  readonly items: readonly T[];
}

/** The lane of many files, which are in order. */
export function laneOf<F, T>(files: Iterable<readonly [RepoPath, F]>, itemsOf: (file: F) => readonly T[]): Lane<T> {
  const paths: RepoPath[] = [];
  const items: T[] = [];
  for (const [path, file] of files) {
    for (const one of itemsOf(file)) {
      paths.push(path);
      items.push(one);
    }
  }
  return { paths, items };
}

/** A lane in which a file has these things and no others; the very same where it had them. */
export function replaceIn<T>(lane: Lane<T>, path: RepoPath, items: readonly T[]): Lane<T> {
  const from = firstOf(lane.paths, path);
  let to = from;
  while (lane.paths[to] === path) to += 1;
  if (to - from === items.length && items.every((one, at) => one === lane.items[from + at])) return lane;
  const isAsLong = to - from === items.length;
  return {
    paths: isAsLong
      ? lane.paths
      : spliced(
          lane.paths,
          from,
          to,
          items.map(() => path),
        ),
    items: spliced(lane.items, from, to, items),
  };
}

/** The place of a path in a list that is in order. */
export function firstOf(paths: readonly RepoPath[], path: RepoPath): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? path) < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `toSpliced` without its limit on how many. */
function spliced<T>(list: readonly T[], from: number, to: number, items: readonly T[]): readonly T[] {
  return [...list.slice(0, from), ...items, ...list.slice(to)];
}
