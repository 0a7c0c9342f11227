import type { Failure } from '../../../domain/failure.ts';
import type { MergeMethod } from '../../../domain/life/merge-policy.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { MergeFacts } from '../../../plan/life/merge-facts.ts';
import type { CommitInfo, Forge, PullRequest } from '../../../ports.ts';
import type { KeptPull } from './memory-pull-store.ts';

/** What this repository allows, and what its base's rules are. */
export interface MemoryRules extends Pick<MergeFacts, 'methods' | 'mayAutoMerge' | 'hasMergeQueue'> {
  readonly mayDismiss: boolean;
  /** Approvals that a pull request needs; 0 for none. */
  readonly neededApprovals: number;
  /** The checks of the head must have succeeded. */
  readonly needsChecks: boolean;
}

export interface MemoryForgeOptions {
  /** The commit at a branch's head, or null when there is no such branch. */
  readonly head: (branch: string) => Promise<Pick<CommitInfo, 'oid' | 'message'> | null>;
  /** Its clock, epoch milliseconds. */
  readonly now: () => number;
  /** What goes wrong with a call, before or after its effect; null for nothing. */
  readonly fault?: (method: keyof Forge, moment: 'before' | 'after') => Failure | null;
  readonly rules?: Partial<MemoryRules>;
  /** Whether Git would see a conflict; left out: never. */
  readonly conflicts?: (pull: Pick<PullRequest, 'branch' | 'base' | 'head'>) => Promise<boolean>;
  /** The parents of a commit, null where there is none of this id; left out: nothing is told of any commit. */
  readonly parents?: (oid: Oid) => Promise<readonly Oid[] | null>;
  /** Moves the base to what merging by this method makes of it; left out: merging only marks the pull request. */
  readonly mergeInto?: (pull: KeptPull, method: MergeMethod) => Promise<void>;
}
