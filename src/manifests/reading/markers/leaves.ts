import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { ComposedDocument } from '../../parse/compose-plain.ts';

/** One step from a map or a list to what it holds. */
export type MarkerKey = string | number;

/** A value, or a key, as it stands in the text. */
export interface Leaf {
  readonly kind: 'value' | 'key' | 'alias';
  /** Behind its last character. */
  readonly end: number;
  /** The way to it from the document's root; null where a key on the way is no plain text. */
  readonly keys: readonly MarkerKey[] | null;
  /** For a block scalar (`|`, `>`): no comment can follow its text. */
  readonly isBlock: boolean;
  /** A scalar as text; empty for null. */
  readonly value: string;
}

/** Every key and every value of a document, in the order of the text. As deep as the parser lets a text be. */
export function leavesOf(document: ComposedDocument): readonly Leaf[] {
  const leaves: Leaf[] = [];
  collect(document.contents, [], leaves);
  return leaves;
}

function collect(node: ParsedNode | null, keys: Leaf['keys'], leaves: Leaf[]): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = keyOf(pair.key);
      if (isScalar(pair.key)) leaves.push(leafOf(pair.key, keys, 'key'));
      collect(pair.value, keys === null || key === null ? null : [...keys, key], leaves);
    }
  } else if (isSeq(node)) {
    for (const [at, item] of node.items.entries()) collect(item, keys === null ? null : [...keys, at], leaves);
  } else if (node !== null) leaves.push(leafOf(node, keys, isAlias(node) ? 'alias' : 'value'));
}

function leafOf(node: ParsedNode, keys: Leaf['keys'], kind: Leaf['kind']): Leaf {
  const [, end] = node.range;
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  return { kind, end, keys, isBlock, value: valueOf(node) };
}

function valueOf(node: ParsedNode): string {
  if (!isScalar(node) || node.value === null) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

function keyOf(key: ParsedNode): string | null {
  return isScalar(key) && key.tag === undefined && typeof key.value !== 'symbol' ? (key.source ?? null) : null;
}

/** The way to a value as people write it: `podAnnotations["acme.example/rotation"]`, `hosts[0]`. Two ways never look alike. */
export function pathText(keys: readonly MarkerKey[]): string {
  const steps = keys.map((key, at) => {
    if (typeof key === 'number') return `[${key}]`;
    if (!/^[A-Za-z0-9_-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
    return at === 0 ? key : `.${key}`;
  });
  return steps.join('');
}
