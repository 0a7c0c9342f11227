import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { type Refusal, refuse, writeKey } from './annotation-edit.ts';
import {
  colonOf,
  comesFirst,
  isBlockMap,
  keyStyle,
  type ParsedMap,
  type ParsedPair,
  type Place,
} from './map-access.ts';
import { blockColumn, lineBreak, lineEnd, placeAfter } from './text/source-lines.ts';
import type { Splice } from './text/splice.ts';

const REWRITE = 'Write the map with one key per line, indented with spaces.';

/**
 * New lines in a block map: the keys of `path` nested in each other, the value behind the last. They follow the map's
 * last key; a `metadata` that a pod template lacks becomes its first key.
 */
export function insertInBlock(
  source: EditableText,
  place: Place,
  path: readonly string[],
  value: string,
): readonly Splice[] | Refusal {
  const { text } = source;
  const last = place.map.items.at(-1);
  const column = last === undefined ? null : blockColumn(text, keyStart(last));
  if (last === undefined || column === null) {
    return refuse(`the keys of ${place.label} do not begin their lines`, REWRITE);
  }
  const after = comesFirst(path) ? afterHolder(place) : endOfPair(text, last);
  if (after === null || !endsItsLine(text, after)) {
    return refuse(`no line can be added to ${place.label} without touching another`, REWRITE);
  }
  const lines = writeLines(path, value, { column, step: stepOf(text, place, column), sample: last });
  // A first key goes directly below its map's own; a last key goes below the comments of what it follows.
  const at = placeAfter(text, after, comesFirst(path) ? Infinity : column);
  return [insertLines(text, at, lines)];
}

/** Lines below an annotations (or metadata) key that has no value yet. `place` is the block map that holds the key. */
export function fillBelow(
  source: EditableText,
  place: Place,
  pair: ParsedPair,
  rest: { readonly path: readonly string[]; readonly value: string },
): readonly Splice[] | Refusal {
  const { text } = source;
  const column = blockColumn(text, keyStart(pair));
  const colon = colonOf(pair);
  if (column === null || colon === null || !endsItsLine(text, colon + 1)) {
    return refuse(`no line can be added to ${place.label} without touching another`, REWRITE);
  }
  const step = stepOf(text, place, column);
  const lines = writeLines(rest.path, rest.value, { column: column + step, step, sample: pair });
  return [insertLines(text, placeAfter(text, colon + 1, Infinity), lines)];
}

interface Layout {
  readonly column: number;
  readonly step: number;
  readonly sample: ParsedPair;
}

function writeLines(path: readonly string[], value: string, { column, step, sample }: Layout): readonly string[] {
  return path.map((key, depth) => {
    const indent = ' '.repeat(column + depth * step);
    const end = depth === path.length - 1 ? ` "${value}"` : '';
    return `${indent}${writeKey(key, keyStyle(sample))}:${end}`;
  });
}

/** Whole lines at the start of the line that is there. */
export function insertLines(text: string, at: number, lines: readonly string[]): Splice {
  const end = lineBreak(text, at - 1);
  const open = at === text.length && !text.endsWith('\n');
  return { start: at, end: at, insert: lines.map((line) => (open ? end + line : line + end)).join('') };
}

/** The indentation of one level: as a neighbouring map has it, else as this map is indented itself, else two. */
function stepOf(text: string, place: Place, column: number): number {
  for (const pair of place.map.items) {
    const step = isBlockMap(pair.value) ? (firstColumn(text, pair.value) ?? column) - column : 0;
    if (step > 0) return step;
  }
  const outer = place.parent === null ? null : firstColumn(text, place.parent);
  return outer !== null && column > outer ? column - outer : 2;
}

function firstColumn(text: string, map: ParsedMap): number | null {
  const last = map.items.at(-1);
  return last === undefined || map.flow === true ? null : blockColumn(text, keyStart(last));
}

function keyStart(pair: ParsedPair): number {
  return pair.key.range[0];
}

function afterHolder(place: Place): number | null {
  const colon = place.holder === null ? null : colonOf(place.holder);
  return colon === null ? null : colon + 1;
}

/** True where nothing but a comment follows on the line. */
export function endsItsLine(text: string, offset: number): boolean {
  return /^(?:[ \t]+&[^\s#]+)?[ \t]*(?:[ \t]#.*)?$/.test(text.slice(offset, lineEnd(text, offset)));
}

/** The offset behind the pair's last character; null where a line behind it would change its value. */
export function endOfPair(text: string, pair: ParsedPair): number | null {
  const colon = colonOf(pair) ?? 0;
  if (pair.value === null || pair.value.range[0] === pair.value.range[1]) {
    return Math.max(colon + 1, pair.key.range[1]);
  }
  return endOfNode(text, pair.value);
}

/** The offset behind the node's last character; null where a line behind it would change its value. */
export function endOfNode(text: string, node: ParsedNode): number | null {
  if (isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')) {
    // Its range ends behind its line break; where the text ends without one, adding it could change the value.
    return text[node.range[1] - 1] === '\n' ? node.range[1] - 1 : null;
  }
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? null : endOfPair(text, last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? null : endOfNode(text, last);
  }
  return node.range[1];
}
