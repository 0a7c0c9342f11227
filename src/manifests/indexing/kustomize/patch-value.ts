import type { Plain } from '../../reading/kustomize/plain-value.ts';

type PlainMap = { readonly [key: string]: Plain };

/** True for a map of {@link Plain} values. */
export function isPlainMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A strategic merge patch on a value that Kustomize has no schema for, as on every custom resource: maps are merged, null
 * removes, lists and scalars are replaced. Undefined where a directive (`$patch`) asks for more.
 */
export function mergeValue(base: Plain, patch: Plain): Plain | undefined {
  if (!isPlainMap(patch)) return hasDirective(patch) ? undefined : patch;
  const merged = new Map(isPlainMap(base) ? Object.entries(base) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (key.startsWith('$')) return undefined;
    if (change === null) {
      merged.delete(key);
      continue;
    }
    const value = mergeValue(merged.get(key) ?? null, change);
    if (value === undefined) return undefined;
    merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

function hasDirective(value: Plain): boolean {
  if (Array.isArray(value)) return value.some((one: Plain) => hasDirective(one));
  return isPlainMap(value) && Object.entries(value).some(([key, one]) => key.startsWith('$') || hasDirective(one));
}

/** JSON6902 operations on the whole object. Undefined where one of them cannot be carried out, or is none of these four. */
export function operateOn(object: Plain, operations: Plain): Plain | undefined {
  if (!Array.isArray(operations)) return undefined;
  let current: Plain | undefined = object;
  for (const one of operations) {
    if (current === undefined) return undefined;
    current = operate(current, one);
  }
  return current;
}

function operate(object: Plain, operation: Plain): Plain | undefined {
  if (!isPlainMap(operation)) return undefined;
  const { op, path, value = null } = operation;
  if (typeof path !== 'string' || !path.startsWith('/')) return undefined;
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (op === 'test') return object;
  // What stands elsewhere has no part in what is fetched.
  if (steps[0] !== 'spec') return object;
  return op === 'add' || op === 'replace' || op === 'remove' ? changeAt(object, steps, { op, value }) : undefined;
}

interface Change {
  readonly op: 'add' | 'replace' | 'remove';
  readonly value: Plain;
}

function changeAt(target: Plain, [step = '', ...rest]: readonly string[], change: Change): Plain | undefined {
  if (Array.isArray(target)) return changeInList(target, [step, ...rest], change);
  if (!isPlainMap(target)) return undefined;
  const known = Object.hasOwn(target, step) ? target[step] : undefined;
  if (rest.length > 0) {
    const inner = known === undefined ? undefined : changeAt(known, rest, change);
    return inner === undefined ? undefined : { ...target, [step]: inner };
  }
  if (change.op !== 'add' && known === undefined) return undefined;
  const others = Object.entries(target).filter(([key]) => key !== step);
  return Object.fromEntries(change.op === 'remove' ? others : [...others, [step, change.value]]);
}

function changeInList(
  list: readonly Plain[],
  [step = '', ...rest]: readonly string[],
  change: Change,
): Plain | undefined {
  const isAdd = change.op === 'add' && rest.length === 0;
  const at = placeIn(list, step);
  if (at === null || (at === list.length && !isAdd)) return undefined;
  if (isAdd) return list.toSpliced(at, 0, change.value);
  if (rest.length === 0) return change.op === 'remove' ? list.toSpliced(at, 1) : list.toSpliced(at, 1, change.value);
  const inner = changeAt(list[at] ?? null, rest, change);
  return inner === undefined ? undefined : list.toSpliced(at, 1, inner);
}

/** A place in the list or behind its end; null for any other. */
function placeIn({ length }: readonly Plain[], step: string): number | null {
  if (step === '-') return length;
  const at = /^(?:0|[1-9]\d{0,5})$/.test(step) ? Number(step) : null;
  return at === null || at > length ? null : at;
}
