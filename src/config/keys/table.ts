import { DESTINATION_KEYS } from './destination-keys.ts';
import { GENERAL_KEYS } from './general-keys.ts';
import type { KeyRow } from './key.ts';
import { REPOSITORY_KEYS } from './repository-keys.ts';
import { SOURCE_KEYS } from './source-keys.ts';

/** The one table of keys: it drives parsing, defaults, the README's table and the JSON Schema. */
export const KEYS: readonly KeyRow[] = [...GENERAL_KEYS, ...SOURCE_KEYS, ...DESTINATION_KEYS, ...REPOSITORY_KEYS];

const CHILDREN = childrenByParent();

/** The keys that may stand in a section, by name. The whole file's path is empty; an entry of a list ends in `[]`. */
export function keysOf(section: string): ReadonlyMap<string, KeyRow> {
  return CHILDREN.get(section) ?? new Map();
}

/** A row's paths with `(a|b)` written out. */
export function pathsOf(path: string): readonly string[] {
  const group = /\(([^()]*)\)/.exec(path);
  if (group === null) return [path];
  const before = path.slice(0, group.index);
  const after = path.slice(group.index + group[0].length);
  return (group[1] ?? '').split('|').flatMap((name) => pathsOf(`${before}${name}${after}`));
}

function childrenByParent(): ReadonlyMap<string, ReadonlyMap<string, KeyRow>> {
  const children = new Map<string, Map<string, KeyRow>>();
  for (const row of KEYS) {
    for (const path of pathsOf(row.path)) {
      const end = path.lastIndexOf('.');
      const parent = end === -1 ? '' : path.slice(0, end);
      const keys = children.get(parent) ?? new Map<string, KeyRow>();
      keys.set(path.slice(end + 1), row);
      children.set(parent, keys);
    }
  }
  return children;
}
