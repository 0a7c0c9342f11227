import { entries, isNull, isTrue, items, readQuietly, text, type View } from '../yaml-view.ts';

/** A YAML value without its places: scalars as their text, but for null and true. */
export type Plain = null | true | string | readonly Plain[] | { readonly [key: string]: Plain };

const MAX_LENGTH = 16 * 1024;
const MAX_DEPTH = 20;

/** A value as JSON text, to be read again when a patch has changed it; null where it is too large to be kept. */
export function plainJson(view: View | null): string | null {
  const value = view === null ? null : (readQuietly(view, () => plainOf(view, 0)) ?? undefined);
  if (value === undefined) return null;
  const json = JSON.stringify(value);
  return json.length > MAX_LENGTH ? null : json;
}

/** Undefined for what is nested too deeply. */
function plainOf(view: View, depth: number): Plain | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (isNull(view)) return null;
  if (isTrue(view)) return true;
  const list = items(view);
  if (list !== null) {
    const values = list.map((item) => plainOf(item, depth + 1));
    return values.some((value) => value === undefined) ? undefined : values.flatMap((value) => [value ?? null]);
  }
  const pairs = entries(view);
  if (pairs === null) return text(view) ?? undefined;
  const values = pairs.map(([key, value]) => [key, plainOf(value, depth + 1)] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(values.map(([key, value]) => [key, value ?? null]));
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
