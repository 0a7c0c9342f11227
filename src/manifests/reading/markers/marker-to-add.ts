import { type Document, isMap, isScalar, isSeq, type LineCounter, type ParsedNode } from 'yaml';
import { plainText } from '../../../domain/plain-text.ts';
import { FORCE_SYNC, isSyncAnnotation } from '../../../domain/policy.ts';
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
}

/** Of many keys the first ones are told. */
const MAX_TOLD = 3;

/** Looks for keys and for the annotation that refreshes, wherever a document has them. */
export function strayKeys(document: Document.Parsed, lineCounter: LineCounter): StrayKeys {
  const found: Found = { keys: [], syncs: [], isOpen: false };
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

function whereTo({ syncs: [sync] }: Found, lineCounter: LineCounter): string {
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
  else if (name === 'key' && HOLDERS.has(parent)) noteKey(value, found);
  else if (isSyncAnnotation(name) && isScalar(value)) noteSync(name, value, isInFlow, found);
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
