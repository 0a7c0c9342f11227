import { isMap, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { type Refusal, refuse, writeKey } from './annotation-edit.ts';
import { colonOf, comesFirst, keyStyle, type ParsedPair, type Place } from './map-access.ts';
import { lineBreak, lineEnd, lineStart } from './text/source-lines.ts';
import type { Splice } from './text/splice.ts';

/** How the neighbours are written: JSON or YAML keys, with or without the space behind `:` and `,`. */
interface FlowStyle {
  readonly keys: 'quoted' | 'plain';
  readonly space: '' | ' ';
}

/**
 * A new pair in a flow map (`{a: b}`, JSON) that has pairs already: behind the last, or before the first where a pod
 * template lacks `metadata`. It gets a line of its own where its neighbour has one.
 */
export function insertInFlow(
  source: EditableText,
  place: Place,
  path: readonly string[],
  value: string,
): readonly Splice[] | Refusal {
  const { text } = source;
  const first = place.map.items[0];
  const last = place.map.items.at(-1);
  if (first === undefined || last === undefined)
    return refuse(`${place.label} is empty`, 'Write the annotation by hand.');
  const style = styleOf(text, last);
  const written = writePairs(path, value, style);
  if (!comesFirst(path)) return insertAfter(text, last, written, style);
  const at = first.key.range[0];
  const indent = ownLineIndent(text, first);
  const gap = indent === null ? style.space : lineBreak(text, at) + indent;
  return [{ start: at, end: at, insert: `${written},${gap}` }];
}

/** A flow map in the place of `null`, `~`, `{}` or of nothing behind a colon. `pair` holds that empty value. */
export function fillWithFlow(
  source: EditableText,
  pair: ParsedPair,
  path: readonly string[],
  value: string,
): readonly Splice[] | Refusal {
  const { text } = source;
  const colon = colonOf(pair);
  const node = pair.value;
  if (node === null || colon === null) return refuse('a key has no value', 'Write the annotation by hand.');
  const written = writePairs(path, value, styleOf(text, pair));
  const [start, end] = node.range;
  if (start === end) return [{ start: colon + 1, end: colon + 1, insert: ` {${written}}` }];
  if (!isMap(node)) return [{ start, end, insert: `{${written}}` }];
  return fillBraces(text, node, written);
}

function fillBraces(text: string, node: ParsedNode, written: string): readonly Splice[] | Refusal {
  const [start, end] = node.range;
  const inside = text.slice(start + 1, end - 1);
  if (/^ *$/.test(inside)) {
    return [{ start: start + 1, end: end - 1, insert: inside === '' ? written : ` ${written} ` }];
  }
  if (inside.trim() !== '') return refuse('a comment stands in empty braces', 'Move the comment out of the braces.');
  return [{ start: start + 1, end: start + 1, insert: written }];
}

function insertAfter(text: string, last: ParsedPair, written: string, style: FlowStyle): readonly Splice[] {
  const end = endOfPair(last);
  const indent = ownLineIndent(text, last);
  const stop = lineEnd(text, end);
  // No two neighbours of this pattern match the same blanks: a long run of them would take time by its square.
  const rest = /^[ \t]*(?<comma>,[ \t]*)?(?:#.*)?$/.exec(text.slice(end, stop));
  if (indent === null || rest === null) return [{ start: end, end, insert: `,${style.space}${written}` }];
  const line = `${lineBreak(text, end)}${indent}${written}`;
  if (rest.groups?.['comma'] !== undefined) return [{ start: stop, end: stop, insert: `${line},` }];
  if (stop === end) return [{ start: end, end, insert: `,${line}` }];
  return [
    { start: end, end, insert: ',' },
    { start: stop, end: stop, insert: line },
  ];
}

function endOfPair(pair: ParsedPair): number {
  return Math.max(pair.key.range[1], (colonOf(pair) ?? -1) + 1, pair.value?.range[1] ?? 0);
}

/** What stands before the pair's key on its line, where that is nothing but space; null where something else does. */
function ownLineIndent(text: string, pair: ParsedPair): string | null {
  const start = pair.key.range[0];
  const before = text.slice(lineStart(text, start), start);
  return /^[ \t]*$/.test(before) ? before : null;
}

function styleOf(text: string, pair: ParsedPair): FlowStyle {
  const keys = keyStyle(pair);
  const colon = colonOf(pair);
  const tight = keys === 'quoted' && colon !== null && !/\s/.test(text.charAt(colon + 1));
  return { keys, space: tight ? '' : ' ' };
}

function writePairs(path: readonly string[], value: string, style: FlowStyle): string {
  const keys = path.map((key) => `${writeKey(key, style.keys)}:${style.space}`);
  return `${keys.join('{')}"${value}"${'}'.repeat(path.length - 1)}`;
}
