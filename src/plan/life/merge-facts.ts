import type { MergeMethod } from '../../domain/life/merge-policy.ts';
import type { Oid } from '../../domain/repo-path.ts';

/** An approval that still stands. */
export interface Approval {
  readonly by: string;
  /** The commit that was approved; null where the forge no longer says. */
  readonly commit: Oid | null;
}

/** What a forge says of an open pull request's way into its base, all in one answer. */
export interface MergeFacts {
  readonly isOpen: boolean;
  readonly head: Oid;
  readonly isDraft: boolean;
  /** It waits in a merge queue: whoever pushes to it throws it out of there. */
  readonly isQueued: boolean;
  /** The forge merges it by itself as soon as it may. */
  readonly isAutoMerge: boolean;
  /** It was us who asked the forge for that; false where nobody can tell. */
  readonly isAutoMergeOurs: boolean;
  readonly approvals: readonly Approval[];
  /** What the base's rules, and the reviews so far, make of it. */
  readonly review: 'approved' | 'changes-requested' | 'required' | 'not-required';
  readonly checks: 'passing' | 'pending' | 'failing' | 'none';
  /** Whether the base's rules as a whole let it be merged now. */
  readonly rules: 'satisfied' | 'behind' | 'blocked' | 'unknown';
  readonly conflict: 'none' | 'conflicting' | 'unknown';
  /** Those that the repository allows. */
  readonly methods: readonly MergeMethod[];
  readonly mayAutoMerge: boolean;
  readonly hasMergeQueue: boolean;
}

/** How it is to be merged. */
export interface MergeWish {
  readonly method: MergeMethod;
  /** Only while this commit is at the pull request's head. */
  readonly head: Oid;
}

/** Which approvals are taken back. */
export interface Dismissal {
  readonly except: Oid | null;
  /** Shown to those who approved. */
  readonly why: string;
}
