import { Failure } from '../../../domain/failure.ts';
import type { MergeFacts } from '../../../plan/life/merge-facts.ts';
import type { CommitInfo, PullRequest, PullRequestDraft } from '../../../ports.ts';

/** Everything that the forge in memory knows of a pull request. */
export interface KeptPull
  extends Omit<PullRequest, 'conflict' | 'headMessage'>,
    Pick<MergeFacts, 'isDraft' | 'isQueued' | 'approvals' | 'checks'> {
  /** What was asked for when it was opened. */
  readonly draft: PullRequestDraft;
  /** Ours, oldest first. */
  readonly comments: readonly string[];
  /** The keys of our remarks. */
  readonly remarks: readonly string[];
  readonly headMessage: string;
  readonly isLocked: boolean;
  readonly isRejectedInReview: boolean;
  /** Of auto-merge, while it is on. */
  readonly isAutoMergeOurs: boolean;
}

/** The pull requests of a repository, each as its branch is now. */
export interface PullStore {
  /** Newest first, after looking where the branches are now. */
  all(): Promise<readonly KeptPull[]>;
  /** Rejects where there is none. */
  find(number: number): Promise<KeptPull>;
  findOpen(branch: string, base: string): Promise<KeptPull | undefined>;
  put(pull: KeptPull): KeptPull;
}

/** `headOf`: the commit at a branch's head; null when there is no such branch. */
export function createPullStore(
  headOf: (branch: string) => Promise<Pick<CommitInfo, 'oid' | 'message'> | null>,
): PullStore {
  const kept = new Map<number, KeptPull>();
  const all = async () => {
    for (const pull of [...kept.values()].filter((one) => one.state === 'open')) {
      const head = await headOf(pull.branch);
      kept.set(pull.number, head === null ? abandoned(pull) : follow(pull, head));
    }
    return [...kept.values()].toReversed();
  };
  return {
    all,
    find: async (number) => {
      const pull = (await all()).find((one) => one.number === number);
      if (pull !== undefined) return pull;
      const hint = 'Check the number.';
      throw new Failure(`could not find pull request #${number}`, { code: 'forge-missing', retry: 'never', hint });
    },
    findOpen: async (branch, base) =>
      (await all()).find((pull) => pull.state === 'open' && pull.branch === branch && pull.base === base),
    put: (pull) => {
      kept.set(pull.number, pull);
      return pull;
    },
  };
}

/** A branch that is gone takes its pull request with it: nobody judged the content. */
function abandoned(pull: KeptPull): KeptPull {
  return { ...pull, state: 'closed-by-bot', isAutoMerge: false, isQueued: false };
}

/** Whoever pushes to a queued pull request throws it out of the queue, and nothing has checked the new commit yet. */
function follow(pull: KeptPull, { oid, message }: Pick<CommitInfo, 'oid' | 'message'>): KeptPull {
  if (pull.head === oid) return { ...pull, headMessage: message };
  return { ...pull, head: oid, headMessage: message, isQueued: false, checks: 'none' };
}
