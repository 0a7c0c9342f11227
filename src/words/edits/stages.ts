import { isRefreshedKind } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';
import { readsItself } from './diagram.ts';
import { placeOf, rollsOut } from './edit-sorts.ts';

/** The edits of a plan by when they take effect. */
export interface Stages {
  readonly refreshed: readonly Edit[];
  /** Restarted by the new name of what they read, which they wait for. */
  readonly byName: readonly Edit[];
  /** Applied by the same commit, after the refresh. */
  readonly gated: readonly Edit[];
  /** Applied by the same commit, and waiting for nothing. */
  readonly atOnce: readonly Edit[];
  /** So, too, and there is nothing to wait for: the pods read the new value themselves. */
  readonly direct: readonly Edit[];
  /** Restarted by stage two alone. */
  readonly announced: readonly Edit[];
  /** Stage two itself. */
  readonly second: readonly Edit[];
}

/** Which edits belong to which stage. */
export function stagesOf(edits: readonly Edit[]): Stages {
  const rolling = edits.filter(isAtOnce);
  const by = (way: Way) => rolling.filter((edit) => wayOf(edit) === way);
  return {
    refreshed: edits.filter(({ kind }) => isRefreshedKind(kind)),
    byName: by('byName'),
    gated: by('gated'),
    atOnce: by('atOnce'),
    direct: by('direct'),
    announced: announced(edits),
    second: edits.filter(({ stage }) => stage === 2),
  };
}

/** How a commit restarts what it restarts at once. */
type Way = 'byName' | 'gated' | 'atOnce' | 'direct';

function wayOf(edit: Edit): Way {
  if (edit.fields !== undefined) return 'byName';
  if (readsItself(edit)) return 'direct';
  return edit.notes.some(({ code }) => code === 'gated') ? 'gated' : 'atOnce';
}

/** True for an edit of stage one that rolls pods out. */
export function isAtOnce(edit: Edit): boolean {
  return edit.stage === 1 && rollsOut(edit);
}

/** Edits that announce a restart which the same commit does not make: it may bring some of what a workload is due for, not all. */
export function announced(edits: readonly Edit[]): readonly Edit[] {
  const made = new Set(edits.filter(isAtOnce).map(versionsAt));
  return edits.filter((edit) => edit.stage === 1 && !isRefreshedKind(edit.kind) && !made.has(versionsAt(edit)));
}

function versionsAt(edit: Edit): string {
  return JSON.stringify([placeOf(edit), edit.after]);
}
