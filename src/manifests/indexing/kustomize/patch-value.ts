import type { Plain } from '../../reading/kustomize/plain-value.ts';

type PlainMap = { readonly [key: string]: Plain };

/** True for a map of {@link Plain} values. */
export function isPlainMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A strategic merge patch on a value that Kustomize has no schema for, as on every custom resource: maps are merged, null
 * removes, lists and scalars are replaced, and `$patch` is heeded on maps. Undefined for other directives, and where Kustomize
 * would fail.
 */
export function mergeValue(base: Plain, patch: Plain): Plain | undefined {
  if (base !== null && sortOf(base) !== sortOf(patch)) return undefined;
  if (!isPlainMap(patch)) return patch;
  const { $patch: directive = 'merge', ...changes } = patch;
  if (directive !== 'merge' && directive !== 'replace') return undefined;
  return mergeMap(directive === 'merge' && isPlainMap(base) ? base : {}, changes);
}

function mergeMap(base: PlainMap, changes: PlainMap): Plain | undefined {
  const merged = new Map(Object.entries(base));
  for (const [key, change] of Object.entries(changes)) {
    if (key.startsWith('$')) return undefined;
    const isGone = change === null || deletes(change);
    const value = isGone ? null : mergeValue(merged.get(key) ?? null, change);
    if (value === undefined) return undefined;
    if (isGone) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** True for a map that says to take away what stands in its place. */
export function deletes(change: Plain): boolean {
  return isPlainMap(change) && change['$patch'] === 'delete';
}

function sortOf(value: Plain): string {
  if (Array.isArray(value)) return 'list';
  return isPlainMap(value) ? 'map' : 'scalar';
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
  const { op, path, from, value = null } = operation;
  const steps = stepsOf(path);
  if (steps === null) return undefined;
  if (op === 'test') return object;
  if (!isKept(steps)) return undefined;
  if (op === 'add' || op === 'replace' || op === 'remove') return changeAt(object, steps, { op, value });
  return op === 'move' || op === 'copy' ? bring(object, { op, steps, source: stepsOf(from) }) : undefined;
}

interface Bringing {
  readonly op: 'move' | 'copy';
  readonly steps: readonly string[];
  readonly source: readonly string[] | null;
}

function bring(object: Plain, { op, steps, source }: Bringing): Plain | undefined {
  const value = source !== null && isKept(source) ? valueAt(object, source) : undefined;
  if (source === null || value === undefined) return undefined;
  const rest = op === 'move' ? changeAt(object, source, { op: 'remove', value: null }) : object;
  const result = rest === undefined ? undefined : changeAt(rest, steps, { op: 'add', value });
  return result === undefined || isLarge(result) ? undefined : result;
}

// What is copied into itself again and again would double each time.
const MAX_VALUES = 5000;

function isLarge(value: Plain): boolean {
  const open: Plain[] = [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined && count <= MAX_VALUES; next = open.pop()) {
    count += 1;
    if (typeof next === 'object' && next !== null) open.push(...Object.values(next));
  }
  return count > MAX_VALUES;
}

/** Null for what is no JSON pointer. */
function stepsOf(path: Plain | undefined): readonly string[] | null {
  if (typeof path !== 'string' || !path.startsWith('/')) return null;
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whoever changes more than these names an object anew, or makes another one of it. */
function isKept([first, second]: readonly string[]): boolean {
  return first === 'metadata' ? second === 'labels' || second === 'annotations' : !OTHERS.has(first ?? '');
}

const OTHERS: ReadonlySet<string> = new Set(['', 'apiVersion', 'kind']);

function valueAt(value: Plain, [step, ...rest]: readonly string[]): Plain | undefined {
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    const at = placeIn(value, step);
    const found = at === null ? undefined : value[at];
    return found === undefined ? undefined : valueAt(found, rest);
  }
  const found = isPlainMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return found === undefined ? undefined : valueAt(found, rest);
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
  if (change.op === 'remove' && known === undefined) return undefined;
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

/** A place in the list or behind its end, or counted from there; null for any other. */
function placeIn({ length }: readonly Plain[], step: string): number | null {
  if (step === '-') return length;
  const back = /^-([1-9]\d{0,5})$/.exec(step)?.[1];
  if (back !== undefined) return Number(back) > length ? null : length - Number(back);
  const at = /^(?:0|[1-9]\d{0,5})$/.test(step) ? Number(step) : null;
  return at === null || at > length ? null : at;
}
