import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, visit, type YAMLMap } from 'yaml';
import type { ComposedDocument } from '../parse/compose-plain.ts';

/** Something that makes an object's meaning uncertain; noted while it is read. */
export interface Flaw {
  readonly code: 'duplicate-key' | 'too-large' | 'malformed';
  readonly message: string;
  readonly line: number;
}

/**
 * How many steps may still be taken; from 0 down, everything reads as absent. Shared by all documents of a file, so that
 * aliases cannot multiply the work.
 */
export interface Budget {
  left: number;
}

/** One value of a YAML document, read on demand: aliases and merge keys are followed, nothing is copied. */
export interface View {
  readonly node: unknown;
  /** The node where it is written: the alias, where `node` is what an alias means. */
  readonly written: unknown;
  readonly parent: View | null;
  readonly source: Source;
}

interface Source {
  readonly lineCounter: LineCounter;
  readonly budget: Budget;
  readonly flaws: Map<string, Flaw>;
  readonly maps: Map<YAMLMap, Fields>;
  readonly anchored: () => ReadonlyMap<Alias, unknown>;
}

/** The keys of one map, merge keys included, each with its value. */
interface Fields {
  readonly values: ReadonlyMap<string, unknown>;
  readonly duplicate: { readonly key: string; readonly line: number } | null;
}

/** The root of a document; flaws found on the way are collected by {@link takeFlaws}. */
export function viewDocument(document: ComposedDocument, lineCounter: LineCounter, budget: Budget): View {
  let anchored: ReadonlyMap<Alias, unknown> | null = null;
  const resolved = () => {
    anchored ??= resolveAliases(document);
    return anchored;
  };
  return viewOf(document.contents, sourceOf(lineCounter, budget, resolved), null);
}

/** The root of what was put together and never parsed: without aliases, and all on line 1. */
export function viewNode(node: unknown, budget: Budget): View {
  return viewOf(node, sourceOf(new LineCounter(), budget, NO_ALIASES), null);
}

const NO_ALIASES = (): ReadonlyMap<Alias, unknown> => new Map();

function sourceOf(lineCounter: LineCounter, budget: Budget, anchored: Source['anchored']): Source {
  return { lineCounter, budget, flaws: new Map(), maps: new Map(), anchored };
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
    views.push(viewOf(item, source, view));
  }
  return views;
}

/** The entries of a map in their order; null when the value is no map. */
export function entries(view: View | null): readonly (readonly [string, View])[] | null {
  if (view === null || !isMap(view.node)) return null;
  const pairs: (readonly [string, View])[] = [];
  for (const [key, value] of readFields(view.node, view).values) {
    if (!spend(view)) break;
    pairs.push([key, viewOf(value, view.source, view)]);
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

/** The line where a value is written, from 1. */
export function lineAt(view: View): number {
  const line = lineOf(view.written, view.source);
  if (line !== null) return line;
  return view.parent === null ? 1 : lineAt(view.parent);
}

/** True for null in each of its spellings, nothing included. */
export function isNull(view: View): boolean {
  return view.node === null || (isScalar(view.node) && view.node.value === null);
}

/** Notes that a part of an object cannot be used, with the place. */
export function noteMalformed(view: View, message: string): void {
  if (view.source.flaws.size < MAX_MALFORMED) note(view.source, { code: 'malformed', message, line: lineAt(view) });
}

/** The flaws noted since the last call, each once, and forgets them. */
export function takeFlaws(view: View): readonly Flaw[] {
  const flaws = [...view.source.flaws.values()];
  view.source.flaws.clear();
  return flaws;
}

/** Reads something that nobody relies on: null where that meets a flaw, which is then forgotten. */
export function readQuietly<T>({ source }: View, read: () => T): T | null {
  const before = new Set(source.flaws.keys());
  const value = read();
  const met = [...source.flaws.keys()].filter((key) => !before.has(key));
  for (const key of met) source.flaws.delete(key);
  return met.length === 0 ? value : null;
}

function note(source: Source, flaw: Flaw): void {
  source.flaws.set(JSON.stringify(flaw), flaw);
}

function child(view: View, key: string): View | null {
  if (!isMap(view.node) || !spend(view)) return null;
  const value = readFields(view.node, view).values.get(key);
  if (value === undefined || value === null) return null;
  const found = viewOf(value, view.source, view);
  return isNull(found) ? null : found;
}

function readFields(map: YAMLMap, view: View, depth = 0): Fields {
  const fields = view.source.maps.get(map) ?? indexFields(map, view, depth);
  if (fields.duplicate !== null) {
    const { key, line } = fields.duplicate;
    note(view.source, { code: 'duplicate-key', message: `the key "${key}" stands twice`, line });
  }
  return fields;
}

/** `depth` counts merges of merges: they are followed by recursion. No map contains itself, the parser sees to that. */
function indexFields(map: YAMLMap, view: View, depth: number): Fields {
  const values = new Map<string, unknown>();
  const merged: unknown[] = [];
  let duplicate: Fields['duplicate'] = null;
  for (const pair of map.items) {
    if (!spend(view)) break;
    const key = keyOf(pair.key, view);
    if (key === null) continue;
    if (key === MERGE) merged.push(pair.value);
    else if (values.has(key)) duplicate ??= { key, line: lineOf(pair.key, view.source) ?? lineAt(view) };
    else values.set(key, pair.value);
  }
  if (merged.length > 0 && depth === MAX_MERGE_CHAIN) {
    note(view.source, { code: 'too-large', message: 'its merge keys form too long a chain', line: lineAt(view) });
    return { values, duplicate };
  }
  for (const value of merged) mergeInto(values, value, view, depth + 1);
  const fields = { values, duplicate };
  view.source.maps.set(map, fields);
  return fields;
}

/** YAML's merge rule: own keys win, then earlier maps over later ones. */
function mergeInto(values: Map<string, unknown>, merged: unknown, view: View, depth: number): void {
  const target = follow(merged, view.source);
  const maps = isSeq(target) ? target.items.map((item) => follow(item, view.source)) : [target];
  for (const map of maps) {
    if (!isMap(map)) continue;
    for (const [key, value] of readFields(map, view, depth).values) {
      if (!spend(view)) return;
      if (!values.has(key)) values.set(key, value);
    }
  }
}

const MERGE = Symbol('merge');
const MAX_MERGE_CHAIN = 50;
const MAX_MALFORMED = 20;
const CHARACTERS_A_STEP = 2;

function keyOf(key: unknown, view: View): string | typeof MERGE | null {
  const node = follow(key, view.source);
  if (isScalar(node) && typeof node.value === 'symbol') return MERGE;
  return text({ node, written: key, parent: view, source: view.source });
}

function viewOf(written: unknown, source: Source, parent: View | null): View {
  return { node: follow(written, source), written, parent, source };
}

function follow(node: unknown, source: Source): unknown {
  return isAlias(node) ? (source.anchored().get(node) ?? null) : node;
}

/** An alias means the last node before it that carries its anchor. */
function resolveAliases(document: ComposedDocument): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document.contents, {
    Alias: (_key, alias) => {
      targets.set(alias, anchors.get(alias.source) ?? null);
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** Counts steps; false where the file has none left. */
export function spend({ source }: View, steps = 1): boolean {
  source.budget.left -= steps;
  return source.budget.left > 0;
}

/** Counts a text inside the YAML that is to be parsed too, however many aliases bring it. False: it must not be parsed. */
export function spendOnText(view: View, written: string): boolean {
  return spend(view, Math.ceil(written.length / CHARACTERS_A_STEP));
}

function lineOf(node: unknown, source: Source): number | null {
  if (!(isScalar(node) || isMap(node) || isSeq(node) || isAlias(node))) return null;
  const { range } = node;
  return range === null || range === undefined ? null : source.lineCounter.linePos(range[0]).line;
}

/** A scalar as a whole number that is not below zero; null for every other. */
export function wholeNumber(view: View | null): number | null {
  const written = text(view) ?? '';
  return /^\d{1,9}$/.test(written) ? Number(written) : null;
}
