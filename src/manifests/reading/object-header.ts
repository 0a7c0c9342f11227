import type { ObjectFacts } from '../objects.ts';
import { entries, field, isNull, lineAt, text, type View } from './yaml-view.ts';

/** Where an object stands in its file: the document, and the item where the document is a `kind: List`. */
export interface ObjectPlace {
  readonly document: number;
  readonly item: number | null;
}

/** What every Kubernetes object says of itself; an absent name, kind or apiVersion is the empty text. */
export function readHeader(root: View, { document, item }: ObjectPlace): ObjectFacts {
  const metadata = field(root, 'metadata');
  return {
    document,
    item,
    line: lineAt(root),
    apiVersion: text(field(root, 'apiVersion')) ?? '',
    kind: text(field(root, 'kind')) ?? '',
    name: text(field(metadata, 'name')) ?? text(field(metadata, 'generateName')) ?? '',
    namespace: text(field(metadata, 'namespace')),
    labels: readStrings(field(metadata, 'labels')),
    annotations: readStrings(field(metadata, 'annotations')),
  };
}

/** A map's scalar values as texts; null counts as the empty text, maps and lists are left out. */
export function readStrings(view: View | null): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of entries(view) ?? []) {
    const plain = isNull(value) ? '' : text(value);
    if (plain !== null) values.set(key, plain);
  }
  return values;
}

/** The API group of an object: the part of `apiVersion` before the slash, `''` for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** How messages name an object: `ExternalSecret app/db`. */
export function describeObject({ kind, namespace, name }: Pick<ObjectFacts, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}
