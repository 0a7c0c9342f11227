import { isMap, isScalar, isSeq, type ParsedNode, parse, type YAMLSeq } from 'yaml';
import { type EditableText, parseEditable } from '../../parse-documents.ts';
import { type Refusal, refuse } from '../annotation-edit.ts';
import { endOfNode, endOfPair, endsItsLine, insertLines } from '../insert-block.ts';
import { checkMap, colonOf, isShared, type ParsedMap, type ParsedPair, pairOf, valueOf } from '../map-access.ts';
import { blockColumn, placeAfter } from '../text/source-lines.ts';
import { applySplices, type Splice } from '../text/splice.ts';
import { OVERLAY_FILE } from './overlay-file.ts';

const ADD_BY_HAND = `Add "- path: ${OVERLAY_FILE}" to its patches by hand.`;
const UNTARGETED = `Remove the target of "- path: ${OVERLAY_FILE}": its documents say what they are for.`;
const PLAINER = `Write patches as a list of lines, or add "- path: ${OVERLAY_FILE}" by hand.`;

/** The text of a kustomization that lists our patch file: the same text where it does already, else with one entry more. */
export function listPatch(text: string): { readonly kind: 'listed'; readonly text: string } | Refusal {
  const source = parseEditable(text);
  if (source.kind === 'unreadable') return refuse(`it cannot be read: ${source.message}`, ADD_BY_HAND);
  const [document, ...others] = source.documents;
  const root = document?.contents ?? null;
  if (!isMap(root) || others.length > 0) return refuse('it is not one document with one map', ADD_BY_HAND);
  const fault = checkMap(source, { map: root, label: 'the kustomization', holder: null, parent: null });
  if (fault !== null) return fault;
  const entry = entryOf(root);
  if (entry !== null) return asListed(text, entry);
  if (root.flow === true) return refuse('it is written in braces', PLAINER);
  const pair = pairOf(root, 'patches');
  const splice = pair === null ? appendList(source, root) : addTo(source, pair);
  if ('kind' in splice) return splice;
  const edited = applySplices(text, [splice]);
  return isProven(source, edited)
    ? { kind: 'listed', text: edited }
    : refuse('the entry cannot be proven exact', PLAINER);
}

/** With a target, each of its documents would be meant for what that matches. */
function asListed(text: string, entry: ParsedNode): ReturnType<typeof listPatch> {
  const isTargeted = isMap(entry) && pairOf(entry, 'target') !== null;
  return isTargeted ? refuse('it lists the patch file with a target', UNTARGETED) : { kind: 'listed', text };
}

/** What lists our patch file, under `patches` or where people have moved it to; null where nothing does. */
function entryOf(root: ParsedMap): ParsedNode | null {
  const entries = [...itemsOf(root, 'patches'), ...itemsOf(root, 'patchesStrategicMerge')];
  return entries.find((one) => isOurs(isMap(one) ? valueOf(one, 'path') : one)) ?? null;
}

function isOurs(node: ParsedNode | null): boolean {
  return isScalar(node) && typeof node.value === 'string' && node.value.replace(/^(?:\.\/)+/, '') === OVERLAY_FILE;
}

function itemsOf(root: ParsedMap, key: string): readonly ParsedNode[] {
  const list = valueOf(root, key);
  return isSeq(list) ? list.items : [];
}

/** A list of its own behind the last key. */
function appendList({ text }: EditableText, root: ParsedMap): Splice | Refusal {
  const last = root.items.at(-1);
  const column = last === undefined ? null : blockColumn(text, last.key.range[0]);
  const end = last === undefined ? null : endOfPair(text, last);
  if (column === null || end === null || !endsItsLine(text, end)) {
    return refuse('no line can be added to it without touching another', PLAINER);
  }
  const indent = ' '.repeat(column);
  const inner = ' '.repeat(column + listStep(text, root, column));
  return insertLines(text, placeAfter(text, end, column), [`${indent}patches:`, `${inner}- path: ${OVERLAY_FILE}`]);
}

/** How far the file's other lists are indented below their keys. */
function listStep(text: string, root: ParsedMap, column: number): number {
  for (const { value } of root.items) {
    const first = dashColumn(text, value);
    if (first !== null) return Math.max(0, first - column);
  }
  return 0;
}

/** The column of the dashes of a list that has one entry a line. */
function dashColumn(text: string, list: ParsedNode | null): number | null {
  if (!isSeq(list) || list.flow === true || list.items.length === 0) return null;
  const start = list.range[0];
  return text[start] === '-' ? blockColumn(text, start) : null;
}

function addTo(source: EditableText, pair: ParsedPair): Splice | Refusal {
  const { text } = source;
  const list = pair.value;
  const column = blockColumn(text, pair.key.range[0]);
  const colon = colonOf(pair);
  if (column === null || colon === null) return refuse('its patches do not begin their line', PLAINER);
  if (list === null || (isScalar(list) && list.range[0] === list.range[1])) {
    if (!endsItsLine(text, colon + 1)) return refuse('its patches are empty but for an anchor or tag', PLAINER);
    return insertLines(text, placeAfter(text, colon + 1, Infinity), [`${' '.repeat(column)}- path: ${OVERLAY_FILE}`]);
  }
  if (!isSeq(list) || isShared(source, list)) return refuse('its patches are no plain list', PLAINER);
  return list.flow === true ? addToFlow(list) : addToBlock(text, list);
}

function addToFlow(list: YAMLSeq.Parsed): Splice {
  const last = list.items.at(-1);
  const at = last === undefined ? list.range[0] + 1 : last.range[1];
  const insert = `${last === undefined ? '' : ', '}{path: ${OVERLAY_FILE}}`;
  return { start: at, end: at, insert };
}

function addToBlock(text: string, list: YAMLSeq.Parsed): Splice | Refusal {
  const column = dashColumn(text, list);
  const last = list.items.at(-1);
  const end = last === undefined ? null : endOfNode(text, last);
  if (column === null || end === null || !endsItsLine(text, end)) {
    return refuse('no line can be added to its patches without touching another', PLAINER);
  }
  return insertLines(text, placeAfter(text, end, column), [`${' '.repeat(column)}- path: ${OVERLAY_FILE}`]);
}

/** The same comments, and for readers of YAML 1.1 and 1.2 alike the same values but for one entry more. */
function isProven(before: EditableText, edited: string): boolean {
  const after = parseEditable(edited);
  if (after.kind === 'unreadable' || after.comments.join('\n') !== before.comments.join('\n')) return false;
  try {
    return (['1.1', '1.2'] as const).every((version) => {
      const [old, now] = [valueIn(before.text, version), valueIn(edited, version)];
      const patches = [...(Array.isArray(old['patches']) ? old['patches'] : []), { path: OVERLAY_FILE }];
      return canonical({ ...old, patches }) === canonical(now);
    });
  } catch {
    return false;
  }
}

function valueIn(text: string, version: '1.1' | '1.2'): Readonly<Record<string, unknown>> {
  const value: unknown = parse(text, { version, maxAliasCount: 100, merge: true, logLevel: 'silent' });
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Keys of the top in one order: `patches` may be new at the end. */
function canonical(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
