import { isAlias, isMap, isScalar, type Pair, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { type Refusal, refuse } from './annotation-edit.ts';

export type ParsedMap = YAMLMap.Parsed;
export type ParsedSeq = YAMLSeq.Parsed;
export type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/** A map on the way from an object to its annotation. */
export interface Place {
  readonly map: ParsedMap;
  /** What people call it: `metadata.annotations`. */
  readonly label: string;
  /** The pair whose value it is, and the map around it; null for a document's root and a list's item. */
  readonly holder: ParsedPair | null;
  readonly parent: ParsedMap | null;
}

/**
 * Refuses a map that something else shares or that is written in a way in which a key cannot be placed exactly.
 * Null when it can be edited.
 */
export function checkMap(source: EditableText, { map, label }: Place): Refusal | null {
  if (isShared(source, map)) {
    return refuse(`${label} has an anchor that is used elsewhere`, `Write ${label} out where its alias stands.`);
  }
  if (map.tag !== undefined) return refuse(`${label} has a tag`, `Remove the tag of ${label}.`);
  if (hasOddAnchor(map)) return refuse(`${label} has an anchor ${ODD}`, PLAIN_NAME);
  const { fault } = readKeys(map);
  return fault === null ? null : refuse(`${label} ${fault.what}`, fault.hint);
}

/** A map's pairs by key, and what is wrong with its keys. */
interface Keys {
  readonly pairs: ReadonlyMap<string, ParsedPair>;
  readonly fault: { readonly what: string; readonly hint: string } | null;
}

// What was found once about a map of a parsed text: thousands of edits may ask a map of thousands of keys.
const KNOWN = new WeakMap<ParsedMap, Keys>();

function readKeys(map: ParsedMap): Keys {
  const known = KNOWN.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, ParsedPair>();
  let fault: Keys['fault'] = null;
  for (const pair of map.items) {
    fault ??= faultOf(pair, pairs);
    if (isScalar(pair.key) && !pairs.has(pair.key.source)) pairs.set(pair.key.source, pair);
  }
  const keys = { pairs, fault };
  KNOWN.set(map, keys);
  return keys;
}

const ODD = 'whose name not every YAML reader reads alike';
const PLAIN_NAME = 'Use letters, digits, _ and - in its name.';

/** For kubectl the name ends before any other character, and the key or the value begins there. */
function hasOddAnchor({ anchor }: { readonly anchor?: string | undefined }): boolean {
  return anchor !== undefined && !/^[A-Za-z0-9_-]+$/.test(anchor);
}

function faultOf(pair: ParsedPair, before: Keys['pairs']): Keys['fault'] {
  if (pair.srcToken?.start.some((token) => token.type === 'explicit-key-ind') === true) {
    return { what: 'has keys written with "? "', hint: 'Write the keys as "key: value".' };
  }
  const key = isScalar(pair.key) && pair.key.tag === undefined ? pair.key.source : null;
  if (key === null) return { what: 'has a key that is not plain text', hint: 'Write the keys as plain text.' };
  if (hasOddAnchor(pair.key)) return { what: `has a key with an anchor ${ODD}`, hint: PLAIN_NAME };
  return before.has(key) ? { what: `has the key ${key} twice`, hint: 'Remove one of the two.' } : null;
}

/** True when an alias somewhere stands for this node, so that a change here would change more than one place. */
export function isShared(source: EditableText, node: ParsedNode): boolean {
  return !isAlias(node) && node.anchor !== undefined && source.aliases.has(node.anchor);
}

/** The pair with this key in a map that {@link checkMap} has let through. */
export function pairOf(map: ParsedMap, key: string): ParsedPair | null {
  return readKeys(map).pairs.get(key) ?? null;
}

/** The value of a key where it is written in the map itself; null when it is missing or empty. */
export function valueOf(map: ParsedMap, key: string): ParsedNode | null {
  return pairOf(map, key)?.value ?? null;
}

/** The offset of the pair's colon; null for a flow key without one. */
export function colonOf(pair: ParsedPair): number | null {
  return pair.srcToken?.sep?.find((token) => token.type === 'map-value-ind')?.offset ?? null;
}

/** True for a block map: one key per line, by indentation. An empty map is always a flow map. */
export function isBlockMap(node: ParsedNode | null): node is ParsedMap {
  return isMap(node) && node.flow !== true;
}

/** True when keys come from elsewhere too (`<<`), so that a key which is not written here is not known to be missing. */
export function hasMerge(map: ParsedMap): boolean {
  return pairOf(map, '<<') !== null;
}

/**
 * True when keys from elsewhere come behind the pair. YAML says that the map's own keys count; kubectl's reader lets the last
 * one count, so that an edit of this pair might be without effect.
 */
export function isMergedOver(map: ParsedMap, pair: ParsedPair): boolean {
  const merge = pairOf(map, '<<');
  return merge !== null && map.items.indexOf(merge) > map.items.indexOf(pair);
}

/** How the pair's key is written; new keys beside it are written alike. */
export function keyStyle(pair: ParsedPair): 'quoted' | 'plain' {
  return isScalar(pair.key) && pair.key.type === 'QUOTE_DOUBLE' ? 'quoted' : 'plain';
}

/** A pod template's missing `metadata` becomes its first key, as people write it; every other new key comes last. */
export function comesFirst(path: readonly string[]): boolean {
  return path.length > 1 && path[0] === 'metadata';
}
