import type { Plan } from '../../plan/plan.ts';
import type { PullRequest } from '../../ports.ts';
import { type Outcome, outcome } from '../outcome.ts';
import type { Shown, ShowRequest } from './pull/show-pull-request.ts';
import type { TipStep } from './tip/write-tip.ts';

/** What became of edits whose branch is where it should be, and whose pull request was looked after. */
export function proposed(
  branch: string,
  { edits }: Plan,
  { tip }: Pick<ShowRequest, 'tip'>,
  shown: Exclude<Shown, { readonly kind: 'moved' }>,
): Outcome {
  const where = { branch, pullRequest: shown.pullRequest?.url ?? null };
  if (shown.kind === 'waiting') {
    const { why, reason, hint } = shown.wait;
    return outcome('waiting', `${why}: ${reason}`, { ...where, hint });
  }
  if (shown.kind === 'left-closed') {
    const reason = `A bot has closed pull request #${shown.pullRequest.number} and an earlier one of the same content: it is left closed.`;
    const hint = 'Keep the bot from closing it, and reopen it. The next version is proposed again.';
    return outcome('waiting', reason, { ...where, hint });
  }
  return tip === 'pushed' || shown.change !== 'none'
    ? outcome('published', `${edits.length} edit(s) committed and shown in a pull request.`, where)
    : outcome('already-current', 'Its branch and its pull request already carry this version.', where);
}

/** A person's commits are on our branch, and nothing can be added to them. */
export function blockedByPerson(
  branch: string,
  open: PullRequest | null,
  { author, places }: TipStep & { readonly kind: 'blocked' },
): Outcome {
  const where = { branch, pullRequest: open?.url ?? null };
  const then =
    open === null
      ? `Delete the branch ${branch}`
      : 'Merge its pull request and delete the branch, or delete the branch';
  const hint = `${then}: then the change is proposed again.`;
  if (places.length === 0) {
    const reason = `The branch ${branch} has a commit by ${author} at its tip, and none of ours was found beneath it: it is never overwritten.`;
    return outcome('needs-operator', reason, { ...where, hint });
  }
  const lines = [...places.slice(0, 5), ...(places.length > 5 ? [`and ${places.length - 5} more`] : [])].join('; ');
  const reason = `A newer version is not added to ${branch}, because ${author} has changed the same lines there: ${lines}.`;
  return outcome('blocked-by-person', reason, { ...where, hint });
}

/** A rule, a hook or a permission keeps us from our own branch. */
export function refusedPush(branch: string, reason: string): Outcome {
  const hint = 'Allow the bot to push to its own branches (branch rules, hooks, token permissions).';
  return outcome('needs-operator', `The Git host refused the push to ${branch}: ${reason}`, { branch, hint });
}
