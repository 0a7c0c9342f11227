import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { comesFirst, type ParsedMap, type ParsedPair } from './map-access.ts';
import type { EditPlan } from './plan-edit.ts';
import { createMover, type MovedOffset, type Splice } from './text/splice.ts';

/**
 * Proves an edit from its two texts, parsed independently: the same documents, the same comments, and node by node the
 * same values, written with the same characters at the places the splices moved them to, but for the annotations that
 * were meant. Null when that holds, else the first difference.
 */
export function proveEdit(
  before: EditableText,
  after: EditableText,
  plans: readonly EditPlan[],
  splices: readonly Splice[],
): string | null {
  if (before.documents.length !== after.documents.length) return 'the number of documents changed';
  if (!sameList(before.comments, after.comments)) return 'a comment changed';
  const proof: Proof = {
    before,
    after,
    move: createMover(splices),
    plans: new Map(plans.map((plan) => [plan.container, plan])),
  };
  for (const [index, document] of before.documents.entries()) {
    const other = after.documents[index];
    if (other === undefined || !sameHead(document, other)) return 'a document marker or directive changed';
    if (!isSame(proof, document.contents, other.contents)) return 'something besides the annotation changed';
  }
  return null;
}

interface Proof {
  readonly before: EditableText;
  readonly after: EditableText;
  readonly move: MovedOffset;
  readonly plans: ReadonlyMap<ParsedNode, EditPlan>;
}

function sameHead(a: Document.Parsed, b: Document.Parsed): boolean {
  const heads = [a, b].map(({ directives, warnings }) =>
    JSON.stringify([directives.yaml, directives.tags, directives.docStart, directives.docEnd, warnings.length]),
  );
  return heads[0] === heads[1];
}

function isSame(proof: Proof, a: ParsedNode | null, b: ParsedNode | null): boolean {
  if (a === null || b === null) return a === b;
  const plan = proof.plans.get(a);
  if (plan !== undefined) return differsOnlyAt(proof, a, b, { path: plan.path, value: plan.edit.value });
  if (!sameShell(a, b)) return false;
  if (isMap(a) && isMap(b)) return samePairs(proof, a.items, b.items);
  if (isSeq(a) && isSeq(b)) {
    return (
      a.items.length === b.items.length && a.items.every((item, index) => isSame(proof, item, b.items[index] ?? null))
    );
  }
  return isLeaf(a) && isLeaf(b) && sameCharacters(proof, a, b);
}

function samePairs(proof: Proof, a: readonly ParsedPair[], b: readonly ParsedPair[]): boolean {
  return (
    a.length === b.length &&
    a.every((pair, index) => {
      const other = b[index];
      return other !== undefined && isSame(proof, pair.key, other.key) && isSame(proof, pair.value, other.value);
    })
  );
}

interface Wanted {
  readonly path: readonly string[];
  readonly value: string;
}

/** True when `b` is `a` but for the wanted value at the path, and for the maps on the way that `a` lacks. */
function differsOnlyAt(proof: Proof, a: ParsedNode | null, b: ParsedNode | null, wanted: Wanted): boolean {
  const { path, value } = wanted;
  if (a === null || b === null || !sameProperties(a, b)) return false;
  if (path.length === 0) return isText(b, value);
  if (isSeq(a)) return false;
  if (!isMap(a) || a.items.length === 0) return isChain(b, path, value);
  return isMap(b) && a.flow === b.flow && differsOnlyInMap(proof, a, b, wanted);
}

function differsOnlyInMap(proof: Proof, a: ParsedMap, b: ParsedMap, { path, value }: Wanted): boolean {
  const [key = '', ...rest] = path;
  const at = a.items.findIndex((pair) => isKey(pair, key));
  const [old, now] = [a.items[at], b.items[at]];
  if (old === undefined || now === undefined) return isInserted(proof, a, b, { path, value });
  return (
    isSame(proof, old.key, now.key) &&
    samePairs(proof, a.items.toSpliced(at, 1), b.items.toSpliced(at, 1)) &&
    differsOnlyAt(proof, old.value, now.value, { path: rest, value })
  );
}

function isInserted(proof: Proof, a: ParsedMap, b: ParsedMap, { path, value }: Wanted): boolean {
  const [key = '', ...rest] = path;
  const at = comesFirst(path) ? 0 : a.items.length;
  const added = b.items[at];
  if (added === undefined || !isKey(added, key)) return false;
  return isChain(added.value, rest, value) && samePairs(proof, a.items, b.items.toSpliced(at, 1));
}

/** True for the value inside one map per key of the path, each with that key alone. */
function isChain(node: ParsedNode | null, path: readonly string[], value: string): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return isText(node, value);
  const only = isMap(node) && node.items.length === 1 ? node.items[0] : undefined;
  return only !== undefined && isKey(only, key) && isChain(only.value, rest, value);
}

function isKey(pair: ParsedPair, key: string): boolean {
  return isScalar(pair.key) && pair.key.source === key;
}

function isText(node: ParsedNode | null, value: string): boolean {
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') && node.value === value;
}

function isLeaf(node: ParsedNode): boolean {
  return isScalar(node) || isAlias(node);
}

/** Same kind of node with the same anchor and tag. */
function sameShell(a: ParsedNode, b: ParsedNode): boolean {
  if (a.constructor !== b.constructor || !sameProperties(a, b)) return false;
  return !isMap(a) || !isMap(b) || a.flow === b.flow;
}

function sameProperties(a: ParsedNode, b: ParsedNode): boolean {
  return a.anchor === b.anchor && a.tag === b.tag;
}

/**
 * Leaves are compared by their characters and places: equal characters at the place where the splices moved them mean
 * one value to every reader. An empty leaf has no place of its own.
 */
function sameCharacters({ before, after, move }: Proof, a: ParsedNode, b: ParsedNode): boolean {
  const written = before.text.slice(a.range[0], a.range[1]);
  if (written !== after.text.slice(b.range[0], b.range[1])) return false;
  return written === '' || move(a.range[0]) === b.range[0];
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
