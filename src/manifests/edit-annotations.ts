import { type LineOf, linesIn } from './annotation-line.ts';
import { type AnnotationEdit, type Refusal, refuse } from './edit/annotation-edit.ts';
import { carryOut, type EditState, planPass, writtenLines } from './edit/edit-pass.ts';
import { parseEditable } from './parse-documents.ts';

/**
 * The exact editor: strings go in, strings come out. Offsets come from the parser, characters are spliced, the result is
 * parsed again, as YAML 1.1 and as YAML 1.2, and the edit stands only if both prove that nothing but the annotation differs.
 */
export type { AnnotationEdit } from './edit/annotation-edit.ts';

/** What became of all edits of one text together. */
export type EditResult =
  /** `lines`: the new text's lines that were changed or added, from 1, sorted. */
  | { readonly kind: 'edited'; readonly text: string; readonly lines: readonly number[] }
  /** Every annotation has its value already. */
  | { readonly kind: 'unchanged' }
  /** Nothing is changed because this edit cannot be made exactly. */
  | { readonly kind: 'refused'; readonly edit: AnnotationEdit; readonly reason: string; readonly hint: string };

/** An edit that cannot be made exactly, why, and what a person can do about it. */
export interface RefusedEdit {
  readonly edit: AnnotationEdit;
  readonly reason: string;
  readonly hint: string;
}

/** What could be edited of one text. */
export interface PartialEdit {
  /** The new text; the old one where nothing was changed. */
  readonly text: string;
  /** The new text's lines that were changed or added, from 1, sorted. */
  readonly lines: readonly number[];
  /** Where annotations stand in the new text, as it was read to prove the edits. */
  readonly lineOf: LineOf;
  /** Edits whose annotation now has its value, also where it had it before; in the order given. */
  readonly done: readonly AnnotationEdit[];
  readonly refused: readonly RefusedEdit[];
}

/** Makes all edits of one text, or none: the first that is refused decides. Never throws for anything in the text. */
export function editAnnotations(text: string, edits: readonly AnnotationEdit[]): EditResult {
  const result = editWhatCanBe(text, edits);
  const [refused] = result.refused;
  if (refused !== undefined) return { kind: 'refused', ...refused };
  if (result.text === text) return { kind: 'unchanged' };
  return { kind: 'edited', text: result.text, lines: result.lines };
}

/** Makes the edits that can be made exactly and names the others. Never throws for anything in the text. */
export function editWhatCanBe(text: string, edits: readonly AnnotationEdit[]): PartialEdit {
  const source = openText(text);
  if (source.kind === 'refused') {
    return { text, lines: [], lineOf: () => null, done: [], refused: edits.map((edit) => toRefused(edit, source)) };
  }
  const refusals = new Map(findContradictions(edits).map((edit) => [edit, CONTRADICTION]));
  const pending = edits.filter((edit) => !refusals.has(edit));
  const state = editPending({ ...source.readings, spans: [] }, pending, refusals);
  const refused = edits.flatMap((edit) => {
    const refusal = refusals.get(edit);
    return refusal === undefined ? [] : [toRefused(edit, refusal)];
  });
  return {
    text: state.source.text,
    lines: writtenLines(state),
    lineOf: linesIn(state.source),
    done: edits.filter((edit) => !refusals.has(edit)),
    refused,
  };
}

/**
 * Makes the pending edits pass by pass. Several that cannot be proven together are tried by halves, so that a refusal meets the
 * right one; a text that takes too many tries is left as it is by then. What is refused goes into `refusals`.
 */
function editPending(
  first: EditState,
  edits: readonly AnnotationEdit[],
  refusals: Map<AnnotationEdit, Refusal>,
): EditState {
  let state = first;
  let pending = edits;
  let most = Infinity;
  let failures = 0;
  while (pending.length > 0) {
    const pass = planPass(state.source, pending, most);
    for (const [edit, refusal] of pass.refused) refusals.set(edit, refusal);
    const tried = pass.plans.map(({ edit }) => edit);
    const next = failures < MAX_FAILURES ? carryOut(state, pass.plans) : TOO_MANY_TRIES;
    if (next.kind === 'state') {
      state = next.state;
      most *= 2;
      pending = pass.later;
    } else if (tried.length > 1 && failures < MAX_FAILURES) {
      failures += 1;
      most = Math.ceil(tried.length / 2);
      pending = [...tried, ...pass.later];
    } else {
      failures += 1;
      for (const edit of tried) refusals.set(edit, next);
      pending = pass.later;
    }
  }
  return state;
}

// Each reads the whole text twice. One edit among a thousand is found in ten.
const MAX_FAILURES = 32;

const TOO_MANY_TRIES = refuse(
  'too many edits of this file cannot be proven exact',
  'Split the file, or write it in a plainer style.',
);

const CONTRADICTION = refuse(
  'another edit gives the same annotation a different value',
  'This is a bug in gitops-reloader. Please report it.',
);

type Readings = Pick<EditState, 'source' | 'older'>;

function openText(text: string): { readonly kind: 'open'; readonly readings: Readings } | Refusal {
  const source = parseEditable(text);
  if (source.kind === 'unreadable') return unreadable(source.message);
  if (/\r(?!\n)|[\u0085\u2028\u2029]/.test(text)) {
    return refuse('the file has line breaks that not every YAML reader takes for one', 'Use LF or CRLF line breaks.');
  }
  const older = parseEditable(text, '1.1');
  if (older.kind === 'unreadable') return unreadable(`as YAML 1.1: ${older.message}`);
  return { kind: 'open', readings: { source, older } };
}

function unreadable(message: string): Refusal {
  return refuse(`the file cannot be read: ${message}`, 'Make it plain YAML, or annotate it by hand.');
}

/** Edits that give an annotation another value than an edit before them. */
function findContradictions(edits: readonly AnnotationEdit[]): readonly AnnotationEdit[] {
  const values = new Map<string, string>();
  return edits.filter((edit) => {
    const place = JSON.stringify([edit.document, edit.item, edit.target, edit.annotation, edit.keys]);
    const known = values.get(place) ?? edit.value;
    values.set(place, known);
    return known !== edit.value;
  });
}

function toRefused(edit: AnnotationEdit, { reason, hint }: Refusal): RefusedEdit {
  return { edit, reason, hint };
}
