import { type EditableText, parseEditable } from '../parse-documents.ts';
import { type AnnotationEdit, type Refusal, refuse } from './annotation-edit.ts';
import { type EditPlan, planEdit } from './plan-edit.ts';
import { proveEdit } from './prove-edit.ts';
import {
  applySplices,
  createMover,
  createTakenPlaces,
  type Span,
  type Splice,
  sortSplices,
  writtenSpans,
} from './text/splice.ts';

/** A text on its way, read twice, and the stretches of it that edits have written so far. */
export interface EditState {
  readonly source: EditableText;
  /** The same text as readers of YAML 1.1 (kubectl, Kustomize) understand it. */
  readonly older: EditableText;
  readonly spans: readonly Span[];
}

/** Edits that can be made on one parse, since no two of them meet. */
export interface EditPass {
  readonly plans: readonly EditPlan[];
  readonly refused: readonly (readonly [AnnotationEdit, Refusal])[];
  readonly later: readonly AnnotationEdit[];
}

/** Plans at most `most` of the pending edits. Those already in effect are neither planned, refused nor left for later. */
export function planPass(source: EditableText, pending: readonly AnnotationEdit[], most: number): EditPass {
  const plans: EditPlan[] = [];
  const refused: [AnnotationEdit, Refusal][] = [];
  const later: AnnotationEdit[] = [];
  const containers = new Set<EditPlan['container']>();
  const places = createTakenPlaces();
  for (const edit of pending) {
    const plan = plans.length < most ? planEdit(source, edit) : null;
    if (plan?.kind === 'refused') refused.push([edit, plan]);
    else if (plan === null || containers.has(plan.container) || !places.take(plan.splices)) later.push(edit);
    else if (plan.splices.length > 0) {
      plans.push(plan);
      containers.add(plan.container);
    }
  }
  return { plans, refused, later };
}

/** Carries out plans that do not meet, and proves the result; a refusal when it cannot be proven. */
export function carryOut(
  state: EditState,
  plans: readonly EditPlan[],
): { readonly kind: 'state'; readonly state: EditState } | Refusal {
  if (plans.length === 0) return { kind: 'state', state };
  const splices = sortSplices(plans.flatMap((plan) => plan.splices));
  if (splices === null) return unproven('two changes meet');
  const text = applySplices(state.source.text, splices);
  const after = parseEditable(text);
  if (after.kind === 'unreadable') return unproven(after.message);
  const difference = proveEdit(state.source, after, plans, splices);
  if (difference !== null) return unproven(difference);
  const older = parseEditable(text, '1.1');
  if (older.kind === 'unreadable') return unproven(`as YAML 1.1: ${older.message}`);
  const olderDifference = proveAgain(state.older, older, plans, splices);
  if (olderDifference !== null) return unproven(`as YAML 1.1: ${olderDifference}`);
  const move = createMover(splices);
  const moved = state.spans.map(({ start, end }) => ({
    start: move(start),
    end: move(end - 1) + 1,
  }));
  return { kind: 'state', state: { source: after, older, spans: [...moved, ...writtenSpans(splices)] } };
}

/** The same proof on the other reading: it must have led to the same splices. */
function proveAgain(
  before: EditableText,
  after: EditableText,
  plans: readonly EditPlan[],
  splices: readonly Splice[],
): string | null {
  const again = plans.map(({ edit }) => planEdit(before, edit)).filter((plan) => plan.kind === 'plan');
  const same = sortSplices(again.flatMap((plan) => plan.splices));
  if (again.length !== plans.length || JSON.stringify(same) !== JSON.stringify(splices)) return 'it stands elsewhere';
  return proveEdit(before, after, again, splices);
}

/** The lines that edits changed or added, from 1, sorted. */
export function writtenLines({ source, spans }: EditState): readonly number[] {
  const lines = new Set<number>();
  for (const { start, end } of spans) {
    const written = source.text.slice(start, end);
    const lead = written.length - written.trimStart().length;
    const first = source.lineCounter.linePos(start + lead).line;
    const last = source.lineCounter.linePos(start + written.trimEnd().length - 1).line;
    for (let line = first; line <= last; line += 1) lines.add(line);
  }
  return [...lines].toSorted((a, b) => a - b);
}

function unproven(why: string): Refusal {
  return refuse(
    `the edit cannot be proven exact: ${why}`,
    'Annotate the object by hand, or write it in a plainer style.',
  );
}
