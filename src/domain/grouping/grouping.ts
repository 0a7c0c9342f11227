import { type Capture, capturesOf, type PathPattern } from './path-pattern.ts';

/** What goes into one pull request, beside the rule that what meets in one object stays together. From the config. */
export interface Grouping {
  /** Splits every group by what the first that matches captures of the path that is edited; empty splits none. */
  readonly paths: readonly PathPattern[];
  /** The first that fits an object names its group, unless its annotation does. */
  readonly named: readonly NamedGroup[];
}

/** A group that the configuration names. Globs: `*` within a segment, `**` across; of secrets on their names. */
export interface NamedGroup {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly paths: readonly string[];
}

/** Groups as the secrets alone make them. */
export const NO_GROUPING: Grouping = { paths: [], named: [] };

/** The part of every group that one combination of captured values makes. */
export interface Part {
  /** Of no other part; empty for what no pattern matches. */
  readonly key: string;
  /** Sorted by name; none twice. */
  readonly captures: readonly Capture[];
}

/** What no pattern matches, and everything where there is no pattern. */
export const NO_PART: Part = { key: '', captures: [] };

/** The part that a path belongs to: patterns with the same captures share their parts. */
export function partOf(path: string, { paths }: Grouping): Part {
  for (const pattern of paths) {
    const captures = capturesOf(pattern, path);
    if (captures === null) continue;
    const sorted = captures.toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return { key: JSON.stringify(sorted.map(({ name, value }) => [name, value])), captures: sorted };
  }
  return NO_PART;
}

const MOST_SIGNS = 40;

/**
 * A part in words, safe wherever people read it: `cluster=prod`. Letters of any script and digits stay; every other sign is
 * percent-encoded, so that no value looks like two. Null for the part without captures.
 */
export function partText({ captures }: Part): string | null {
  if (captures.length === 0) return null;
  return captures.map(({ name, value }) => `${name}=${plainValue(value)}`).join(', ');
}

function plainValue(value: string): string {
  const signs = Array.from(value, (sign) => (/^[\p{L}\p{N}._-]$/u.test(sign) ? sign : percent(sign)));
  const cut = signs.length > MOST_SIGNS ? [...signs.slice(0, MOST_SIGNS), '…'] : signs;
  return cut.join('');
}

function percent(sign: string): string {
  const bytes = new TextEncoder().encode(sign);
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}
