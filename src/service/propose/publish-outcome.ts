import type { Plan } from '../../plan/plan.ts';
import type { PullRequest } from '../../ports.ts';
import { OUTCOMES, type Outcome, outcome } from '../outcome.ts';
import type { Shown, ShowRequest } from './pull/show-pull-request.ts';
import type { NotNow } from './pull/untouchable.ts';
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

/** It has this content already, and whoever pushes to it would throw it out of the merge queue. */
export function leftInQueue(branch: string, { number, url }: PullRequest): Outcome {
  const reason = `Pull request #${number} carries this version and waits in the merge queue: it is not put on the new base.`;
  return outcome('already-current', reason, { branch, pullRequest: url });
}

/** A person's commits are on our branch, and nothing can be added to them. */
export function blockedByPerson(
  branch: string,
  open: PullRequest | null,
  { why, author, places }: TipStep & { readonly kind: 'blocked' },
): Outcome {
  const where = { branch, pullRequest: open?.url ?? null };
  const then =
    open === null
      ? `Delete the branch ${branch}`
      : 'Merge its pull request and delete the branch, or delete the branch';
  const hint = `${then}: then the change is proposed again.`;
  if (why === 'ended') {
    const reason = `The branch ${branch} has commits of people, and beside them what is no longer to be proposed; its pull request is closed.`;
    return outcome('blocked-by-person', reason, { ...where, hint });
  }
  if (why === 'foreign') {
    const reason = `The branch ${branch} has a commit by ${author} at its tip, and none of ours was found beneath it: it is never overwritten.`;
    return outcome('needs-operator', reason, { ...where, hint });
  }
  const reason = `A newer version is not added to ${branch}, because ${author} has changed the same lines there: ${listed(places)}.`;
  return outcome('blocked-by-person', reason, { ...where, hint });
}

function listed(places: readonly string[]): string {
  return [...places.slice(0, 5), ...(places.length > 5 ? [`and ${places.length - 5} more`] : [])].join('; ');
}

/** What could not be added to a person's branch is not done before that is merged or gone: nobody else remembers it. */
export function leftOver(result: Outcome, step: TipStep): Outcome {
  const missing = 'missing' in step ? step.missing : [];
  if (missing.length === 0 || OUTCOMES[result.kind].verb !== 'delete') return result;
  const reason = `${result.reason} People work on this branch, and it has not: ${listed(missing)}.`;
  const hint = 'Merge its pull request: then the rest is proposed.';
  return { ...result, kind: 'blocked-by-person', reason, hint };
}

/** A branch that is to change, once its pull request may be touched. */
export function postponed(
  branch: string,
  { reason, retryAfterSeconds }: NotNow,
  pullRequest: string | null = null,
): Outcome {
  return outcome('try-later', reason, { branch, pullRequest, retryAfterSeconds });
}

/** A rule, a hook or a permission keeps us from our own branch. */
export function refusedPush(branch: string, reason: string): Outcome {
  const hint =
    'Allow the bot to push to its own branches (branch rules, hooks, token permissions), or delete this one.';
  return outcome('needs-operator', `The Git host refused the push to ${branch}: ${reason}`, { branch, hint });
}
