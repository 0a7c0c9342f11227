import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { type AnnotationEdit, type Refusal, refuse } from './annotation-edit.ts';
import { checkMap, isShared, type Place, pairOf, valueOf } from './map-access.ts';

const MOVED = 'The file has changed since it was read: read it again.';

/** The map whose `metadata` holds the annotations: the object itself, or its pod template. Or the object's `spec`. */
export function findTarget(source: EditableText, edit: AnnotationEdit): Place | Refusal {
  const document = source.documents[edit.document];
  if (document === undefined) return refuse(`the file has no document ${edit.document + 1}`, MOVED);
  const object = findObject(source, document, edit.item);
  if ('kind' in object) return object;
  const mismatch = checkIdentity(source, document, object, edit);
  if (mismatch !== null) return mismatch;
  if (edit.target !== 'template' && edit.target !== 'spec') return object;
  const steps = edit.target === 'spec' ? ['spec'] : (edit.template ?? ['spec', 'template']);
  let place = object;
  for (const step of steps) {
    const child = findChild(source, place, step);
    if ('kind' in child) return child;
    place = child;
  }
  return place;
}

function findObject(source: EditableText, document: Document.Parsed, item: number | null): Place | Refusal {
  const root = document.contents;
  if (!isMap(root)) return refuse('the document is not a map', MOVED);
  const place: Place = { map: root, label: 'the document', holder: null, parent: null };
  const fault = checkMap(source, place);
  if (fault !== null) return fault;
  // The signature of SOPS covers all documents of a file.
  if (source.documents.some(({ contents }) => isMap(contents) && pairOf(contents, 'sops') !== null)) return encrypted();
  if (item === null) return place;
  const items = valueOf(root, 'items');
  if (!isSeq(items)) return refuse('the document has no list of items', MOVED);
  if (isShared(source, items)) return refuse('items has an anchor that is used elsewhere', 'Write the items out.');
  const node = items.items[item];
  if (isAlias(node)) return refuse(`items[${item}] is an alias`, 'Write the item out.');
  if (!isMap(node)) return refuse(`items[${item}] is not a map`, MOVED);
  const itemPlace: Place = { map: node, label: `items[${item}]`, holder: null, parent: null };
  return checkMap(source, itemPlace) ?? (pairOf(node, 'sops') === null ? itemPlace : encrypted());
}

function encrypted(): Refusal {
  return refuse('the document is encrypted with SOPS', 'Annotate it by hand and encrypt it again.');
}

function checkIdentity(
  source: EditableText,
  document: Document.Parsed,
  object: Place,
  edit: AnnotationEdit,
): Refusal | null {
  const metadata = findChild(source, object, 'metadata');
  if ('kind' in metadata) return metadata;
  const kind = textOf(document, valueOf(object.map, 'kind'));
  const name = textOf(document, valueOf(metadata.map, 'name'));
  if (kind === edit.kind && name === edit.name) return null;
  return refuse(`${kind ?? 'an object'} ${name ?? 'without name'} stands where ${edit.kind} ${edit.name} was`, MOVED);
}

function findChild(source: EditableText, place: Place, key: string): Place | Refusal {
  const label = place.holder === null ? key : `${place.label}.${key}`;
  const pair = pairOf(place.map, key);
  if (isAlias(pair?.value)) return refuse(`${label} is an alias`, `Write ${label} out in this object.`);
  if (pair === null || !isMap(pair.value)) {
    return refuse(`${label} is not written in this object`, `Write ${label} out in this object.`);
  }
  const child: Place = { map: pair.value, label, holder: pair, parent: place.map };
  return checkMap(source, child) ?? child;
}

/** A scalar's text, also through an alias; null for what is none. */
export function textOf(document: Document.Parsed, node: ParsedNode | null): string | null {
  const value = isAlias(node) ? node.resolve(document) : node;
  return isScalar(value) && value.source !== undefined ? value.source : null;
}
