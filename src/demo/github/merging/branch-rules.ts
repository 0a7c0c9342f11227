import { isAncestor } from '../branches.ts';
import { fitsBase, type Pull, type RepositoryState } from '../world.ts';
import type { CheckState, Method } from './merge-rules.ts';
import { latestReviews } from './merge-state.ts';

/** What stands between a pull request and its base, in the words of GitHub's schema. */
export interface Standing {
  readonly status: 'CLEAN' | 'UNSTABLE' | 'BEHIND' | 'BLOCKED' | 'DIRTY' | 'DRAFT' | 'UNKNOWN';
  readonly mergeable: 'MERGEABLE' | 'CONFLICTING' | 'UNKNOWN';
  readonly decision: 'APPROVED' | 'CHANGES_REQUESTED' | 'REVIEW_REQUIRED' | null;
  /** Null where its head has none. */
  readonly checks: CheckState | null;
}

/** Looks at the rules, the reviews, the checks and Git. */
export async function standingOf(repository: RepositoryState, pull: Pull): Promise<Standing> {
  const decision = decisionOf(repository, pull);
  const checks = repository.merging.checks.get(pull.head) ?? null;
  if (pull.state !== 'open') return { status: 'UNKNOWN', mergeable: 'UNKNOWN', decision, checks };
  const isConflicting = !(await fitsBase(repository, pull));
  const status = isConflicting ? 'DIRTY' : await statusOf(repository, pull, { decision, checks });
  return { status, mergeable: isConflicting ? 'CONFLICTING' : 'MERGEABLE', decision, checks };
}

/** Why it may not be merged now by this method, in GitHub's words; null where it may. */
export async function whyNotMerge(repository: RepositoryState, pull: Pull, method: Method): Promise<string | null> {
  const { rules } = repository.merging;
  const { status, decision } = await standingOf(repository, pull);
  if (pull.state !== 'open' || status === 'DIRTY') return 'Pull Request is not mergeable';
  if (pull.draft) return 'Pull Request is still a draft';
  if (!rules.methods.includes(method)) return `${METHODS[method]} are not allowed on this repository.`;
  if (rules.hasMergeQueue) return 'Changes must be made through the merge queue';
  if (status === 'BEHIND') return 'Head branch is out of date';
  if (status !== 'BLOCKED') return null;
  return decision === null || decision === 'APPROVED'
    ? 'Required status check "ci" is expected.'
    : `At least ${rules.neededApprovals} approving review is required by reviewers with write access.`;
}

/** True where the rules let it be merged, or into the queue. */
export function isFree({ status }: Standing): boolean {
  return status === 'CLEAN' || status === 'UNSTABLE';
}

const METHODS = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' } as const;

async function statusOf(
  repository: RepositoryState,
  pull: Pull,
  { decision, checks }: Pick<Standing, 'decision' | 'checks'>,
): Promise<Standing['status']> {
  const { rules } = repository.merging;
  if (pull.draft) return 'DRAFT';
  if (decision === 'CHANGES_REQUESTED' || decision === 'REVIEW_REQUIRED') return 'BLOCKED';
  if (rules.needsChecks && checks !== 'SUCCESS') return 'BLOCKED';
  const base = repository.branches.get(pull.base) ?? '';
  if (rules.needsUpToDate && !(await isAncestor(repository.dir, base, pull.head))) return 'BEHIND';
  return checks === null || checks === 'SUCCESS' ? 'CLEAN' : 'UNSTABLE';
}

/** GitHub decides nothing where no rule asks for reviews. */
function decisionOf(repository: RepositoryState, pull: Pull): Standing['decision'] {
  const { neededApprovals } = repository.merging.rules;
  if (neededApprovals === 0) return null;
  const states = latestReviews(repository, pull, 'write').map(({ state }) => state);
  if (states.includes('CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  return states.filter((state) => state === 'APPROVED').length >= neededApprovals ? 'APPROVED' : 'REVIEW_REQUIRED';
}
