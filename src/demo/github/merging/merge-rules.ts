import type { Account } from '../identities.ts';

/** How commits come onto a base. */
export type Method = 'merge' | 'squash' | 'rebase';

/** What a repository allows and its branches ask for. One set of rules for all branches is enough here. */
export interface MergeRules {
  readonly methods: readonly Method[];
  readonly mayAutoMerge: boolean;
  readonly hasMergeQueue: boolean;
  /** Approvals by people who may write; 0 for none. */
  readonly neededApprovals: number;
  /** The checks of the head must have succeeded. */
  readonly needsChecks: boolean;
  readonly needsUpToDate: boolean;
  /** Logins that may dismiss reviews; null for everybody who may write. */
  readonly mayDismiss: readonly string[] | null;
}

/** The words of GitHub's schema. */
export type CheckState = 'SUCCESS' | 'PENDING' | 'EXPECTED' | 'FAILURE' | 'ERROR';

/** What somebody reported on a commit: a status in the words of `StatusState`, or a check in those of its conclusion. */
export interface Report {
  readonly kind: 'status' | 'check';
  readonly name: string;
  /** Of a check that has not ended: `IN_PROGRESS`. */
  readonly state: string;
  readonly at: number;
}

/** A review, as it is now. */
export interface Review {
  readonly id: number;
  readonly author: Account;
  /** Only the reviews of people who may write count. */
  readonly access: 'write' | 'read';
  readonly commit: string;
  readonly at: number;
  readonly body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'DISMISSED';
}

export interface AutoMerge {
  readonly by: Account;
  readonly method: Method;
  readonly at: number;
  /** The newest event by then: a close after it ends it. */
  readonly after: number;
}

export interface QueueEntry {
  readonly number: number;
  /** Whoever pushes throws it out of the queue. */
  readonly head: string;
  readonly by: Account;
  readonly after: number;
}

/** All that a repository knows of merging, beside its pull requests. */
export interface MergingState {
  rules: MergeRules;
  readonly checks: Map<string, CheckState>;
  /** Statuses and checks by name that were reported on a commit, oldest first. */
  readonly reports: Map<string, Report[]>;
  readonly reviews: Map<number, Review[]>;
  readonly autoMerges: Map<number, AutoMerge>;
  readonly queue: QueueEntry[];
}

/** No rules at all. */
export function createMergingRules(): MergeRules {
  return {
    methods: ['merge', 'squash', 'rebase'],
    mayAutoMerge: true,
    hasMergeQueue: false,
    neededApprovals: 0,
    needsChecks: false,
    needsUpToDate: false,
    mayDismiss: null,
  };
}

/** Nothing has been said about any pull request. */
export function createMergingState(): MergingState {
  return {
    rules: createMergingRules(),
    checks: new Map(),
    reports: new Map(),
    reviews: new Map(),
    autoMerges: new Map(),
    queue: [],
  };
}
