import type { MergeFacts } from '../../../plan/life/merge-facts.ts';
import type { MemoryRules } from './memory-forge-options.ts';
import type { KeptPull } from './memory-pull-store.ts';

function reviewOf({ approvals, isRejectedInReview }: KeptPull, { neededApprovals }: MemoryRules): MergeFacts['review'] {
  if (isRejectedInReview) return 'changes-requested';
  if (approvals.length >= Math.max(1, neededApprovals)) return 'approved';
  return neededApprovals === 0 ? 'not-required' : 'required';
}

/** What stands between a pull request and its base under these rules. */
export function mergeFactsOf(pull: KeptPull, rules: MemoryRules, isConflicting: boolean): MergeFacts {
  const { head, isDraft, isQueued, isAutoMerge, approvals, checks } = pull;
  const { methods, mayAutoMerge, hasMergeQueue, needsChecks } = rules;
  const review = reviewOf(pull, rules);
  const isFree = review === 'approved' || review === 'not-required';
  const isChecked = checks === 'passing' || (checks === 'none' && !needsChecks);
  const isBlocked = isDraft || isConflicting || !isFree || !isChecked;
  return {
    isOpen: pull.state === 'open',
    head,
    isDraft,
    isQueued,
    isAutoMerge,
    isAutoMergeOurs: isAutoMerge && pull.isAutoMergeOurs,
    approvals,
    review,
    checks,
    rules: isBlocked ? 'blocked' : 'satisfied',
    conflict: isConflicting ? 'conflicting' : 'none',
    methods,
    mayAutoMerge,
    hasMergeQueue,
  };
}
