import type { Skip } from '../plan.ts';
import type { BranchStanding } from './branch-standing.ts';
import type { BranchLook, ShownObject, ShownPull } from './look.ts';
import type { RestartStanding } from './restart-standing.ts';
import type { AppliedBy, Replication, SecretStanding, Stage } from './secrets/secret-state.ts';

/** The identity that a person's words were taken for. */
export interface ExplainedSecret {
  readonly service: string;
  readonly account: string;
  readonly region: string;
  /** Every name it can mean; the likeliest first. */
  readonly names: readonly string[];
}

/** What AWS says of it. */
export type AwsLook =
  | { readonly kind: 'not-asked'; readonly reason: string }
  | {
      readonly kind: 'described';
      /** Sorted by label. */
      readonly versions: readonly { readonly label: string; readonly version: string }[];
      /** AWS's clock, UTC, to the second. */
      readonly seenAt: string;
      /** True when deletion is scheduled: its value cannot be read. */
      readonly deleted: boolean;
      /** Null where it has no copies and is none, and where nobody asked. */
      readonly replication: Replication | null;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'denied' }
  /** See the troubles. */
  | { readonly kind: 'failed' };

/** One label of the secret that an object follows. Versions are as a token writes them; null where none is known. */
export interface ExplainedEntry {
  readonly label: string;
  /** What the token on the base names, and when that was seen; null: at its baseline. */
  readonly inGit: { readonly version: string; readonly time: string } | null;
  /** What a pin names, or the baseline file on the base records for it (with a time); null where nothing does. */
  readonly baseline: { readonly version: string; readonly time: string | null } | null;
  /** What the own branch's tip names, where that differs from the base. */
  readonly onBranch: string | null;
  readonly inAws: string | null;
  /** Whether Git and AWS agree; null where one of them names no version. */
  readonly isEqual: boolean | null;
}

/** What a rotation of the secret means for one ExternalSecret. */
export interface ObjectStanding {
  readonly kind: 'current' | 'recorded' | 'baseline' | 'behind' | 'proposed' | 'rejected' | 'left-alone';
  /** For what is left alone or rejected: the skip code. */
  readonly code: Skip['code'] | null;
  readonly reason: string;
  readonly hint: string | null;
}

/** A workload that an object feeds; or one that names what it writes, and gets another Secret in its place. */
export interface ExplainedWorkload extends ShownObject {
  readonly isBypassed?: true;
  readonly restart: RestartStanding;
  /** Its annotations, as they are: what is announced, and what its pods were last restarted for. */
  readonly restartDue: string | null;
  readonly restartMade: string | null;
}

/** One ExternalSecret that fetches the secret. */
export interface ExplainedObject extends ShownObject {
  /** Secret, store, ExternalSecret, Kubernetes Secret. */
  readonly chain: readonly string[];
  /** Where it names the secret, and which version it follows there. */
  readonly references: readonly { readonly field: string; readonly line: number; readonly follows: string }[];
  readonly entries: readonly ExplainedEntry[];
  readonly standing: ObjectStanding;
  readonly workloads: readonly ExplainedWorkload[];
  /** Null where no configuration says it. */
  readonly appliedBy: AppliedBy | null;
  /** Refresh, evidence, restart: where each is with the version that is wanted. */
  readonly stages: readonly Stage[];
}

/** A reference that spells the secret's name and means something else. */
export interface Elsewhere extends ShownObject {
  readonly reason: string;
}

/** The own branch of the secret's group, stage one. */
export interface ExplainedProposal {
  readonly branch: string;
  /** `cluster=prod`: which part of the group it is for; null where no path pattern captures anything. */
  readonly part: string | null;
  readonly tip: 'none' | 'ours' | 'shared' | 'foreign';
  readonly author: string | null;
  /** Every pull request of the branch that names this secret, newest first. */
  readonly pulls: readonly ShownPull[];
  /** Versions of this secret that people rejected by closing. */
  readonly rejected: readonly { readonly version: string; readonly pullRequest: ShownPull | null }[];
  /** Versions of it that were merged last: where an object is `reverted`, people took them back there. */
  readonly merged: readonly { readonly version: string; readonly pullRequest: ShownPull | null }[];
  /** Null where there is no branch. */
  readonly standing: BranchStanding | null;
}

/** What happens next with a secret on one base branch, or what would have to happen. */
export interface NextStep {
  readonly kind:
    | 'nobody-uses-it'
    | 'not-proven'
    | 'paused'
    | 'changed-by-others'
    | 'merge-refresh'
    | 'left-closed'
    | 'rejected'
    | 'open-refresh'
    | 'secret-unreadable'
    | 'wait-for-event'
    | 'merge-restart'
    | 'restart-held'
    | 'restart-due'
    | 'settling'
    | 'awaiting-status'
    | 'never-bumped'
    | 'baseline'
    | 'not-compared'
    | 'nothing';
  /** One sentence. */
  readonly sentence: string;
}

/** What is known of one secret on one base branch. */
export interface Explanation {
  readonly secret: ExplainedSecret;
  readonly aws: AwsLook;
  readonly objects: readonly ExplainedObject[];
  /** What could use it without proof. */
  readonly possible: readonly Skip[];
  readonly elsewhere: readonly Elsewhere[];
  /** Null where nobody asked the Git host and the forge. */
  readonly proposal: ExplainedProposal | null;
  /** Those of the other parts, where path patterns split the group. */
  readonly otherProposals: readonly ExplainedProposal[];
  /** Names in this repository that resemble it, where nothing uses it. */
  readonly nearNames: readonly string[];
  readonly next: NextStep;
  /** The same in one word and a few, as `status` shows it. */
  readonly state: SecretStanding;
}

/** One base branch as it looks at one secret. */
export interface BranchExplanation extends BranchLook {
  /** Null where it could not be looked at, or the secret could not be told. */
  readonly explanation: Explanation | null;
  /** Why nobody can tell which secret is meant here. */
  readonly unclear: { readonly message: string; readonly hint: string } | null;
}
