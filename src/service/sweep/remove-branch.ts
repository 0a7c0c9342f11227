import { plainText } from '../../domain/plain-text.ts';
import type { PullRequest, Ref } from '../../ports.ts';
import { outcome } from '../outcome.ts';
import { postponed } from '../propose/publish-outcome.ts';
import { isWithdrawn, type Withdrawal, withdraw } from '../propose/pull/withdraw.ts';
import { BASE_MOVED, branchMoved, isBaseUnmoved, type Round } from '../round.ts';
import type { Swept } from './swept.ts';

export interface Removal {
  readonly tip: Ref;
  /** Every pull request of the branch, newest first. */
  readonly pulls: readonly PullRequest[];
  readonly why: Withdrawal;
}

/** Takes an own branch away that nobody needs, by compare-and-swap; an open pull request of it is withdrawn first. */
export async function removeBranch(round: Round, { tip, pulls, why }: Removal): Promise<Swept> {
  const { served, signal } = round;
  const branch = tip.name.slice('refs/heads/'.length);
  // What makes it needless was read from the base: that must still be so.
  if (!(await isBaseUnmoved(round))) return BASE_MOVED;
  const pull = pulls.find(({ state }) => state === 'open');
  if (pull !== undefined) {
    const result = await withdraw({ served, tip, pull, why, signal });
    if (result.kind === 'moved') return result;
    if (result.kind === 'not-now') return { kind: 'done', branch, outcome: postponed(branch, result) };
    return { kind: 'done', branch, outcome: outcome('already-current', result.why, { branch, pullRequest: pull.url }) };
  }
  const result = await served.workspace.publish({ ref: tip.name, expected: tip.oid, to: null }, signal);
  switch (result.kind) {
    case 'done':
      return {
        kind: 'done',
        branch,
        outcome: outcome('already-current', `Left over: deleted. ${after(pulls)}`, { branch }),
      };
    case 'moved':
      return branchMoved(`${branch} moved`);
    case 'unknown':
      return branchMoved(`the answer to a deletion was lost: ${plainText(result.reason)}`);
    case 'refused': {
      const reason = `The branch is left over and may not be deleted: ${plainText(result.reason)}`;
      const hint = 'Delete it, or allow the bot to delete its own branches.';
      return { kind: 'done', branch, outcome: outcome('waiting', reason, { branch, hint }) };
    }
  }
}

function after([newest]: readonly PullRequest[]): string {
  if (newest === undefined) return 'No pull request ever showed it.';
  if (newest.state === 'merged') return `Pull request #${newest.number} was merged.`;
  return isWithdrawn(newest)
    ? `Pull request #${newest.number} was withdrawn.`
    : `Pull request #${newest.number} is closed.`;
}
