import type { Group } from '../../plan/group.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import type { Verdict } from '../../plan/truth/wish.ts';
import { type Outcome, outcome } from '../outcome.ts';

/** Where the edits of a group are to be seen. */
export interface Link {
  readonly branch: string;
  readonly pullRequest: string;
  /** False when branch and pull request already were as wanted. */
  readonly fresh: boolean;
}

/** One outcome for each wish of a group, in order. `link` is null where there was nothing to edit. */
export function outcomesOf(group: Group, refresh: RefreshPlan, link: Link | null): readonly Outcome[] {
  return group.wishes.map((wish, at) => {
    const verdict = refresh.verdicts[at] ?? 'unused';
    return outcomeOfVerdict(verdict, wish.names[0] ?? '', refresh.plan, link);
  });
}

function outcomeOfVerdict(verdict: Verdict, secret: string, plan: Plan, link: Link | null): Outcome {
  switch (verdict) {
    case 'edited':
      return edited(secret, plan, link);
    case 'already-current':
      return outcome('already-current', 'The base branch already has this version.', { secret });
    case 'rejected-by-people':
      return outcome('rejected-by-people', reasonsOf(plan), { secret });
    case 'not-bumped':
      return outcome('used-but-not-bumped', reasonsOf(plan), { secret, hint: plan.skips[0]?.hint ?? null });
    case 'not-proven':
      return outcome('not-proven', `No reference names it, but some could: ${reasonsOf(plan)}`, { secret });
    case 'unused':
      return outcome('nobody-uses-it', 'No ExternalSecret in this repository fetches it.', { secret });
  }
}

function edited(secret: string, plan: Plan, link: Link | null): Outcome {
  if (link === null) return outcome('used-but-not-bumped', reasonsOf(plan), { secret });
  const { fresh, ...where } = link;
  return fresh
    ? outcome('published', `${plan.edits.length} edit(s) committed and shown in a pull request.`, { ...where, secret })
    : outcome('already-current', 'Its branch and its pull request already carry this version.', { ...where, secret });
}

function reasonsOf(plan: Plan): string {
  const reasons = plan.skips.slice(0, 5).map(({ path, code, reason }) => `${path}: ${code}: ${reason}`);
  return [...reasons, ...(plan.skips.length > 5 ? [`and ${plan.skips.length - 5} more`] : [])].join(' ');
}
