import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  visit,
  type YAMLMap,
} from 'yaml';

/** Something that makes an object's meaning uncertain; noted while it is read. */
export interface Flaw {
  readonly code: 'duplicate-key' | 'too-large' | 'malformed';
  readonly message: string;
  readonly line: number;
}

/** How many steps may still be taken. Shared by all documents of a file, so that aliases cannot multiply the work. */
export interface Budget {
  left: number;
}

/** One value of a YAML document, read on demand: aliases and merge keys are followed, nothing is copied. */
export interface View {
  /** From 1. */
  readonly line: number;
  readonly node: unknown;
  readonly source: Source;
}

interface Source {
  readonly lineCounter: LineCounter;
  readonly budget: Budget;
  readonly flaws: Flaw[];
  readonly maps: Map<YAMLMap, Fields>;
  readonly anchored: () => ReadonlyMap<Alias, unknown>;
}

/** The keys of one map, merge keys included, each with its value. */
interface Fields {
  readonly values: ReadonlyMap<string, unknown>;
  readonly duplicate: { readonly key: string; readonly line: number } | null;
}

/** The root of a document; flaws found on the way are collected by {@link takeFlaws}. */
export function viewDocument(document: Document.Parsed, lineCounter: LineCounter, budget: Budget): View {
  let anchored: ReadonlyMap<Alias, unknown> | null = null;
  const source: Source = {
    lineCounter,
    budget,
    flaws: [],
    maps: new Map(),
    anchored: () => {
      anchored ??= resolveAliases(document);
      return anchored;
    },
  };
  return viewOf(document.contents, source, 1);
}

/** The value at a path of keys, or null where a step is missing, null or no map. */
export function field(view: View | null, ...path: readonly string[]): View | null {
  let current = view;
  for (const key of path) current = current === null ? null : child(current, key);
  return current;
}

/** The items of a list; null when the value is no list. */
export function items(view: View | null): readonly View[] | null {
  if (view === null || !isSeq(view.node)) return null;
  const { source } = view;
  const views: View[] = [];
  for (const item of view.node.items) {
    if (!spend(view)) break;
    views.push(viewOf(item, source, view.line));
  }
  return views;
}

/** The entries of a map in their order; null when the value is no map. */
export function entries(view: View | null): readonly (readonly [string, View])[] | null {
  if (view === null || !isMap(view.node)) return null;
  const pairs: (readonly [string, View])[] = [];
  for (const [key, value] of readFields(view.node, view).values) {
    if (!spend(view)) break;
    pairs.push([key, viewOf(value, view.source, view.line)]);
  }
  return pairs;
}

/** A scalar as text, numbers and booleans as they are written; null for null, maps and lists. */
export function text(view: View | null): string | null {
  if (view === null || !isScalar(view.node)) return null;
  const { value, source } = view.node;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return source ?? String(value);
  return null;
}

/** True only for the YAML value `true`. */
export function isTrue(view: View | null): boolean {
  return view !== null && isScalar(view.node) && view.node.value === true;
}

/** True for null in each of its spellings, nothing included. */
export function isNull(view: View): boolean {
  return view.node === null || (isScalar(view.node) && view.node.value === null);
}

/** Notes that a part of an object cannot be used, with the place. */
export function noteMalformed(view: View, message: string): void {
  view.source.flaws.push({ code: 'malformed', message, line: view.line });
}

/** The flaws noted since the last call, and forgets them. */
export function takeFlaws(view: View): readonly Flaw[] {
  return view.source.flaws.splice(0);
}

function child(view: View, key: string): View | null {
  if (!isMap(view.node) || !spend(view)) return null;
  const value = readFields(view.node, view).values.get(key);
  if (value === undefined || value === null) return null;
  const found = viewOf(value, view.source, view.line);
  return isNull(found) ? null : found;
}

function readFields(map: YAMLMap, view: View): Fields {
  const fields = view.source.maps.get(map) ?? indexFields(map, view, new Set());
  if (fields.duplicate !== null) {
    const { key, line } = fields.duplicate;
    view.source.flaws.push({ code: 'duplicate-key', message: `the key "${key}" stands twice`, line });
  }
  return fields;
}

/** `within` holds the maps being read: a map that merges itself ends there. */
function indexFields(map: YAMLMap, view: View, within: Set<YAMLMap>): Fields {
  const values = new Map<string, unknown>();
  const merged: unknown[] = [];
  let duplicate: Fields['duplicate'] = null;
  within.add(map);
  for (const pair of map.items) {
    if (!spend(view)) break;
    const key = keyOf(pair.key, view);
    if (key === null) continue;
    if (key === MERGE) merged.push(pair.value);
    else if (values.has(key)) duplicate ??= { key, line: lineOf(pair.key, view.source) ?? view.line };
    else values.set(key, pair.value);
  }
  for (const value of merged) mergeInto(values, value, view, within);
  within.delete(map);
  const fields = { values, duplicate };
  if (within.size === 0) view.source.maps.set(map, fields);
  return fields;
}

/** YAML's merge rule: own keys win, then earlier maps over later ones. */
function mergeInto(values: Map<string, unknown>, merged: unknown, view: View, within: Set<YAMLMap>): void {
  const target = follow(merged, view.source);
  const maps = isSeq(target) ? target.items.map((item) => follow(item, view.source)) : [target];
  for (const map of maps) {
    // A chain of merges is followed by recursion; honest files have two or three links.
    if (!isMap(map) || within.has(map) || within.size > MAX_MERGE_CHAIN) continue;
    const fields = view.source.maps.get(map) ?? indexFields(map, view, within);
    for (const [key, value] of fields.values) {
      if (!spend(view)) return;
      if (!values.has(key)) values.set(key, value);
    }
  }
}

const MERGE = Symbol('merge');
const MAX_MERGE_CHAIN = 50;

function keyOf(key: unknown, view: View): string | typeof MERGE | null {
  const node = follow(key, view.source);
  if (isScalar(node) && typeof node.value === 'symbol') return MERGE;
  return text({ node, line: view.line, source: view.source });
}

function viewOf(node: unknown, source: Source, fallbackLine: number): View {
  const target = follow(node, source);
  return { node: target, source, line: lineOf(node, source) ?? fallbackLine };
}

function follow(node: unknown, source: Source): unknown {
  return isAlias(node) ? (source.anchored().get(node) ?? null) : node;
}

/** An alias means the last node before it that carries its anchor. */
function resolveAliases(document: Document.Parsed): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Alias: (_key, alias) => {
      targets.set(alias, anchors.get(alias.source) ?? null);
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

function spend(view: View): boolean {
  const { budget, flaws } = view.source;
  budget.left -= 1;
  if (budget.left === 0) {
    flaws.push({ code: 'too-large', message: 'its aliases unfold to more than can be read', line: view.line });
  }
  return budget.left > 0;
}

function lineOf(node: unknown, source: Source): number | null {
  if (!(isScalar(node) || isMap(node) || isSeq(node) || isAlias(node))) return null;
  const { range } = node;
  return range === null || range === undefined ? null : source.lineCounter.linePos(range[0]).line;
}
