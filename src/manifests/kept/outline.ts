/**
 * What many values have in common, and where they differ: `same` stands in all of them, each `differs` is one more entry of
 * every value's row, in the order in which they are met.
 */
export type Outline =
  | readonly ['same', Scalar]
  | readonly ['differs']
  | readonly ['list', ...Outline[]]
  /** Its entries: a key, what it stands for, the next key … */
  | readonly ['map', ...Outline[]]
  | readonly ['object', readonly string[], ...Outline[]];

export type Scalar = string | number | boolean | null;

/** The values at the ends of a value, and a text that is the same for all values of one build. */
export interface Sketch {
  readonly build: string;
  readonly ends: readonly Scalar[];
}

/** Taken apart; null for what could not be put together again exactly. */
export function sketchOf(value: unknown): Sketch | null {
  const ends: Scalar[] = [];
  const build = buildOf(value, ends);
  return build === null ? null : { build, ends };
}

function buildOf(value: unknown, ends: Scalar[]): string | null {
  if (isScalar(value)) {
    ends.push(value);
    return '.';
  }
  if (value instanceof Map) return joined('m(', [...value].flat(), ends);
  if (Array.isArray(value)) return joined('l(', value, ends);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return null;
  const keys = Object.keys(value);
  // As a key of an object it would be no key of the one that is made of it.
  if (keys.includes('__proto__')) return null;
  return joined(`o${JSON.stringify(keys)}(`, Object.values(value), ends);
}

function joined(name: string, parts: readonly unknown[], ends: Scalar[]): string | null {
  let text = name;
  for (const part of parts) {
    const build = buildOf(part, ends);
    if (build === null) return null;
    text += build;
  }
  return `${text})`;
}

/** True for what JSON gives back as it was. */
export function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** The outline of a value whose ends are the same in all of its build, but for those that `differs` names by their position. */
export function outlineOf(value: unknown, differs: readonly boolean[]): Outline {
  let at = 0;
  const draw = (part: unknown): Outline => {
    if (isScalar(part)) {
      at += 1;
      return differs[at - 1] === true ? ['differs'] : ['same', part];
    }
    if (part instanceof Map) return ['map', ...[...part].flat().map(draw)];
    if (Array.isArray(part)) return ['list', ...part.map(draw)];
    const entries: readonly (readonly [string, unknown])[] = Object.entries(part ?? {});
    return ['object', entries.map(([key]) => key), ...entries.map(([, of]) => draw(of))];
  };
  return draw(value);
}
