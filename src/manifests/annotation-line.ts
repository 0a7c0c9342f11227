import { isMap, isScalar, type ParsedNode } from 'yaml';
import { type AnnotationEdit, pathOf } from './edit/annotation-edit.ts';
import { fieldLine } from './edit/field/find-field.ts';
import { findTarget } from './edit/find-target.ts';
import { pairOf } from './edit/map-access.ts';
import { markedLine } from './edit/marker-edit.ts';
import type { EditableText } from './parse-documents.ts';

/** Finds the line, from 1, on which the annotation of an edit stands; null where it is not written in that object. */
export type LineOf = (edit: AnnotationEdit) => number | null;

/** Where the annotations of a text stand. */
export function linesIn(source: EditableText): LineOf {
  return (edit) => {
    if (edit.target === 'marker') return markedLine(source, edit);
    if (edit.target === 'field') return fieldLine(source, edit);
    const target = findTarget(source, edit);
    if ('kind' in target) return null;
    const path = pathOf(edit).slice(0, -1);
    const annotations = path.reduce<ParsedNode | null>((node, key) => below(node, key), target.map);
    const pair = isMap(annotations) ? pairOf(annotations, edit.annotation) : null;
    return isScalar(pair?.key) ? source.lineCounter.linePos(pair.key.range[0]).line : null;
  };
}

function below(node: ParsedNode | null, key: string): ParsedNode | null {
  return isMap(node) ? (pairOf(node, key)?.value ?? null) : null;
}
