import { isRefreshedKind } from '../../domain/policy.ts';
import { pinnedAs } from '../../plan/pin/pin-place.ts';
import type { Edit } from '../../plan/plan.ts';

/** True where an object that is refreshed is held to the versions that its edit writes. */
export function isPinned(edit: Edit): boolean {
  return hasPins(edit) && !edit.notes.some(({ code }) => code === 'not-pinned');
}

/** True where that holds for every object that is refreshed. */
export function isPinnedThroughout(edits: readonly Edit[]): boolean {
  const refreshed = edits.filter(({ kind }) => isRefreshedKind(kind));
  return refreshed.length > 0 && refreshed.every(isPinned);
}

/** What pins make of an approval; null where nothing is pinned. */
export function pinnedApproval(edits: readonly Edit[]): string | null {
  if (!edits.some(hasPins)) return null;
  const which = isPinnedThroughout(edits) ? '' : ' for what the table above shows as pinned';
  const first = edits.some((edit) => beforePins(edit).some((before) => before === null));
  const before = first ? ' What was not pinned before may have taken the new version already.' : '';
  return `Binding${which}: \`remoteRef.version\` names the version, so that no refresh takes another one before it is merged.${before}`;
}

/** What a revert does where versions are pinned; null where none are. */
export function pinnedRollback(edits: readonly Edit[]): string | null {
  const before = edits.flatMap(beforePins);
  if (before.length === 0) return null;
  const other = before.includes(null) ? ' What was not pinned before follows AWSCURRENT again.' : '';
  return `Reverting this commit takes token and pins back together: External Secrets Operator then fetches the version that was pinned before, as long as AWS has it.${other}`;
}

function hasPins(edit: Edit): boolean {
  return versionsIn(edit).length > 0;
}

/** The VersionIds that were pinned before; null for each reference that had none. */
function beforePins(edit: Edit): readonly (string | null)[] {
  return versionsIn(edit).map(({ before }) => pinnedAs(before ?? ''));
}

function versionsIn({ fields = [] }: Edit) {
  return fields.filter(({ after }) => pinnedAs(after) !== null);
}
