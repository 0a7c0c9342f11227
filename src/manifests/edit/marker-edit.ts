import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { MARKER_WORD } from '../reading/markers/parse-marker.ts';
import { type AnnotationEdit, type Refusal, refuse } from './annotation-edit.ts';
import { checkMap, isMergedOver, isShared, type ParsedMap, type ParsedSeq, pairOf } from './map-access.ts';
import { replacePair, replaceValue } from './replace-value.ts';
import { lineEnd } from './text/source-lines.ts';
import type { Splice } from './text/splice.ts';

const MOVED = 'The file has changed since it was read: read it again.';
const WRITE_OUT = 'Write the values out where the marker stands.';

/** The scalar that a marker marks, with the map or list that holds it. */
interface Marked {
  readonly holder: ParsedMap | ParsedSeq;
  readonly key: string | number;
  readonly node: ParsedNode | null;
}

/** What replaces a marked scalar, and the scalar: its neighbours can be edited at the same time. */
interface MarkerSplices {
  readonly splices: readonly Splice[];
  readonly container: ParsedNode;
  readonly path: readonly [];
}

/** Plans an edit of the scalar that a marker marks: it alone is replaced, its comment stays. */
export function replaceMarked(source: EditableText, edit: AnnotationEdit): MarkerSplices | Refusal {
  const found = findMarked(source, edit);
  if ('kind' in found) return found;
  const { holder, key, node } = found;
  if (node === null || !isScalar(node)) return refuse('the marked value is no scalar', WRITE_OUT);
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    return refuse('the marked value is a block scalar', 'Write it in quotes on one line.');
  }
  const end = node.range[1];
  if (!source.text.slice(end, lineEnd(source.text, end)).includes(MARKER_WORD)) {
    return refuse('no marker stands behind the value', MOVED);
  }
  const pair = isMap(holder) ? pairOf(holder, String(key)) : null;
  const splices = pair === null ? replaceValue(source, node, edit.value) : replacePair(source, pair, edit.value);
  if ('kind' in splices) return splices;
  return { splices, container: node, path: [] };
}

/** The line, from 1, of the scalar that a marker marks; null where it is not there. */
export function markedLine(source: EditableText, edit: AnnotationEdit): number | null {
  const found = findMarked(source, edit);
  if ('kind' in found || found.node === null) return null;
  // The marker stands where the value ends.
  return source.lineCounter.linePos(found.node.range[1]).line;
}

function findMarked(source: EditableText, { document: at, keys = [] }: AnnotationEdit): Marked | Refusal {
  const document = source.documents[at];
  if (document === undefined) return refuse(`the file has no document ${at + 1}`, MOVED);
  let node: ParsedNode | null = document.contents;
  let found: Marked | null = null;
  for (const key of keys) {
    const holder = holderOf(source, node, key);
    if ('kind' in holder) return holder;
    node = holder.node;
    found = holder;
  }
  return found ?? refuse('the marker has no place', MOVED);
}

function holderOf(source: EditableText, node: ParsedNode | null, key: string | number): Marked | Refusal {
  if (isAlias(node)) return refuse(`an alias stands before ${key}`, WRITE_OUT);
  if (isSeq(node) && typeof key === 'number') {
    if (isShared(source, node)) return refuse('a list has an anchor that is used elsewhere', WRITE_OUT);
    return { holder: node, key, node: node.items[key] ?? null };
  }
  if (!isMap(node) || typeof key !== 'string') return refuse(`${key} is not where it was`, MOVED);
  const fault = checkMap(source, { map: node, label: `the map that holds ${key}`, holder: null, parent: null });
  if (fault !== null) return fault;
  const pair = pairOf(node, key);
  if (pair === null) return refuse(`${key} is not where it was`, MOVED);
  if (isMergedOver(node, pair)) {
    return refuse(
      `keys from elsewhere (<<) stand behind ${key}, and kubectl takes theirs`,
      'Put << before the other keys.',
    );
  }
  return { holder: node, key, node: pair.value };
}
