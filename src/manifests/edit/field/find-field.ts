import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { EditableText } from '../../parse-documents.ts';
import { type AnnotationEdit, type Refusal, refuse } from '../annotation-edit.ts';
import { findTarget, textOf } from '../find-target.ts';
import { checkMap, isMergedOver, isShared, type Place, pairOf, valueOf } from '../map-access.ts';

const MOVED = 'The file has changed since it was read: read it again.';

/** Where a field is written: below the map `at`, key by key. */
export interface FieldPlace {
  readonly at: Place;
  readonly path: readonly string[];
}

/**
 * The map from which a field is reached by keys alone: the innermost list item on the way to it, else the object. What must
 * stand beside the field is looked for first: a place in a list says nothing by itself.
 */
export function findField(source: EditableText, edit: AnnotationEdit): FieldPlace | Refusal {
  const object = findTarget(source, edit);
  if ('kind' in object) return object;
  const { keys = [] } = edit;
  const behind = keys.findLastIndex((key) => typeof key === 'number') + 1;
  const path = keys.slice(behind).filter((key) => typeof key === 'string');
  if (path.length === 0) return refuse('the field has no key', MOVED);
  let at = object;
  for (const [step, key] of keys.slice(0, behind).entries()) {
    if (typeof key === 'number') continue;
    const next = keys[step + 1];
    const child = typeof next === 'number' ? itemBelow(source, at, key, next) : childBelow(source, at, key);
    if ('kind' in child) return asField(child, edit);
    at = child;
  }
  const fault = checkBeside(source, { at, path }, edit);
  return fault === null ? { at, path } : asField(fault, edit);
}

/** The line, from 1, of a field's key; null where it is not there. */
export function fieldLine(source: EditableText, edit: AnnotationEdit): number | null {
  const place = findField(source, edit);
  if ('kind' in place) return null;
  const holder = mapAt(place.at.map, place.path.slice(0, -1));
  const pair = isMap(holder) ? pairOf(holder, place.path.at(-1) ?? '') : null;
  return isScalar(pair?.key) ? source.lineCounter.linePos(pair.key.range[0]).line : null;
}

/** A refusal in the words of a field. */
export function asField({ reason, hint }: Refusal, { keys = [] }: Pick<AnnotationEdit, 'keys'>): Refusal {
  const field = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return refuse(`${field.slice(1)}: ${reason.replace('the annotation', 'the value')}`, hint);
}

function childBelow(source: EditableText, place: Place, key: string): Place | Refusal {
  const holder = holderOf(source, place, key);
  if ('kind' in holder) return holder;
  if (!isMap(holder.node)) return refuse(`${holder.label} is not written as a map in this object`, WRITE_OUT);
  return checked(source, { map: holder.node, label: holder.label, holder: null, parent: place.map });
}

function itemBelow(source: EditableText, place: Place, key: string, position: number): Place | Refusal {
  const holder = holderOf(source, place, key);
  if ('kind' in holder) return holder;
  const { node, label } = holder;
  if (!isSeq(node)) return refuse(`${label} is not written as a list in this object`, WRITE_OUT);
  if (isShared(source, node)) return refuse(`${label} has an anchor that is used elsewhere`, WRITE_OUT);
  if (node.tag !== undefined) return refuse(`${label} has a tag`, `Remove the tag of ${label}.`);
  const item = node.items[position];
  const name = `${label}[${position}]`;
  if (isAlias(item)) return refuse(`${name} is an alias`, WRITE_OUT);
  if (!isMap(item)) return refuse(`${name} is not a map`, MOVED);
  return checked(source, { map: item, label: name, holder: null, parent: null });
}

const WRITE_OUT = 'Write it out in this object.';

function holderOf(
  source: EditableText,
  place: Place,
  key: string,
): { readonly node: ParsedNode | null; readonly label: string } | Refusal {
  const fault = checkMap(source, place);
  if (fault !== null) return fault;
  const label = place.label === 'the document' || place.label.startsWith('items[') ? key : `${place.label}.${key}`;
  const pair = pairOf(place.map, key);
  if (pair === null) return refuse(`${label} is not written in this object`, WRITE_OUT);
  if (isMergedOver(place.map, pair)) {
    return refuse(`keys from elsewhere (<<) stand behind ${label}, and kubectl takes theirs`, 'Put << before it.');
  }
  return { node: pair.value, label };
}

function checked(source: EditableText, place: Place): Place | Refusal {
  return checkMap(source, place) ?? place;
}

/** The place in a list must still be that of the reference that was read. */
function checkBeside(source: EditableText, { at, path }: FieldPlace, edit: AnnotationEdit): Refusal | null {
  const { beside, document } = edit;
  if (beside === undefined) return null;
  const holder = mapAt(at.map, path.slice(0, -1));
  const node = isMap(holder) ? valueOf(holder, beside.key) : null;
  const parsed = source.documents[document];
  const found = parsed === undefined ? null : textOf(parsed, node);
  if (found === beside.value) return null;
  return refuse(`${beside.key} is not ${beside.value} where it was`, 'Write it out there, or read the file again.');
}

function mapAt(node: ParsedNode | null, path: readonly string[]): ParsedNode | null {
  return path.reduce<ParsedNode | null>((map, key) => (isMap(map) ? valueOf(map, key) : null), node);
}
