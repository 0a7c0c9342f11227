import { DESTINATION_KEYS } from './destination-keys.ts';
import { GENERAL_KEYS } from './general-keys.ts';
import type { KeyRow } from './key.ts';
import { NETWORK_KEYS } from './network-keys.ts';
import { REPOSITORY_KEYS } from './repository-keys.ts';
import { SOURCE_KEYS } from './source-keys.ts';

/** The one table of keys: it drives parsing, defaults, the README's table and the JSON Schema. */
export const KEYS: readonly KeyRow[] = [
  ...GENERAL_KEYS,
  ...NETWORK_KEYS,
  ...SOURCE_KEYS,
  ...DESTINATION_KEYS,
  ...REPOSITORY_KEYS,
];

/** The keys that may stand in a section, by name. The whole document's path is empty; an entry of a list ends in `[]`. */
export type KeyTable = (section: string) => ReadonlyMap<string, KeyRow>;

/** Rows as a table. */
export function keyTable(rows: readonly KeyRow[]): KeyTable {
  const children = childrenByParent(rows);
  return (section) => children.get(section) ?? new Map();
}

/** The table of a document that stands alone. */
export const OWN_TABLE = keyTable(KEYS);

const TOLD_BY_OTHERS = ['spec.notificationSources', 'spec.aws', 'spec.aws.accounts'];

/** The table of a document beside ESO Reloader's, which already say where messages come from. */
export const JOINED_TABLE = keyTable(
  KEYS.map((row) => (TOLD_BY_OTHERS.includes(row.path) ? { ...row, default: null } : row)),
);

/** A row's paths with `(a|b)` written out. */
export function pathsOf(path: string): readonly string[] {
  const group = /\(([^()]*)\)/.exec(path);
  if (group === null) return [path];
  const before = path.slice(0, group.index);
  const after = path.slice(group.index + group[0].length);
  return (group[1] ?? '').split('|').flatMap((name) => pathsOf(`${before}${name}${after}`));
}

function childrenByParent(rows: readonly KeyRow[]): ReadonlyMap<string, ReadonlyMap<string, KeyRow>> {
  const children = new Map<string, Map<string, KeyRow>>();
  for (const row of rows) {
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
