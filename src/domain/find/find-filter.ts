import { sha256Hex } from '../digest.ts';

/**
 * What a `find` of an ExternalSecret looks for: an unanchored RE2 pattern on the name, a prefix of the name, and tags.
 * Null or empty where not given.
 */
export interface FindFilter {
  readonly regexp: string | null;
  readonly path: string | null;
  /** Each a tag's key and value, sorted by key. */
  readonly tags: readonly (readonly [string, string])[];
}

/** How many secrets, or parameters, of one account and region are looked through at most. */
export const MOST_LISTED = 20_000;

/** A secret, or a parameter, as a list of secrets has it: it may be older than what describing it tells. */
export interface ListedSecret {
  readonly name: string;
  /** The random end of its ARN; null where it has none. */
  readonly suffix: string | null;
  /** True when deletion is scheduled. */
  readonly deleted: boolean;
  readonly tags: ReadonlyMap<string, string>;
  /** VersionId by staging label, as the list has it; empty where it tells none. */
  readonly versions: ReadonlyMap<string, string>;
}

/** The name that a find has in tokens: equal for equal path, pattern and tags, however they are written down. */
export function findDigest({ regexp, path, tags }: FindFilter): string {
  return sha256Hex(JSON.stringify([path, regexp, sorted(tags)]), 16);
}

/** The version of a set of secrets: changes exactly when a member comes, goes, or has another version. */
export function membersVersion(members: ReadonlyMap<string, string>): string {
  return `sha256-${sha256Hex(JSON.stringify(sorted([...members])), 16)}`;
}

/** The version of a secret's tags: changes exactly when one of them does. They themselves are never shown. */
export function tagsVersion(tags: ReadonlyMap<string, string>): string {
  return `sha256-${sha256Hex(JSON.stringify(sorted([...tags])), 16)}`;
}

function sorted(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return pairs.toSorted(([left], [right]) => (left < right ? -1 : 1));
}
