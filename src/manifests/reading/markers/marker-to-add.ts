import { isMap, isScalar, isSeq, type LineCounter, type ParsedNode } from 'yaml';
import { plainText } from '../../../domain/plain-text.ts';
import { FORCE_SYNC, isSyncAnnotation } from '../../../domain/policy.ts';
import type { ComposedDocument } from '../../parse/compose-plain.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { MARKER_WORD } from './parse-marker.ts';

/** What fields of an ExternalSecret inside another document name, and how to have it followed. */
export interface StrayKeys {
  /** The keys that stand there; null where some of what is fetched stands there otherwise. */
  readonly keys: readonly string[] | null;
  /** The markers to add; null where no key can be named. */
  readonly hint: string | null;
}

interface Found {
  readonly keys: { readonly key: string; readonly offset: number }[];
  readonly syncs: { readonly name: string; readonly offset: number; readonly isMarkable: boolean }[];
  isOpen: boolean;
  /** Line offset of the first Helm values that are a text with keys in it: no marker is read there. */
  inText: number | null;
  /** A text within a text is not read: nested ones would take time by their square. */
  readonly place: 'document' | 'text';
}

/** Of many keys the first ones are told. */
const MAX_TOLD = 3;

/** Looks for keys and for the annotation that refreshes, wherever a document has them. */
export function strayKeys(document: ComposedDocument, lineCounter: LineCounter): StrayKeys {
  const found: Found = { keys: [], syncs: [], isOpen: false, inText: null, place: 'document' };
  walk(document.contents, '', found);
  const isTemplated = found.keys.some(({ key }) => /\$[{(]|\{\{/.test(key));
  const keys = found.isOpen || isTemplated || found.keys.length === 0 ? null : found.keys.map(({ key }) => key);
  const told = new Map(found.keys.map((one) => [one.key, one.offset]));
  const markers = [...told].slice(0, MAX_TOLD).map(([key, offset]) => {
    return `${markerFor(key)} (for the key in line ${lineCounter.linePos(offset).line}, which stays as it is)`;
  });
  if (markers.length === 0 || isTemplated) return { keys, hint: null };
  const more = told.size > markers.length ? `, and ${told.size - markers.length} more` : '';
  return { keys, hint: `${whereTo(found, lineCounter)}: ${markers.join(', ')}${more}.` };
}

function whereTo({ syncs: [sync], inText }: Found, lineCounter: LineCounter): string {
  if (inText !== null && sync === undefined) {
    const { line } = lineCounter.linePos(inText);
    return `Write the text in line ${line} as YAML (Argo CD: valuesObject), since no marker is read inside a text, let the chart write one of its values into the annotation ${FORCE_SYNC}, and put a marker at the end of that value's line`;
  }
  if (sync === undefined) {
    return `Let the chart write a value of this file into the annotation ${FORCE_SYNC}, and put a marker at the end of that value's line`;
  }
  const { name } = sync;
  const { line } = lineCounter.linePos(sync.offset);
  return sync.isMarkable
    ? `Put a marker at the end of line ${line}, behind the value of ${name}`
    : `Write ${name} (line ${line}) on a line of its own, and put a marker behind its value`;
}

function markerFor(key: string): string {
  return `# {"${MARKER_WORD}": {"secret": ${JSON.stringify(plainText(key, 300))}, "stage": "refresh"}}`;
}

function walk(node: ParsedNode | null, parent: string, found: Found): void {
  if (isSeq(node)) {
    for (const item of node.items) walk(item, parent, found);
    return;
  }
  if (!isMap(node)) return;
  noteParameter(node, found);
  for (const { key, value } of node.items) {
    const name = isScalar(key) && typeof key.value === 'string' ? key.value : parent;
    note({ name, value, parent, isInFlow: node.flow === true }, found);
    walk(value, name, found);
  }
}

interface Pair {
  readonly name: string;
  readonly value: ParsedNode | null;
  readonly parent: string;
  readonly isInFlow: boolean;
}

function note({ name, value, parent, isInFlow }: Pair, found: Found): void {
  if (parent === 'dataFrom' && name === 'find') found.isOpen = true;
  else if (parent === 'helm' && name === 'values' && isScalar(value)) noteText(value, found);
  else if (name === 'key' && HOLDERS.has(parent)) noteKey(value, found);
  else if (isSyncAnnotation(name) && isScalar(value)) noteSync(name, value, isInFlow, found);
}

/** `helm.values` of Argo CD: a text that is YAML again. Its keys are told with the line where the text begins. */
function noteText(value: ParsedNode, found: Found): void {
  if (!isScalar(value) || typeof value.value !== 'string') return;
  const parsed = found.place === 'text' ? null : parseDocuments(value.value);
  if (parsed === null || parsed.kind === 'unreadable') {
    found.isOpen = true;
    return;
  }
  const inside: Found = { keys: [], syncs: [], isOpen: false, inText: null, place: 'text' };
  for (const { contents } of parsed.documents) walk(contents, '', inside);
  const [offset] = value.range;
  found.keys.push(...inside.keys.map(({ key }) => ({ key, offset })));
  found.isOpen ||= inside.isOpen;
  if (inside.keys.length > 0) found.inText ??= offset;
}

/** `{name: externalSecret.remoteRef.key, value: prod/db}` of `helm.parameters`: a way of names, and what is set there. */
function noteParameter(node: ParsedNode, found: Found): void {
  if (!isMap(node)) return;
  const pairs = node.items.filter(({ key }) => isScalar(key) && (key.value === 'name' || key.value === 'value'));
  if (pairs.length !== 2 || node.items.length > 3) return;
  const [name, value] = ['name', 'value'].map((key) =>
    pairs.find((pair) => isScalar(pair.key) && pair.key.value === key),
  );
  const way = isScalar(name?.value) && typeof name.value.value === 'string' ? name.value.value.split('.') : [];
  const last = way.at(-1) ?? '';
  if (way.length < 2) return;
  note(
    {
      name: last,
      value: value?.value ?? null,
      parent: (way.at(-2) ?? '').replace(/\[\d+\]$/, ''),
      isInFlow: node.flow === true,
    },
    found,
  );
}

const HOLDERS: ReadonlySet<string> = new Set(['remoteRef', 'extract', 'dataFrom']);

function noteKey(value: ParsedNode | null, found: Found): void {
  if (isScalar(value) && typeof value.value === 'string' && value.value !== '') {
    found.keys.push({ key: value.value, offset: value.range[0] });
  } else found.isOpen = true;
}

function noteSync(name: string, value: ParsedNode, isInFlow: boolean, found: Found): void {
  const isBlock = isScalar(value) && (value.type === 'BLOCK_LITERAL' || value.type === 'BLOCK_FOLDED');
  found.syncs.push({ name, offset: value.range[0], isMarkable: !isInFlow && !isBlock });
}
