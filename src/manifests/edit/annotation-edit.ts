import { internalFailure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';

/** One annotation of one object, and the value it shall have. */
export interface AnnotationEdit {
  /** Which YAML document of the file, from 0, and which item where the document is a `kind: List` (else null). */
  readonly document: number;
  readonly item: number | null;
  /** What must stand at that place; anything else is refused. */
  readonly kind: string;
  readonly name: string;
  /**
   * The object's own metadata, the metadata of its pod template, or `spec` itself: then it is a field of that name. In a patch
   * template and `spec` may still be missing.
   */
  readonly target: 'metadata' | 'template' | 'spec' | 'patched-template' | 'patched-spec' | 'marker' | 'field';
  /** The way to the scalar that is set. For `marker` from the document's root, for `field` from the object: `annotation` is its last key. */
  readonly keys?: readonly (string | number)[];
  /** For `field`: what must stand beside it, so that its place means what it did. */
  readonly beside?: { readonly key: string; readonly value: string };
  /** Where the pod template stands, key by key; left out: `spec.template`. */
  readonly template?: readonly string[];
  readonly annotation: string;
  /** Printable ASCII without `"` and `\`. */
  readonly value: string;
}

/** Why an edit cannot be made exactly, and what a person can do about it. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: string;
  readonly hint: string;
}

const VALUE = /^[ !#-[\]-~]*$/;
const ANNOTATION = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
// Words that some YAML reader takes for something else than text.
const SPECIAL = /^(?:y|yes|n|no|on|off|true|false|null)$/i;

/** A refusal, made safe to show. */
export function refuse(reason: string, hint: string): Refusal {
  return { kind: 'refused', reason: plainText(reason), hint };
}

/** Where the value stands below the map that `findTarget` finds. */
export function pathOf({ target, template, annotation }: AnnotationEdit): readonly string[] {
  switch (target) {
    case 'spec':
      return [annotation];
    case 'patched-spec':
      return ['spec', annotation];
    case 'metadata':
    case 'template':
      return ['metadata', 'annotations', annotation];
    case 'patched-template':
      return [...(template ?? ['spec', 'template']), 'metadata', 'annotations', annotation];
    case 'marker':
    case 'field':
      throw internalFailure('the place of a marker or a field is its keys');
  }
}

/** Null when annotation and value can be written in any YAML or JSON context as they are. */
export function checkWording(edit: AnnotationEdit): Refusal | null {
  if (!VALUE.test(edit.value)) {
    return refuse('the new value is not printable ASCII', 'This is a bug in gitops-reloader. Please report it.');
  }
  if (!ANNOTATION.test(edit.annotation)) {
    return refuse(`${edit.annotation} is not an annotation name`, 'Use a name that Kubernetes accepts.');
  }
  return null;
}

/** True where a plain scalar is text for readers of YAML 1.1 (kubectl) and 1.2 alike. */
export function isSurelyText(plain: string): boolean {
  return /^[A-Za-z/]/.test(plain) && !SPECIAL.test(plain);
}

/** A key as it is written: quoted where its neighbours are, or where it could be taken for something else than text. */
export function writeKey(key: string, style: 'quoted' | 'plain'): string {
  return style === 'plain' && isSurelyText(key) ? key : `"${key}"`;
}
