import type { EventFacts } from '../../domain/change.ts';
import { branchName, groupWishes } from '../../plan/group.ts';
import { type GroupName, titleOf } from '../../plan/grouping/group-names.ts';
import { nextDrops } from '../../plan/life/next-drops.ts';
import { skipOfEdit, sortPlan } from '../../plan/plan.ts';
import type { RefreshRequest } from '../../plan/plan-refresh.ts';
import { dueRestarts, restartEdits } from '../../plan/restart/due-restarts.ts';
import { restartTime } from '../../plan/restart/restart-mark.ts';
import type { Preview } from '../../words/pull/preview-text.ts';
import { draftEdits, type ReadText } from '../propose/draft/draft-edits.ts';
import { draftPlan } from '../propose/draft/draft-plan.ts';
import { say, type Worded, type WordedBranch } from '../propose/said-of.ts';
import { neededOwners } from '../reading/code-owners.ts';
import type { BranchSettings } from '../served-branch.ts';

/** Whose pull requests are previewed. */
export interface PreviewedBranch extends WordedBranch {
  readonly settings: WordedBranch['settings'] & Pick<BranchSettings, 'branchPrefix'>;
}

/** Of a look at everything, the first groups are enough to see the words. */
const MOST = 20;

/** What a person should know of these previews. */
export function previewNotes(previews: readonly Preview[]): readonly string[] {
  return previews.length < MOST ? [] : [`No more than ${MOST} pull requests are shown; there may be others.`];
}

/** The pull requests that would be opened for these wishes, were none there yet: one for each group that has edits. */
export async function previewRefreshes(
  branch: PreviewedBranch,
  readText: ReadText,
  request: RefreshRequest,
  events: readonly EventFacts[],
): Promise<readonly Preview[]> {
  const previews: Preview[] = [];
  for (const group of groupWishes(request.index, request.wishes, request.scope.grouping)) {
    if (previews.length === MOST) break;
    const { refresh, draft } = await draftPlan(readText, { ...request, wishes: group.wishes, part: group.part });
    const { plan } = refresh;
    const owners = await neededOwners(readText, draft.newTexts);
    const drops = nextDrops(plan.edits, request.truth);
    previews.push(...previewOf(branch, group, { plan, events, stage: 1, owners, drops }));
  }
  return previews;
}

/** The pull requests that would restart what is due on the base. */
export async function previewRestarts(
  branch: PreviewedBranch,
  readText: ReadText,
  { index, scope }: Pick<RefreshRequest, 'index' | 'scope'>,
  now: number,
): Promise<readonly Preview[]> {
  const previews: Preview[] = [];
  for (const group of dueRestarts(index, scope).groups.slice(0, MOST)) {
    const edits = group.restarts.flatMap((one) => restartEdits(one, restartTime(now)));
    const draft = await draftEdits(sortPlan({ edits, skips: [] }), readText);
    const plan = sortPlan({
      edits: draft.edits,
      skips: draft.refused.map(({ edit, obstacle }) => skipOfEdit(edit, obstacle)),
    });
    const owners = await neededOwners(readText, draft.newTexts);
    previews.push(...previewOf(branch, group, { plan, events: [], stage: 2, owners }));
  }
  return previews;
}

function previewOf(branch: PreviewedBranch, group: GroupName, about: Omit<Worded, 'refreshedBy'>): readonly Preview[] {
  if (about.plan.edits.length === 0) return [];
  const { branchPrefix: prefix, instance, base } = branch.settings;
  const name = branchName({ prefix, instance, base, group, stage: about.stage });
  const { message, text, passedOver } = say(branch, { branch: name, group }, { ...about, refreshedBy: [] });
  return [{ branch: name, group: titleOf(group), stage: about.stage, ...text, message, passedOver }];
}
