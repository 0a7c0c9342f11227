import { isAlias, isMap, isScalar, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { type AnnotationEdit, checkWording, pathOf, type Refusal, refuse } from './annotation-edit.ts';
import { asField, type FieldPlace, findField } from './field/find-field.ts';
import { findTarget } from './find-target.ts';
import { fillBelow, insertInBlock } from './insert-block.ts';
import { fillWithFlow, insertInFlow } from './insert-flow.ts';
import { checkMap, hasMerge, isBlockMap, isMergedOver, type ParsedPair, type Place, pairOf } from './map-access.ts';
import { replaceMarked } from './marker-edit.ts';
import { replacePair } from './replace-value.ts';
import type { Splice } from './text/splice.ts';

/** Where one edit writes, and what may differ afterwards: below `container`, the value at `path` (itself where that is empty), and nothing else. */
export interface EditPlan {
  readonly kind: 'plan';
  readonly edit: AnnotationEdit;
  /** Empty when the annotation has its value already. */
  readonly splices: readonly Splice[];
  readonly container: ParsedNode;
  readonly path: readonly string[];
}

/** Plans one edit against one parsed text, or says why it cannot be made exactly. */
export function planEdit(source: EditableText, edit: AnnotationEdit): EditPlan | Refusal {
  const wording = checkWording(edit);
  if (wording !== null) return wording;
  if (edit.target === 'marker') {
    const marked = replaceMarked(source, edit);
    return 'kind' in marked ? marked : { kind: 'plan', edit, ...marked };
  }
  const place = edit.target === 'field' ? findField(source, edit) : findPlace(source, edit);
  if ('kind' in place) return place;
  const { path, at } = place;
  const splices = descend(source, at, path, edit.value);
  if ('kind' in splices) return edit.target === 'field' ? asField(splices, edit) : splices;
  return { kind: 'plan', edit, splices, container: at.map, path };
}

function findPlace(source: EditableText, edit: AnnotationEdit): FieldPlace | Refusal {
  const target = findTarget(source, edit);
  return 'kind' in target ? target : { at: target, path: pathOf(edit) };
}

function descend(
  source: EditableText,
  place: Place,
  path: readonly string[],
  value: string,
): readonly Splice[] | Refusal {
  const fault = checkMap(source, place);
  if (fault !== null) return fault;
  const [key = '', ...rest] = path;
  const pair = pairOf(place.map, key);
  if (pair === null) return insert(source, place, path, value);
  if (isMergedOver(place.map, pair)) {
    return refuse(
      `${place.label} takes keys from elsewhere (<<) behind its own ${key}, and kubectl takes theirs`,
      `Put << before the other keys of ${place.label}.`,
    );
  }
  if (rest.length === 0) return replacePair(source, pair, value);
  const label = place.holder === null ? key : `${place.label}.${key}`;
  const child = pair.value;
  if (isMap(child) && child.items.length > 0) {
    return descend(source, { map: child, label, holder: pair, parent: place.map }, rest, value);
  }
  const closed = checkEmpty(child, label);
  if (closed !== null) return closed;
  return isBlockMap(place.map) && isNothing(child)
    ? fillBelow(source, place, pair, { path: rest, value })
    : fillWithFlow(source, pair, rest, value);
}

function insert(
  source: EditableText,
  place: Place,
  path: readonly string[],
  value: string,
): readonly Splice[] | Refusal {
  if (path.length > 1 && hasMerge(place.map)) {
    return refuse(
      `${place.label} takes keys from elsewhere (<<), perhaps ${path[0]} too`,
      `Write ${path[0]} out in ${place.label}.`,
    );
  }
  return isBlockMap(place.map) ? insertInBlock(source, place, path, value) : insertInFlow(source, place, path, value);
}

/** Null where the value is `null`, `~`, `{}` or nothing, without anchor or tag. */
function checkEmpty(node: ParsedNode | null, label: string): Refusal | null {
  const hint = `Write ${label} as a map in this object.`;
  if (isAlias(node)) return refuse(`${label} is an alias`, `Write ${label} out in this object.`);
  if (node === null || (!isMap(node) && !isNull(node))) return refuse(`${label} is not a map`, hint);
  if (node.anchor !== undefined || node.tag !== undefined) {
    return refuse(`${label} is empty but for an anchor or tag`, hint);
  }
  return null;
}

function isNull(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && node.type === 'PLAIN';
}

function isNothing(node: ParsedPair['value']): boolean {
  return node !== null && node.range[0] === node.range[1];
}
