import { type Range, Scalar } from 'yaml';
import { afterSpaces, lineAfter } from './plain-lines.ts';

/** A scalar with where it ends, and null for one that is not written in the plainest way. */
export type PlainScalar = { readonly node: Scalar.Parsed; readonly end: number } | null;

const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['null', 'Null', 'NULL'].map((spelled) => [spelled, null] as const),
  ...['true', 'True', 'TRUE'].map((spelled) => [spelled, true] as const),
  ...['false', 'False', 'FALSE'].map((spelled) => [spelled, false] as const),
]);

// What YAML may take for a number; whatever else begins like one is a text.
const LIKE_A_NUMBER = /^[-+]?(?:\.?\d[\d.eE+-]*|0[ox][\da-fA-F]+|\.(?:inf|nan))$/i;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

const QUOTED = /"[^"\\\n]*"|'[^'\n]*'/y;
// A key, or a value in a flow map: no character that means anything there.
const WORD = /[A-Za-z_./$][\w./$-]{0,200}/y;
const FLOW_WORD = /(?:[\w./$]|-(?=\w))(?:[\w./$+=-]| (?=[\w./$]))*/y;
const FIRST = /[A-Za-z0-9_./$+(]|-+[A-Za-z0-9]/y;

/** A key with the `: ` behind it; `end` is behind the colon. */
export function plainKey(text: string, at: number): PlainScalar {
  const found = quoted(text, at) ?? word(text, at, WORD);
  if (found === null || text[found.end] !== ':') return null;
  const next = text[found.end + 1];
  return next === ' ' || next === '\n' || next === undefined ? { ...found, end: found.end + 1 } : null;
}

/** A value in a flow map or list. */
export function flowScalar(text: string, at: number): PlainScalar {
  return quoted(text, at) ?? word(text, at, FLOW_WORD);
}

/** A value on the rest of its line; what follows it there is for the caller to look at. */
export function lineScalar(text: string, at: number): PlainScalar {
  const first = text[at];
  if (first === '"' || first === "'") return quoted(text, at);
  FIRST.lastIndex = at;
  if (!FIRST.test(text)) return null;
  const stop = text.indexOf('\n', at);
  const line = text.slice(at, stop === -1 ? text.length : stop);
  const comment = line.indexOf(' #');
  const source = withoutBlanks(comment === -1 ? line : line.slice(0, comment));
  if (source.includes(': ') || source.endsWith(':') || source.includes('{{')) return null;
  return unquoted(source, at);
}

/** Not by a pattern: that would begin anew at each of the blanks within the text. */
function withoutBlanks(written: string): string {
  let end = written.length;
  while (written[end - 1] === ' ') end -= 1;
  return written.slice(0, end);
}

/** The empty value. */
export function noScalar(at: number): Scalar.Parsed {
  return scalar(null, { source: '', type: 'PLAIN', range: [at, at, at] });
}

/** The text of a block scalar in its usual form; `parent` is the indentation that its lines are deeper than. */
export function blockScalar(text: string, at: number, parent: number): PlainScalar {
  const header = /[|>]-?\n/y;
  header.lastIndex = at;
  const [written] = header.exec(text) ?? [];
  if (written === undefined) return null;
  const from = at + written.length;
  const depth = afterSpaces(text, from) - from;
  const read = depth > parent ? readLines(text, from, depth) : null;
  if (read === null || read.indent > parent) return null;
  const isFolded = written.startsWith('>');
  // Lines that stand deeper, and empty ones, are not folded.
  if (isFolded && read.lines.some((line) => line === '' || line.startsWith(' '))) return null;
  const value = read.lines.join(isFolded ? ' ' : '\n') + (written.includes('-') ? '' : '\n');
  const type = isFolded ? 'BLOCK_FOLDED' : 'BLOCK_LITERAL';
  return { node: scalar(value, { source: value, type, range: [at, read.end, read.end] }), end: read.end };
}

interface BlockLines {
  readonly lines: readonly string[];
  /** Where the line after them starts, and how deep that stands. */
  readonly end: number;
  readonly indent: number;
}

/** Null where one of its empty lines has blanks, or there is no other line. */
function readLines(text: string, from: number, depth: number): BlockLines | null {
  const lines: string[] = [];
  let [start, filled, end] = [from, 0, from];
  while (start < text.length) {
    const at = afterSpaces(text, start);
    const next = lineAfter(text, at);
    const isEmpty = at === text.length || text[at] === '\n';
    if (isEmpty && at > start) return null;
    if (!isEmpty && at - start < depth) break;
    lines.push(isEmpty ? '' : text.slice(start + depth, next).replace(/\n$/, ''));
    start = next;
    if (isEmpty) continue;
    filled = lines.length;
    end = next;
  }
  const indent = afterSpaces(text, start) - start;
  return filled === 0 || lines[0] === '' ? null : { lines: lines.slice(0, filled), end, indent };
}

function quoted(text: string, at: number): PlainScalar {
  QUOTED.lastIndex = at;
  const [written] = QUOTED.exec(text) ?? [];
  if (written === undefined) return null;
  const end = at + written.length;
  const source = written.slice(1, -1);
  const type = written.startsWith('"') ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE';
  return { node: scalar(source, { source, type, range: [at, end, end] }), end };
}

function word(text: string, at: number, pattern: RegExp): PlainScalar {
  pattern.lastIndex = at;
  const [written] = pattern.exec(text) ?? [];
  return written === undefined ? null : unquoted(written, at);
}

function unquoted(source: string, at: number): PlainScalar {
  const end = at + source.length;
  const range: Range = [at, end, end];
  const known = WORDS.get(source);
  if (known !== undefined) return { node: scalar(known, { source, type: 'PLAIN', range }), end };
  if (!LIKE_A_NUMBER.test(source)) return { node: scalar(source, { source, type: 'PLAIN', range }), end };
  return NUMBER.test(source) ? { node: scalar(Number(source), { source, type: 'PLAIN', range }), end } : null;
}

interface Written {
  readonly source: string;
  readonly type: Scalar.Type;
  readonly range: Range;
}

function scalar(value: unknown, { source, type, range }: Written): Scalar.Parsed {
  const node = new Scalar(value);
  node.range = range;
  node.source = source;
  node.type = type;
  if (!isPlaced(node)) throw new Error('A scalar with its place has none: a bug, please report it.');
  return node;
}

function isPlaced(node: Scalar): node is Scalar.Parsed {
  return Array.isArray(node.range) && node.source !== undefined;
}
