import { Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { parseDocuments } from '../../parse-documents.ts';
import { type View, viewDocument, viewNode } from '../yaml-view.ts';
import type { Plain } from './plain-value.ts';

const MAX_STEPS = 100_000;
// What a parser surely reads as it is written. Whatever is longer, deeper or has other characters, is parsed.
const MAX_LENGTH = 64 * 1024;
const MAX_DEPTH = 100;
const PRINTABLE = /^[ -~]*$/;

/**
 * A value as readers of manifests see it, as if it were parsed from its JSON; null where no parser reads that. Thousands of
 * objects may be built, and parsing each takes ten times as long as all the rest.
 */
export function viewPlain(value: Plain): View | null {
  const text = JSON.stringify(value);
  const budget = { left: MAX_STEPS };
  if (text.length <= MAX_LENGTH && PRINTABLE.test(text) && isWithin(value, MAX_DEPTH)) {
    return viewNode(nodeOf(value), budget);
  }
  const parsed = parseDocuments(text);
  const [first] = parsed.kind === 'documents' ? parsed.documents : [];
  return parsed.kind === 'unreadable' || first === undefined ? null : viewDocument(first, parsed.lineCounter, budget);
}

function isWithin(value: Plain, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return levels > 0 && Object.values(value).every((one) => isWithin(one, levels - 1));
}

function nodeOf(value: Plain): Scalar | YAMLMap | YAMLSeq {
  if (value === null || typeof value !== 'object') return new Scalar(value);
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    for (const one of value) list.items.push(nodeOf(one));
    return list;
  }
  const map = new YAMLMap();
  for (const [key, one] of Object.entries(value)) map.items.push(new Pair(new Scalar(key), nodeOf(one)));
  return map;
}
