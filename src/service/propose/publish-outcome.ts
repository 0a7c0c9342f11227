import type { Plan } from '../../plan/plan.ts';
import type { PullRequest } from '../../ports.ts';
import { type Outcome, outcome } from '../outcome.ts';
import type { Shown } from './pull/show-pull-request.ts';
import type { Brought } from './tip/bring-tip.ts';

/** What became of edits whose branch is where it should be, and whose pull request was looked after. */
export function proposed(
  branch: string,
  { edits }: Plan,
  { how }: Brought & { readonly kind: 'at' },
  shown: Exclude<Shown, { readonly kind: 'moved' }>,
): Outcome {
  const where = { branch, pullRequest: shown.pullRequest.url };
  if (shown.kind === 'left-closed') {
    const reason = `A bot has closed pull request #${shown.pullRequest.number} and an earlier one of the same content: it is left closed.`;
    const hint = 'Keep the bot from closing it, and reopen it. The next version is proposed again.';
    return outcome('waiting', reason, { ...where, hint });
  }
  return how === 'pushed-now' || shown.change !== 'none'
    ? outcome('published', `${edits.length} edit(s) committed and shown in a pull request.`, where)
    : outcome('already-current', 'Its branch and its pull request already carry this version.', where);
}

/** A person's or another tool's commit is on our branch. */
export function foreignTip(branch: string, pulls: readonly PullRequest[], author: string): Outcome {
  const reason = `The branch ${branch} has a commit by ${author} at its tip: it is never overwritten.`;
  const isOpen = pulls.some(({ state }) => state === 'open');
  const how = isOpen
    ? 'Merge its pull request and delete the branch, or delete the branch'
    : `Delete the branch ${branch}`;
  const hint = `${how}: then the change is proposed again.`;
  return outcome('needs-operator', reason, { branch, hint });
}

/** A rule, a hook or a permission keeps us from our own branch. */
export function refusedPush(branch: string, reason: string): Outcome {
  const hint = 'Allow the bot to push to its own branches (branch rules, hooks, token permissions).';
  return outcome('needs-operator', `The Git host refused the push to ${branch}: ${reason}`, { branch, hint });
}
