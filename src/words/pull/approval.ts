import { isRefreshedKind, type Stage } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';
import { nounOf } from '../commit-message.ts';
import { announced, isAtOnce } from '../edits/stages.ts';
import { code } from '../markdown.ts';
import { isPinned, pinnedApproval } from './pins.ts';
import { nameOf, someOf } from './restarts.ts';

/** What a merge approves, and what happens without it. */
export function approval(edits: readonly Edit[], stage: Stage): string {
  if (stage === 2) {
    return '### What this approves\n\n- Binding: without this merge nothing here restarts them. They start again with whatever value their Secrets then have.';
  }
  const lines = [
    `Merging approves how this rotation **spreads**, not that it happened: the ${nounOf(edits)} has already changed in AWS.`,
    'With a single-user rotation the old password is already dead; every minute until the refresh is an outage for new connections.',
    ...binding(edits),
  ];
  const staged =
    announced(edits).length > 0 && !edits.some(isAtOnce)
      ? ['It restarts nothing: running pods may keep the old value until the second pull request is merged.']
      : [];
  return `### What this approves\n\n${[...lines, ...staged].map((line) => `- ${line}`).join('\n')}`;
}

/** Whether anything spreads without this merge. What an inline marker feeds is not known. */
function binding(edits: readonly Edit[]): readonly string[] {
  const refreshed = edits.filter(({ kind }) => isRefreshedKind(kind));
  if (refreshed.length === 0) {
    return ['Not binding: whatever starts for another reason reads the new value without this pull request.'];
  }
  const pins = pinnedApproval(edits);
  const others = refreshed.filter((edit) => !isPinned(edit));
  const loose = others.filter(({ refreshesEvery }) => refreshesEvery !== undefined);
  const waiting = others.filter((edit) => !loose.includes(edit) && edit.target !== 'marker');
  return [
    ...(pins === null ? [] : [pins]),
    ...(waiting.length === 0
      ? []
      : [`Binding for ${someOf(waiting.map(nameOf))}: without this merge the new value is not fetched.`]),
    ...(loose.length === 0
      ? []
      : [
          `Not binding for ${someOf(loose.map(nameOf))}: the new value is also taken at the next refresh (${intervals(loose)}), without this pull request. \`refreshPolicy: OnChange\` would make that wait for a merge.`,
        ]),
  ];
}

function intervals(loose: readonly Edit[]): string {
  const written = [...new Set(loose.map(({ refreshesEvery = '' }) => refreshesEvery))].toSorted();
  const [first = '', ...others] = written;
  return others.length === 0 ? `every ${code(first, 40)}` : `every ${someOf(written)}`;
}
