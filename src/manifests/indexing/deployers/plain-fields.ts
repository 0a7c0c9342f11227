import type { Plain } from '../../reading/kustomize/plain-value.ts';
import { isPlainMap } from '../kustomize/patch-value.ts';

/** The value at a path of keys; null where a step is missing. */
export function plainAt(value: Plain, ...path: readonly string[]): Plain {
  let current = value;
  for (const key of path) current = isPlainMap(current) && Object.hasOwn(current, key) ? (current[key] ?? null) : null;
  return current;
}

/** The text there; null where there is none, or an empty one. */
export function textAt(value: Plain, ...path: readonly string[]): string | null {
  const found = plainAt(value, ...path);
  if (found === true) return 'true';
  return typeof found === 'string' && found !== '' ? found : null;
}

/** The items of the list there; empty where there is none. */
export function listAt(value: Plain, ...path: readonly string[]): readonly Plain[] {
  const found = plainAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The entries of the map there whose values are texts. */
export function textsAt(value: Plain, ...path: readonly string[]): ReadonlyMap<string, string> {
  const found = plainAt(value, ...path);
  if (!isPlainMap(found)) return new Map();
  return new Map(
    Object.entries(found).flatMap(([key, one]) =>
      typeof one === 'string' || one === true ? [[key, String(one)] as const] : [],
    ),
  );
}
