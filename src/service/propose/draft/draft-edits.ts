import type { RepoFile, RepoPath } from '../../../domain/repo-path.ts';
import { isWritablePath } from '../../../domain/repo-path.ts';
import { editOverlay, type OverlayEdit, type OverlayTexts } from '../../../manifests/edit/overlay/edit-overlay.ts';
import { type AnnotationEdit, editWhatCanBe } from '../../../manifests/edit-annotations.ts';
import type { Edit, Obstacle, OverlayPatch, Plan } from '../../../plan/plan.ts';
import type { Snapshot, TreeEntry } from '../../../ports.ts';
import type { ChangedFile } from '../../../words/plan-text.ts';

/** A plan's edits carried out on texts: nothing is written yet. */
export interface Draft {
  /** The edits that were carried out, each with the line of its annotation in the new text; in the plan's order. */
  readonly edits: readonly Edit[];
  readonly files: readonly ChangedFile[];
  readonly newTexts: readonly RepoFile[];
  /** Edits that could not be made exactly, and why; empty when the whole plan was carried out. */
  readonly refused: readonly { readonly edit: Edit; readonly obstacle: Obstacle }[];
}

/** Reads one file of the repository as text; null when it is not there or not UTF-8. */
export interface ReadText {
  (path: RepoPath): Promise<string | null>;
  /** Brings files here that are about to be read, all at once; left out where they are here. */
  readonly ahead?: (paths: readonly RepoPath[]) => Promise<void>;
}

/** Carries out the edits of a plan, file by file, each proved exact. Other files go on when one is refused. */
export async function draftEdits(plan: Plan, readText: ReadText): Promise<Draft> {
  await readText.ahead?.(filesToRead(plan.edits));
  const drafts: FileDraft[] = [];
  for (const [path, edits] of byPath(plan.edits)) drafts.push(await draftAt(path, edits, readText));
  const files = drafts.flatMap((draft) => draft.files);
  return {
    edits: drafts.flatMap(({ edits }) => edits),
    files,
    newTexts: files.map(({ path, after }) => ({ path, text: after })),
    refused: drafts.flatMap(({ refused }) => refused),
  };
}

function filesToRead(edits: readonly Edit[]): readonly RepoPath[] {
  return [
    ...new Set(edits.flatMap(({ path, overlay }) => [path, ...(overlay === undefined ? [] : [overlay.kustomization])])),
  ];
}

/** A draft's texts as a commit takes them: those of files that are there, and those of new files. */
export function filesOf({ files, newTexts }: Pick<Draft, 'files' | 'newTexts'>) {
  const added = new Set(files.flatMap(({ path, before }) => (before === null ? [path] : [])));
  return {
    files: newTexts.filter(({ path }) => !added.has(path)),
    newFiles: newTexts.filter(({ path }) => added.has(path)),
  };
}

interface FileDraft extends Pick<Draft, 'edits' | 'refused'> {
  /** What changes: a file, with an overlay its kustomization too; empty where nothing does. */
  readonly files: readonly (ChangedFile & { readonly path: RepoPath })[];
}

async function draftAt(path: RepoPath, edits: readonly Edit[], readText: ReadText): Promise<FileDraft> {
  if (!isWritablePath(path)) return notWritten(edits);
  const [overlay] = edits.flatMap((edit) => edit.overlay ?? []);
  const before = overlay?.file === 'absent' ? null : await readText(path);
  if (overlay === undefined) return before === null ? notWritten(edits) : draftFile(path, before, edits);
  const kustomization = await readText(overlay.kustomization);
  const isReadable = kustomization !== null && (overlay.file === 'absent' || before !== null);
  return isReadable ? draftOverlay(path, { patch: before, kustomization }, edits) : notWritten(edits);
}

/** An edit with its fields is made as a whole: a token without its pins would say what is not so. */
function draftFile(path: RepoPath, before: string, edits: readonly Edit[]): FileDraft {
  const wanted = edits.map((edit) => ({ edit, annotation: annotationEdit(edit), fields: fieldEdits(edit) }));
  const {
    text: after,
    lineOf,
    refused: found,
  } = editWhatCanBe(
    before,
    wanted.flatMap(({ annotation, fields }) => [annotation, ...fields]),
  );
  const refusals = new Map(found.map((one) => [one.edit, one]));
  const refused = wanted.flatMap(({ edit, annotation, fields }) => {
    const why = [annotation, ...fields].flatMap((one) => refusals.get(one) ?? [])[0];
    return why === undefined ? [] : [{ edit, obstacle: notEditable(why) }];
  });
  if (refused.some(({ edit }) => edit.fields !== undefined)) {
    const rest = edits.filter((edit) => !refused.some((one) => one.edit === edit));
    const again = draftFile(path, before, rest);
    return { ...again, refused: [...refused, ...again.refused] };
  }
  return {
    files: after === before ? [] : [{ path, before, after }],
    edits: wanted.flatMap(({ edit, annotation }) =>
      refusals.has(annotation) ? [] : [{ ...edit, line: lineOf(annotation) ?? edit.line }],
    ),
    refused,
  };
}

/** The patch file, and the kustomization that is to list it. */
function draftOverlay(path: RepoPath, before: OverlayTexts, edits: readonly Edit[]): FileDraft {
  const wanted = edits.flatMap((edit) => {
    const { target, overlay } = edit;
    return overlay === undefined || target === 'marker' ? [] : [overlayEdit({ ...edit, target }, overlay)];
  });
  const { texts, lineOf, done, refused } = editOverlay(
    before,
    wanted.map(({ written }) => written),
  );
  const lines = new Map(done.map(({ edit, annotation }) => [edit, lineOf(annotation)]));
  const files = wanted.slice(0, 1).flatMap(({ edit }) => {
    const { kustomization } = edit.overlay;
    const listing = { path: kustomization, before: before.kustomization, after: texts.kustomization };
    const patch = texts.patch === null ? [] : [{ path, before: before.patch, after: texts.patch }];
    return [...patch, listing].filter((file) => file.before !== file.after);
  });
  const refusals = new Map(refused.map((one) => [one.edit, one]));
  return {
    files,
    edits: wanted.flatMap(({ edit, written }) =>
      refusals.has(written) ? [] : [{ ...edit, line: lines.get(written) ?? edit.line }],
    ),
    refused: wanted.flatMap(({ edit, written }) => {
      const why = refusals.get(written);
      return why === undefined ? [] : [{ edit, obstacle: notEditable(why) }];
    }),
  };
}

function overlayEdit<E extends Edit & { readonly target: OverlayEdit['target'] }>(edit: E, overlay: OverlayPatch) {
  const { kind, name, target, annotation, after: value } = edit;
  const { apiVersion, namespace } = overlay;
  const written: OverlayEdit = { apiVersion, namespace, kind, name, target, annotation, value };
  return { edit: { ...edit, overlay }, written };
}

function notWritten(edits: readonly Edit[]): FileDraft {
  return { files: [], edits: [], refused: edits.map((edit) => ({ edit, obstacle: NOT_WRITABLE })) };
}

// A snapshot never changes, and every group of a round reads from it.
const ENTRIES = new WeakMap<Snapshot, ReadonlyMap<string, TreeEntry>>();

/**
 * Reads texts from a snapshot: regular files only, strict UTF-8, a byte-order mark kept. With a signal those of one draft are
 * asked for together.
 */
export function textReader(snapshot: Snapshot, signal?: AbortSignal): ReadText {
  const entries = ENTRIES.get(snapshot) ?? new Map(snapshot.entries.map((entry) => [entry.path, entry]));
  ENTRIES.set(snapshot, entries);
  const blobOf = (path: RepoPath) => {
    const entry = entries.get(path);
    return entry?.mode.startsWith('100') === true ? entry.oid : null;
  };
  const readText = async (path: RepoPath) => {
    const oid = blobOf(path);
    return oid === null ? null : decodeText(await snapshot.read(oid));
  };
  if (signal === undefined) return readText;
  const ahead = (paths: readonly RepoPath[]) =>
    snapshot.prefetch(
      paths.flatMap((path) => blobOf(path) ?? []),
      signal,
    );
  return Object.assign(readText, { ahead });
}

/** Bytes as text that encodes back to the same bytes; null when there is none. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function byPath(edits: readonly Edit[]): ReadonlyMap<RepoPath, readonly Edit[]> {
  const groups = new Map<RepoPath, Edit[]>();
  for (const edit of edits) groups.set(edit.path, [...(groups.get(edit.path) ?? []), edit]);
  return groups;
}

function annotationEdit(edit: Edit): AnnotationEdit {
  const { document, item, kind, name, target, template, keys, annotation, after } = edit;
  const where = { ...(template === undefined ? {} : { template }), ...(keys === undefined ? {} : { keys }) };
  return { document, item, kind, name, target, ...where, annotation, value: after };
}

function fieldEdits({ document, item, kind, name, fields = [] }: Edit): readonly AnnotationEdit[] {
  return fields.map(({ keys, after, beside }) => {
    const where = { target: 'field', keys, ...(beside === undefined ? {} : { beside }) } as const;
    return { document, item, kind, name, ...where, annotation: String(keys.at(-1)), value: after };
  });
}

function notEditable({ reason, hint }: Pick<Obstacle, 'reason' | 'hint'>): Obstacle {
  return { code: 'not-editable', reason, hint };
}

const NOT_WRITABLE: Obstacle = {
  code: 'not-writable',
  reason: 'The file is not a regular UTF-8 text file, or lies under a .git… name.',
  hint: 'Move the manifest into a plain file.',
};
