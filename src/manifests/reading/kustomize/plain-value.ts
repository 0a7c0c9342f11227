import { entries, isNull, isTrue, items, readQuietly, spend, text, type View } from '../yaml-view.ts';

/** A YAML value without its places: scalars as their text, but for null and true. */
export type Plain = null | true | string | readonly Plain[] | { readonly [key: string]: Plain };

const MAX_LENGTH = 16 * 1024;
const MAX_DEPTH = 20;
const MAX_VALUES = 2000;
// Writing JSON is quick, but aliases may bring one long text to thousands of objects.
const CHARACTERS_A_STEP = 64;

/** A value as JSON text, to be read again when a patch has changed it; null where it is too large to be kept, or to be pruned. */
export function plainJson(view: View | null, prune: (value: Plain) => Plain = (value) => value): string | null {
  const value =
    view === null
      ? null
      : (readQuietly(view, () => plainOf(view, { depth: 0, left: { values: MAX_VALUES } })) ?? undefined);
  if (value === undefined) return null;
  const json = JSON.stringify(prune(value));
  if (view !== null && !spend(view, Math.ceil(json.length / CHARACTERS_A_STEP))) return null;
  return json.length > MAX_LENGTH ? null : json;
}

/** How far down it is, and how many values may still be read: aliases must not use up the steps of the whole file. */
interface Reach {
  readonly depth: number;
  readonly left: { values: number };
}

/** Undefined for what is nested too deeply, or too much. */
function plainOf(view: View, { depth, left }: Reach): Plain | undefined {
  left.values -= 1;
  if (depth > MAX_DEPTH || left.values < 0) return undefined;
  if (isNull(view)) return null;
  if (isTrue(view)) return true;
  const inside: Reach = { depth: depth + 1, left };
  const list = items(view);
  if (list !== null) {
    const values: Plain[] = [];
    for (const item of list) {
      const value = plainOf(item, inside);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  }
  const pairs = entries(view);
  if (pairs === null) return text(view) ?? undefined;
  const fields: [string, Plain][] = [];
  for (const [key, one] of pairs) {
    const value = plainOf(one, inside);
    if (value === undefined) return undefined;
    fields.push([key, value]);
  }
  return Object.fromEntries(fields);
}

/** The value that {@link plainJson} wrote. */
export function readPlain(json: string): Plain {
  return toPlain(JSON.parse(json));
}

function toPlain(value: unknown): Plain {
  if (value === null || value === true || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => toPlain(one));
  if (typeof value !== 'object') return JSON.stringify(value) ?? '';
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(one)]));
}
