import type { Plain } from '../../reading/kustomize/plain-value.ts';

type PlainMap = { readonly [key: string]: Plain };

/** True for a map of {@link Plain} values. */
export function isPlainMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A strategic merge patch on a value that Kustomize has no schema for, as on every custom resource: maps are merged, null
 * removes, lists and scalars are replaced, and `$patch` is heeded on maps. Where there is a schema, `keys` are its lists that are
 * merged. Undefined for other directives, and where Kustomize
 * would fail.
 */
export function mergeValue(base: Plain, patch: Plain, keys: MergeKeys = NO_KEYS): Plain | undefined {
  if (base !== null && sortOf(base) !== sortOf(patch)) return undefined;
  if (!isPlainMap(patch)) return patch;
  const { $patch: directive = 'merge', ...changes } = patch;
  if (directive !== 'merge' && directive !== 'replace') return undefined;
  return mergeMap(directive === 'merge' && isPlainMap(base) ? base : {}, changes, keys);
}

/** What tells the entries of some lists apart, by the name of the list: those are merged, not replaced. */
export type MergeKeys = ReadonlyMap<string, string>;

const NO_KEYS: MergeKeys = new Map();

/** The lists of a pod that Kubernetes merges. */
export const POD_LISTS: MergeKeys = new Map([
  ...['containers', 'initContainers', 'ephemeralContainers', 'env', 'volumes', 'imagePullSecrets'].map(
    (list) => [list, 'name'] as const,
  ),
  ['volumeMounts', 'mountPath'],
]);

function mergeMap(base: PlainMap, changes: PlainMap, keys: MergeKeys): Plain | undefined {
  const merged = new Map(Object.entries(base));
  for (const [key, change] of Object.entries(changes)) {
    if (key.startsWith('$')) return undefined;
    const isGone = change === null || deletes(change);
    const value = isGone ? null : mergeField(merged.get(key) ?? null, change, { mergeKey: keys.get(key), keys });
    if (value === undefined) return undefined;
    if (isGone) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

interface Merging {
  readonly keys: MergeKeys;
  readonly mergeKey: string | undefined;
}

function mergeField(base: Plain, change: Plain, { mergeKey, keys }: Merging): Plain | undefined {
  const isMerged = mergeKey !== undefined && Array.isArray(change) && (base === null || Array.isArray(base));
  return isMerged ? mergeList(base ?? [], change, { mergeKey, keys }) : mergeValue(base, change, keys);
}

/** Kustomize puts what a patch names before all others, in the order of the patch. */
function mergeList(base: Plain, changes: readonly Plain[], merging: Merging): Plain | undefined {
  const isAnew = changes.some((one) => isPlainMap(one) && one['$patch'] === 'replace' && Object.keys(one).length === 1);
  const known = byKey(isAnew ? [] : base, merging);
  const named = byKey(
    isAnew ? changes.filter((one) => !(isPlainMap(one) && one['$patch'] === 'replace')) : changes,
    merging,
  );
  // What an empty list makes of one that is merged differs between versions of Kustomize.
  if (known === undefined || named === undefined || changes.length === 0) return undefined;
  const merged: Plain[] = [];
  for (const [name, change] of named) {
    if (deletes(change)) continue;
    const isPlainMerge = isPlainMap(change) && change['$patch'] === undefined;
    const value = isPlainMerge ? mergeValue(known.get(name) ?? null, change, merging.keys) : undefined;
    if (value === undefined) return undefined;
    merged.push(value);
  }
  return [...merged, ...[...known].flatMap(([name, one]) => (named.has(name) ? [] : [one]))];
}

/** Undefined where an entry has none, or two have the same. */
function byKey(list: Plain, { mergeKey = '' }: Merging): ReadonlyMap<string, Plain> | undefined {
  const entries = (Array.isArray(list) ? list : []).map(
    (one) => [isPlainMap(one) ? one[mergeKey] : null, one] as const,
  );
  const found = new Map(entries.flatMap(([key, one]) => (typeof key === 'string' ? [[key, one] as const] : [])));
  return found.size === entries.length ? found : undefined;
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
