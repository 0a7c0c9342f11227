import type { LineOf } from '../../annotation-line.ts';
import { editWhatCanBe, type RefusedEdit } from '../../edit-annotations.ts';
import type { AnnotationEdit } from '../annotation-edit.ts';
import { listPatch } from './list-patch.ts';
import { findDocuments, type PatchedObject } from './patch-documents.ts';

/** One annotation of one object, to be written into the patch file of an overlay. */
export interface OverlayEdit
  extends Omit<AnnotationEdit, 'document' | 'item' | 'target' | 'keys' | 'beside'>,
    PatchedObject {
  readonly target: Exclude<AnnotationEdit['target'], 'marker' | 'field'>;
}

/** The two files of an overlay. */
export interface OverlayTexts {
  /** Our patch file; null where it does not exist yet. */
  readonly patch: string | null;
  readonly kustomization: string;
}

/** What could be written into an overlay. */
export interface EditedOverlay {
  /** The new texts; the old ones where nothing was changed. */
  readonly texts: OverlayTexts;
  /** Where annotations stand in the new patch file. */
  readonly lineOf: LineOf;
  /** Edits whose annotation now has its value, each with the edit of the patch file that it became; in the order given. */
  readonly done: readonly { readonly edit: OverlayEdit; readonly annotation: AnnotationEdit }[];
  readonly refused: readonly (Omit<RefusedEdit, 'edit'> & { readonly edit: OverlayEdit })[];
}

/**
 * Writes annotations into an overlay's patch file, and the file into its kustomization. Documents that the file lacks are
 * added behind the others; an edit that is refused leaves no document behind. Never throws for anything in the texts.
 */
export function editOverlay(texts: OverlayTexts, edits: readonly OverlayEdit[]): EditedOverlay {
  const listed = listPatch(texts.kustomization);
  if (listed.kind === 'refused') {
    const { reason, hint } = listed;
    return {
      texts,
      lineOf: NOWHERE,
      done: [],
      refused: edits.map((edit) => ({ edit, reason: `kustomization: ${reason}`, hint })),
    };
  }
  const found = findDocuments(texts.patch, edits);
  const wanted = edits.flatMap((edit) => {
    const document = found.documents.get(edit);
    return document === undefined ? [] : [{ edit, annotation: annotationEdit(edit, document) }];
  });
  const written = editWhatCanBe(
    found.text,
    wanted.map(({ annotation }) => annotation),
  );
  const why = new Map(written.refused.map((one) => [one.edit, one]));
  const refused = edits.flatMap((edit) => {
    const annotation = wanted.find((one) => one.edit === edit)?.annotation;
    const refusal = annotation === undefined ? found.refused.get(edit) : why.get(annotation);
    return refusal === undefined ? [] : [{ edit, reason: refusal.reason, hint: refusal.hint }];
  });
  if (refused.length > 0) {
    const rest = edits.filter((edit) => !refused.some((one) => one.edit === edit));
    if (rest.length === 0) return { texts, lineOf: NOWHERE, done: [], refused };
    const again = editOverlay(texts, rest);
    return { ...again, refused: [...refused, ...again.refused] };
  }
  const { text: patch, lineOf } = written;
  return { texts: { patch, kustomization: listed.text }, lineOf, done: wanted, refused: [] };
}

const NOWHERE: LineOf = () => null;

/** A patch need not have what it patches: what is missing is made. */
function annotationEdit(edit: OverlayEdit, document: number): AnnotationEdit {
  return { ...edit, document, item: null, target: PATCHED[edit.target] };
}

const PATCHED = {
  metadata: 'metadata',
  template: 'patched-template',
  spec: 'patched-spec',
  'patched-template': 'patched-template',
  'patched-spec': 'patched-spec',
} as const satisfies Record<OverlayEdit['target'], OverlayEdit['target']>;
