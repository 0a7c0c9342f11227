import type { SecretId } from '../secret-id.ts';

/** A secret, or a parameter, as AWS describes it: never a value. */
export interface DescribedSecret {
  readonly secret: SecretId;
  /** VersionId by staging label. */
  readonly versions: ReadonlyMap<string, string>;
  /** AWS's own clock when it answered, epoch milliseconds. */
  readonly seenAt: number;
  /** True when deletion is scheduled: the value cannot be read. */
  readonly deleted: boolean;
  /** When AWS is to rotate it next, epoch milliseconds; left out where it does not say. */
  readonly nextRotationAt?: number;
  /** Never shown: only their digest is. */
  readonly tags: ReadonlyMap<string, string>;
  /** Its copies in other regions, none twice. */
  readonly replication: readonly Replica[];
  /** Where it is written, if it has copies or is one; null where AWS says nothing of that. */
  readonly primaryRegion: string | null;
}

/** A copy of a secret in another region, as its primary tells of it. What AWS may say beyond these counts as in progress. */
export interface Replica {
  readonly region: string;
  readonly status: 'InSync' | 'InProgress' | 'Failed';
}
