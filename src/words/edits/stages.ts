import { isRefreshedKind } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';
import { readsItself } from './diagram.ts';
import { placeOf, rollsOut } from './edit-sorts.ts';

/** The edits of a plan by when they take effect. */
export interface Stages {
  readonly refreshed: readonly Edit[];
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
  const waiting = rolling.filter(isGated);
  const others = rolling.filter((edit) => !isGated(edit));
  return {
    refreshed: edits.filter(({ kind }) => isRefreshedKind(kind)),
    gated: waiting,
    atOnce: others.filter((edit) => !readsItself(edit)),
    direct: others.filter(readsItself),
    announced: announced(edits),
    second: edits.filter(({ stage }) => stage === 2),
  };
}

/** True for an edit of stage one that rolls pods out. */
export function isAtOnce(edit: Edit): boolean {
  return edit.stage === 1 && rollsOut(edit);
}

function isGated(edit: Edit): boolean {
  return edit.notes.some(({ code }) => code === 'gated');
}

/** Edits that announce a restart of what the same commit does not restart. */
export function announced(edits: readonly Edit[]): readonly Edit[] {
  const restarted = new Set(edits.filter(isAtOnce).map(placeOf));
  return edits.filter((edit) => edit.stage === 1 && !isRefreshedKind(edit.kind) && !restarted.has(placeOf(edit)));
}
