import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { LocatedWorkload } from '../../find-consumers.ts';

/** The workloads of each of many things, in the order of their files. A file's part in it can be replaced. */
export interface Consumers<K> {
  readonly of: (key: K) => readonly LocatedWorkload[];
  /** True where something came from a file. */
  readonly has: (path: RepoPath) => boolean;
  /** Puts these pairs in the place of all that came from a file before. */
  readonly replace: (path: RepoPath, pairs: readonly (readonly [K, LocatedWorkload])[]) => void;
  /** What has other workloads since this was asked last. */
  readonly takeTouched: () => ReadonlySet<K>;
}

interface Group {
  readonly path: RepoPath;
  readonly workloads: LocatedWorkload[];
}

/** Starts with nobody. */
export function createConsumers<K>(): Consumers<K> {
  const groups = new Map<K, Group[]>();
  const keysOf = new Map<RepoPath, readonly K[]>();
  let touched = new Set<K>();
  const remove = (path: RepoPath): void => {
    for (const key of keysOf.get(path) ?? []) {
      const left = groups.get(key)?.filter((one) => one.path !== path) ?? [];
      if (left.length === 0) groups.delete(key);
      else groups.set(key, left);
      touched.add(key);
    }
    keysOf.delete(path);
  };
  return {
    of: (key) => {
      const [first, ...others] = groups.get(key) ?? [];
      if (first === undefined) return NOBODY;
      return others.length === 0 ? first.workloads : [first, ...others].flatMap(({ workloads }) => workloads);
    },
    has: (path) => keysOf.has(path),
    replace: (path, pairs) => {
      remove(path);
      if (pairs.length === 0) return;
      for (const [key, workload] of pairs) {
        touched.add(key);
        groupAt(groups, key, path).workloads.push(workload);
      }
      const keys = pairs.map(([key]) => key);
      keysOf.set(path, keys.length === 1 ? keys : [...new Set(keys)]);
    },
    takeTouched: () => {
      const all = touched;
      touched = new Set();
      return all;
    },
  };
}

const NOBODY: readonly LocatedWorkload[] = [];

/** The part of a file in what a thing has; empty where it had none. */
function groupAt<K>(groups: Map<K, Group[]>, key: K, path: RepoPath): Group {
  const known = groups.get(key);
  const made = { path, workloads: [] };
  if (known === undefined) {
    groups.set(key, [made]);
    return made;
  }
  // Files mostly come in their order.
  const after = known.findLastIndex((one) => one.path <= path);
  const last = known[after];
  if (last?.path === path) return last;
  known.splice(after + 1, 0, made);
  return made;
}
