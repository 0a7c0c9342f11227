import type { Edit } from '../../../plan/plan.ts';
import type { TreeEntry } from '../../../ports.ts';
import { type Draft, textReader } from '../draft/draft-edits.ts';
import { fieldAt } from '../draft/field-at.ts';
import { findMoved, findObject } from '../draft/find-object.ts';
import type { Existing, TipObject } from './own-branch.ts';

/** True when every object at the tip has the annotation as planned, whatever else its file says. */
export function carriesEdits({ objects }: Pick<Existing, 'objects'>, edits: readonly Edit[]): boolean {
  return edits.every((edit) => {
    const object = findObject(objects, edit) ?? findMoved(objects, edit);
    return object !== undefined && stateAt(object, edit) === stateOf(edit, 'after');
  });
}

/** True when every file at the tip is what the base's becomes. */
export async function carriesTexts({ snapshot }: Pick<Existing, 'snapshot'>, draft: Draft): Promise<boolean> {
  const readText = textReader(snapshot);
  for (const { path, text } of draft.newTexts) {
    if ((await readText(path)) !== text) return false;
  }
  return true;
}

/** All that an edit sets, as one text: before it, or after it. */
function stateOf({ fields = [], ...edit }: Edit, when: 'before' | 'after'): string {
  return JSON.stringify([edit[when], ...fields.map((field) => field[when])]);
}

/** What an object has where an edit sets something, likewise. */
function stateAt(object: TipObject, edit: Edit): string {
  const { fields = [] } = edit;
  return JSON.stringify([valueAt(object, edit), ...fields.map((field) => fieldAt(object, field))]);
}

/** What an object has where an edit is to set something; null where it has nothing there. */
function valueAt(object: TipObject, { target, annotation }: Edit): string | null {
  if (target === 'spec') return object.type === 'workload' ? object.rollout.restartAt : null;
  const isTemplate = target === 'template' || (target === 'marker' && object.type === 'workload');
  if (isTemplate) return (object.type === 'workload' ? object.templateAnnotations : undefined)?.get(annotation) ?? null;
  return object.annotations.get(annotation) ?? null;
}

/** A branch that others work on: everything in its files that differ from the base, now and at our newest commit in it. */
export interface SharedBranch {
  readonly tip: readonly TipObject[];
  readonly own: readonly TipObject[];
  /** All files at its tip. */
  readonly entries: readonly Pick<TreeEntry, 'path'>[];
}

/** A plan as it is carried out on top of a branch; places are for people. */
export interface Appended {
  /** At the places that objects have there now. */
  readonly edits: readonly Edit[];
  /** Where somebody has set the same line to something else than the base and we have. */
  readonly changed: readonly string[];
  /** What the branch does not have: it began before that came to the base, or somebody has taken it away. */
  readonly missing: readonly string[];
}

/** The edits of a plan as they are made on top of a branch. */
export function appendedEdits(edits: readonly Edit[], { tip, own, entries }: SharedBranch): Appended {
  const paths = new Set(entries.map(({ path }) => path));
  const judged = edits.map((edit) => ({ edit, ...judge(edit, { tip, own, isThere: paths.has(edit.path) }) }));
  const placesOf = (wanted: Judged['kind']) =>
    judged.flatMap(({ kind, edit }) => (kind === wanted ? [`${edit.path}: ${edit.kind} ${edit.name}`] : []));
  return {
    edits: judged.flatMap(({ kind, edit, object }) =>
      kind === 'free' ? [placed(edit, object, paths.has(edit.path) ? 'there' : 'absent')] : [],
    ),
    changed: placesOf('changed'),
    missing: placesOf('gone'),
  };
}

interface Judged {
  /** `nothing`: it is so already. `gone`: what it is about is not there. */
  readonly kind: 'nothing' | 'gone' | 'free' | 'changed';
  readonly object: TipObject | undefined;
}

function judge(
  edit: Edit,
  { tip, own, isThere }: Pick<SharedBranch, 'tip' | 'own'> & { readonly isThere: boolean },
): Judged {
  const object = findObject(tip, edit) ?? findMoved(tip, edit);
  // A file that is as on the base has the object as the base has it; another one may not have it at all.
  const isGone = object === undefined && (!isThere || tip.some(({ path }) => path === edit.path));
  if (isGone && edit.overlay === undefined) return { kind: 'gone', object };
  const now = object === undefined ? stateOf(edit, 'before') : stateAt(object, edit);
  if (now === stateOf(edit, 'after')) return { kind: 'nothing', object };
  const earlier = findObject(own, edit) ?? findMoved(own, edit);
  const ours = earlier === undefined ? stateOf(edit, 'before') : stateAt(earlier, edit);
  return { kind: now === ours ? 'free' : 'changed', object };
}

function placed(edit: Edit, object: TipObject | undefined, file: 'there' | 'absent'): Edit {
  const at =
    object === undefined ? edit : { ...edit, document: object.document, item: object.item, ...fieldsOn(object, edit) };
  return edit.overlay === undefined ? at : { ...at, overlay: { ...edit.overlay, file } };
}

/** A field that must hold a name holds the one that our earlier commit gave it. */
function fieldsOn(object: TipObject, { fields }: Edit): Pick<Edit, 'fields'> {
  if (fields === undefined) return {};
  return {
    fields: fields.map((field) => {
      const { keys, beside } = field;
      const now = beside?.key === keys.at(-1) ? fieldAt(object, field) : null;
      return beside === undefined || now === null ? field : { ...field, beside: { ...beside, value: now } };
    }),
  };
}
