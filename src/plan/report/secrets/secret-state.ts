import type { ShownPull } from '../look.ts';

/** Where a secret stands on one base branch; README says what each means. */
export const SECRET_STATES = [
  'current',
  'behind',
  'proposed',
  'waiting',
  'rejected',
  'reverted',
  'blocked',
  'held',
  'restart',
  'absent',
  'denied',
  'deleted',
  'no-effect',
  'no-baseline',
  'not-proven',
  'not-compared',
  'unused',
] as const;

/** One of {@link SECRET_STATES}. */
export type SecretState = (typeof SECRET_STATES)[number];

/** Where a secret stands, and what has to happen next, in a few words. */
export interface SecretStanding {
  readonly state: SecretState;
  /** The pull request that it hangs on; null where it hangs on none. */
  readonly pullRequest: ShownPull | null;
  readonly next: string;
}

/** One stage that an object goes through with each new version. */
export interface Stage {
  readonly stage: 'refresh' | 'evidence' | 'restart';
  /** `next`: it is this one's turn; `later`: another's; `held`: people or the code host have to act; `none`: there is none. */
  readonly kind: 'done' | 'next' | 'later' | 'held' | 'none';
  /** One sentence. */
  readonly sentence: string;
}

/** What is to say that a refresh of an object was applied. */
export type AppliedBy =
  | { readonly kind: 'settle'; readonly seconds: number }
  | { readonly kind: 'statuses'; readonly contexts: readonly string[]; readonly delaySeconds: number };

/** Where a secret is written, and how its copies are. */
export interface Replication {
  readonly primaryRegion: string;
  /** Of a copy: what its primary says of it; null for the primary itself, and where that could not be asked. */
  readonly status: ReplicaStatus | null;
  /** Of the primary: its copies, sorted by region. */
  readonly replicas: readonly { readonly region: string; readonly status: ReplicaStatus }[];
}

type ReplicaStatus = 'InSync' | 'InProgress' | 'Failed';
