import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import { isPlainMap } from '../patch-value.ts';

/** What becomes of a field; undefined where it cannot be told. */
type Fill = (old: Plain) => Plain | undefined;

/** How a field is filled; `created`: what stands where there was none, or undefined where none is made. */
export interface Filling {
  readonly fill: Fill;
  readonly created: string | undefined;
}

const MAX_STEPS = 50;
const MAX_PATH = 1000;

/**
 * A path of fields as Kustomize's replacements write it: parts between dots, `\.` for a dot in a name, `[name=x]` for items of
 * a list and `[a.b/c]` for a name with dots.
 */
export function splitFieldPath(path: string): readonly string[] {
  // No field at all: nothing is found there.
  if (path.length > MAX_PATH) return [];
  const parts = path.match(/(?:\\.|\[[^\]]*\]|[^.[\\]|\[)+/g) ?? [];
  return parts.map((part) => {
    const bracketed = /^\[([^=]*)\]$/.exec(part);
    return bracketed?.[1] ?? part.replaceAll('\\.', '.');
  });
}

/** The value at a path; undefined where there is none, or where it cannot be told. */
export function lookUp(value: Plain, path: readonly string[]): Plain | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (isPlainMap(value)) {
    const found = Object.hasOwn(value, step) ? value[step] : undefined;
    return found === undefined || found === null ? undefined : lookUp(found, rest);
  }
  if (!Array.isArray(value)) return undefined;
  const places = placesIn(value, step);
  const [at] = places ?? [];
  const found = at === undefined || places?.length !== 1 ? undefined : value[at];
  return found === undefined ? undefined : lookUp(found, rest);
}

/**
 * The value with each field at a path filled. Undefined where Kustomize finds no such field and fails, and where it is not
 * certain what it does.
 */
export function fillAt(value: Plain, path: readonly string[], filling: Filling): Plain | undefined {
  if (path.length > MAX_STEPS) return undefined;
  const found = fillBelow(value, path, filling);
  return found === undefined || found.count === 0 ? undefined : found.value;
}

interface Filled {
  readonly value: Plain;
  readonly count: number;
}

function fillBelow(value: Plain, [step, ...rest]: readonly string[], filling: Filling): Filled | undefined {
  if (step === undefined) {
    const filled = filling.fill(value);
    return filled === undefined ? undefined : { value: filled, count: 1 };
  }
  if (isPlainMap(value)) return fillInMap(value, [step, ...rest], filling);
  return Array.isArray(value) ? fillInList(value, [step, ...rest], filling) : undefined;
}

type PlainMap = { readonly [key: string]: Plain };

function fillInMap(map: PlainMap, [step = '', ...rest]: readonly string[], filling: Filling): Filled | undefined {
  const keys = step === '*' ? Object.keys(map) : [step];
  const filled = new Map(Object.entries(map));
  let count = 0;
  for (const key of keys) {
    const old = filled.get(key) ?? null;
    const found = old === null ? makeBelow(rest, filling) : fillBelow(old, rest, filling);
    if (found === undefined) return undefined;
    count += found.count;
    if (found.count > 0) filled.set(key, found.value);
  }
  return { value: Object.fromEntries(filled), count };
}

/** Maps for what is missing, where the replacement makes it: lists would be a guess. */
function makeBelow(rest: readonly string[], { created }: Filling): Filled | undefined {
  if (created === undefined) return { value: null, count: 0 };
  if (rest.some((step) => /^(?:\[|\d|\*|-)/.test(step))) return undefined;
  return { value: rest.reduceRight<Plain>((inner, step) => ({ [step]: inner }), created), count: 1 };
}

function fillInList(
  list: readonly Plain[],
  [step = '', ...rest]: readonly string[],
  filling: Filling,
): Filled | undefined {
  const places = placesIn(list, step);
  if (places === null) return undefined;
  // A missing item would be made, with nothing but what selects it.
  if (places.length === 0) return filling.created === undefined ? { value: [...list], count: 0 } : undefined;
  let count = 0;
  const filled = [...list];
  for (const at of places) {
    const found = fillBelow(list[at] ?? null, rest, filling);
    if (found === undefined) return undefined;
    count += found.count;
    if (found.count > 0) filled[at] = found.value;
  }
  return { value: filled, count };
}

/** Where the items are that a step means; null where Kustomize would fail. */
function placesIn(list: readonly Plain[], step: string): readonly number[] | null {
  if (step === '*') return list.map((_, at) => at);
  if (/^\d{1,6}$/.test(step)) return Number(step) < list.length ? [Number(step)] : null;
  const [, key, value] = /^\[([^=]*)=(.*)\]$/.exec(step) ?? [];
  if (key === undefined || value === undefined) return null;
  return list.flatMap((item, at) => {
    const own = key === '' ? item : isPlainMap(item) ? item[key] : undefined;
    return own === value ? [at] : [];
  });
}
