import { LineCounter, Pair, type ParsedNode, type Range, YAMLMap, YAMLSeq } from 'yaml';
import { afterSpaces, endLine, isDash, type PlainLines, toContent } from './plain-lines.ts';
import { blockScalar, flowScalar, lineScalar, noScalar, plainKey } from './plain-scalar.ts';

/** One document, as far as readers of manifests look at it. */
export interface ComposedDocument {
  readonly contents: ParsedNode | null;
  readonly range: Range;
}

/** What a plain text holds. */
export interface PlainStream {
  readonly documents: readonly ComposedDocument[];
  readonly comments: PlainLines['comments'];
  readonly lineCounter: LineCounter;
}

// Limits far below those of the whole of YAML: what comes near them is not read here.
const MAX_LENGTH = 64 * 1024;
const MAX_DEPTH = 50;

/**
 * Reads the YAML that nearly all manifests are written in, several times as fast as the parser of the whole of YAML: block maps
 * and lists, values of one line, flow collections of one line, literal texts. Null for everything else, whether it is YAML or
 * not; where it is not null, it says what that parser says.
 */
export function composePlain(text: string): PlainStream | null {
  if (text.length > MAX_LENGTH || /[\t\r\ufeff]/.test(text)) return null;
  const lines: PlainLines = { text, comments: [], at: 0, indent: 0, overhangs: false };
  const documents: ComposedDocument[] = [];
  toContent(lines, 0);
  while (lines.at < text.length) {
    const start = lines.at - Math.max(lines.indent, 0);
    if (lines.indent === -1 && !skipMarker(lines)) return null;
    const contents = lines.indent === -1 ? null : blockAt(lines, 0);
    // Between two documents stands a marker.
    if (contents === null || lines.indent !== -1 || lines.overhangs) return null;
    documents.push({ contents, range: [start, contents.range[2], lines.at] });
  }
  return documents.length === 0 ? null : { documents, comments: lines.comments, lineCounter: countLines(text) };
}

function skipMarker(lines: PlainLines): boolean {
  const next = lines.text.startsWith('---', lines.at) ? endLine(lines, lines.at + 3) : null;
  if (next === null) return false;
  toContent(lines, next);
  return true;
}

function countLines(text: string): LineCounter {
  const counter = new LineCounter();
  for (let at = 0; at !== 0 || counter.lineStarts.length === 0; at = text.indexOf('\n', at) + 1) counter.addNewLine(at);
  return counter;
}

/** The map or list that begins at the current line; the lines are behind it then. */
function blockAt(lines: PlainLines, depth: number): YAMLMap.Parsed | YAMLSeq.Parsed | null {
  if (depth > MAX_DEPTH) return null;
  return isDash(lines.text, lines.at) ? listAt(lines, depth) : mapAt(lines, depth);
}

function mapAt(lines: PlainLines, depth: number): YAMLMap.Parsed | null {
  const { text, indent, at: start } = lines;
  const map = new YAMLMap<ParsedNode, ParsedNode | null>();
  let end = start;
  do {
    const key = isDash(text, lines.at) ? null : plainKey(text, lines.at);
    if (key === null) return null;
    const value = valueAt(lines, key.end, { indent, depth, opens: 'map' });
    if (value === null) return null;
    map.items.push(new Pair<ParsedNode, ParsedNode | null>(key.node, value));
    end = value.range[2];
  } while (lines.indent === indent);
  // What stands deeper than a value that has ended is a part of it, or wrong.
  map.range = [start, end, end];
  return lines.indent <= indent && isPlacedMap(map) ? map : null;
}

function listAt(lines: PlainLines, depth: number): YAMLSeq.Parsed | null {
  const { text, indent, at: start } = lines;
  const list = new YAMLSeq<ParsedNode>();
  let end = start;
  do {
    const value = entryAt(lines, { indent, depth, opens: 'list' });
    if (value === null) return null;
    list.items.push(value);
    end = value.range[2];
  } while (lines.indent === indent && isDash(text, lines.at));
  list.range = [start, end, end];
  return lines.indent <= indent && isPlacedList(list) ? list : null;
}

/** What a value stands in: its indentation, and whether a list may begin at the same one. */
interface Around {
  readonly indent: number;
  readonly depth: number;
  readonly opens: 'map' | 'list';
}

/** An entry may begin a map or a list on its own line. */
function entryAt(lines: PlainLines, around: Around): ParsedNode | null {
  const { text } = lines;
  const behind = lines.at + 1;
  const at = afterSpaces(text, behind);
  const isNested = at > behind && (isDash(text, at) || plainKey(text, at) !== null);
  if (!isNested) return valueAt(lines, behind, around);
  lines.indent += at - lines.at;
  lines.at = at;
  return blockAt(lines, around.depth + 1);
}

/** The value behind a `:` or `-`; the lines are behind it then. */
function valueAt(lines: PlainLines, behind: number, around: Around): ParsedNode | null {
  const { text } = lines;
  const at = afterSpaces(text, behind);
  const char = text[at];
  if (char === '\n' || char === '#' || char === undefined) return belowAt(lines, behind, around);
  if (char === '|' || char === '>') return textAt(lines, at, around.indent);
  const found = char === '{' || char === '[' ? flowAt(text, at, around.depth) : lineScalar(text, at);
  const next = found === null ? null : endLine(lines, found.end);
  if (found === null || next === null) return null;
  found.node.range[2] = next;
  toContent(lines, next);
  return found.node;
}

function textAt(lines: PlainLines, at: number, parent: number): ParsedNode | null {
  const block = blockScalar(lines.text, at, parent);
  if (block !== null) toContent(lines, block.end);
  return block === null ? null : block.node;
}

/** A map or a list on the lines below, or nothing. */
function belowAt(lines: PlainLines, behind: number, { indent, depth, opens }: Around): ParsedNode | null {
  const comments = lines.comments.length;
  const next = endLine(lines, behind);
  if (next === null) return null;
  toContent(lines, next);
  const isBelow = lines.indent > indent || (opens === 'map' && lines.indent === indent && isDash(lines.text, lines.at));
  if (isBelow) return blockAt(lines, depth + 1);
  // How far nothing reaches with a comment below it, or as the last value of all, is a matter of its own.
  if (lines.comments.length > comments || lines.indent === -1) return null;
  return noScalar(afterSpaces(lines.text, behind));
}

type Flow = { readonly node: ParsedNode; readonly end: number } | null;

function flowAt(text: string, at: number, depth: number): Flow {
  if (depth > MAX_DEPTH) return null;
  if (text[at] === '{') return flowMap(text, at, depth);
  return text[at] === '[' ? flowList(text, at, depth) : flowScalar(text, at);
}

function flowMap(text: string, at: number, depth: number): Flow {
  const map = new YAMLMap<ParsedNode, ParsedNode | null>();
  map.flow = true;
  const end = eachIn(text, at, '}', (from) => {
    const key = plainKey(text, from);
    const value = key === null ? null : flowAt(text, afterSpaces(text, key.end), depth + 1);
    if (key === null || value === null) return null;
    map.items.push(new Pair<ParsedNode, ParsedNode | null>(key.node, value.node));
    return value.end;
  });
  if (end === null) return null;
  map.range = [at, end, end];
  return isPlacedMap(map) ? { node: map, end } : null;
}

function flowList(text: string, at: number, depth: number): Flow {
  const list = new YAMLSeq<ParsedNode>();
  list.flow = true;
  const end = eachIn(text, at, ']', (from) => {
    const value = flowAt(text, from, depth + 1);
    if (value === null) return null;
    list.items.push(value.node);
    return value.end;
  });
  if (end === null) return null;
  list.range = [at, end, end];
  return isPlacedList(list) ? { node: list, end } : null;
}

/** Reads what stands between brackets and commas, each by where it starts to where it ends; the end of all, with its bracket. */
function eachIn(text: string, at: number, close: string, read: (from: number) => number | null): number | null {
  let from = afterSpaces(text, at + 1);
  if (text[from] === close) return from + 1;
  for (;;) {
    const end = read(from);
    if (end === null) return null;
    const next = afterSpaces(text, end);
    if (text[next] === close) return next + 1;
    if (text[next] !== ',') return null;
    from = afterSpaces(text, next + 1);
  }
}

function isPlacedMap(map: YAMLMap<ParsedNode, ParsedNode | null>): map is YAMLMap.Parsed {
  return Array.isArray(map.range);
}

function isPlacedList(list: YAMLSeq<ParsedNode>): list is YAMLSeq.Parsed {
  return Array.isArray(list.range);
}
