import type { SecretChange } from '../../../domain/change.ts';
import type { DescribedSecret, Replica } from '../../../domain/described/described-secret.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { AllowedAccount } from '../../../domain/policy.ts';
import type { Index } from '../../../manifests/graph.ts';
import type { Finds } from '../../../manifests/indexing/possible-use.ts';
import { namersOf, possibleUsers } from '../../../manifests/query-index.ts';
import { isFollowed, reachedFinds, whyNobodyFollows } from '../../find/reached-finds.ts';
import type { KnownSecret } from '../wish.ts';

/** What of a secret, as it is described in one region, tells of its copies. */
export type Replicated = Pick<DescribedSecret, 'secret' | 'replication' | 'primaryRegion' | 'versions'>;

/** The copies that a change of a secret reaches. */
interface Copies {
  readonly allowed: readonly Replica[];
  /** Regions that the configuration does not allow. */
  readonly elsewhere: readonly string[];
}

/**
 * The copies that have to follow what changed, each list sorted by region. None of a copy itself, since its primary tells; and
 * none for a deletion, which AWS refuses where there are copies.
 */
export function copiesOf(
  { kind }: Pick<SecretChange, 'kind'>,
  { secret, replication, primaryRegion }: Replicated,
  accounts: readonly AllowedAccount[],
): Copies {
  const isPrimary = primaryRegion === null || primaryRegion === secret.region;
  if (!isPrimary || (kind !== 'label' && kind !== 'tags')) return { allowed: [], elsewhere: [] };
  const regions = regionsOf(secret.account, accounts);
  const copies = replication
    .filter(({ region }) => region !== secret.region)
    .toSorted((left, right) => (left.region < right.region ? -1 : 1));
  const elsewhere = copies.filter(({ region }) => !regions.includes(region)).map(({ region }) => region);
  return { allowed: copies.filter(({ region }) => regions.includes(region)), elsewhere };
}

/** The change as it is to be looked at in the region of a copy, whose ARN differs from the primary's by the region alone. */
export function changeInRegion(change: SecretChange, { secret, versions }: Replicated, region: string): SecretChange {
  const { partition, account, name, suffix } = secret;
  const id = suffix === null ? name : `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
  const versionId = change.kind === 'label' ? (versions.get(change.label) ?? null) : null;
  return { ...change, region, id, names: [name], versionId };
}

/** Whether something in a repository follows what changed of a copy, only may use it, or neither. */
export function useOfCopy(index: Index, change: SecretChange, finds: Finds): 'followed' | 'maybe' | 'none' {
  if (isFollowed(index, change) || reachedFinds(index, change, null).length > 0) return 'followed';
  const isNamed = namersOf(index, change).length > 0 || possibleUsers(index, change, finds).length > 0;
  return isNamed ? 'maybe' : 'none';
}

/** True where a copy has what its primary had when it was asked: the same version under the label that moved, or none there. */
export function showsChange(copy: SecretChange, known: KnownSecret): boolean {
  if (known.kind === 'denied') return true;
  if (known.kind !== 'described') return false;
  return copy.kind !== 'label' || (known.versions.get(copy.label) ?? null) === copy.versionId;
}

/**
 * Why nobody in a repository has to look at a change, here or in another allowed region, where a copy may follow it; null where
 * somebody has to.
 */
export function whyNobodyAnywhere(
  index: Index,
  change: SecretChange,
  accounts: readonly AllowedAccount[],
): string | null {
  const reason = whyNobodyFollows(index, change);
  if (reason === null || change.service !== 'secretsmanager') return reason;
  if (change.kind !== 'label' && change.kind !== 'tags') return reason;
  const isCared = (region: string) => whyNobodyFollows(index, { ...change, region }) === null;
  return regionsOf(change.account, accounts).some(isCared) ? null : reason;
}

/** What keeps a copy from being followed, for people. */
export interface HeldCopy {
  readonly state: 'behind' | 'failed';
  readonly reason: string;
  readonly hint: string;
}

/** The copy in a region does not have yet what changed. */
export function copyBehind(region: string): HeldCopy {
  return {
    state: 'behind',
    reason: `Its replica in ${plainText(region, 64)} is not in sync yet.`,
    hint: 'It is asked for again: a refresh would still fetch the old value there.',
  };
}

/** AWS gave up: the copy keeps its old value until somebody acts. */
export function copyFailed(region: string): HeldCopy {
  const there = plainText(region, 64);
  return {
    state: 'failed',
    reason: `Its replication to ${there} failed: the replica there keeps its old value.`,
    hint: `StatusMessage of describe-secret in the primary's Region says why: mostly another secret of this name in ${there}, a KMS key that may not be used, or a Region that is not enabled. Correct it and retry the replication; it is asked for again.`,
  };
}

/** Where copies are that nobody looks at; null where there are none. */
export function copiesElsewhere(regions: readonly string[]): string | null {
  if (regions.length === 0) return null;
  const [first = '', ...rest] = regions.slice(0, MOST_NAMED).map((region) => plainText(region, 64));
  const more = regions.length > MOST_NAMED ? [`${regions.length - MOST_NAMED} more`] : [];
  const named = [first, ...rest, ...more];
  const last = named.length > 1 ? ` and ${named.at(-1)}` : '';
  const list = `${named.slice(0, named.length > 1 ? -1 : 1).join(', ')}${last}`;
  return `It has ${regions.length === 1 ? 'a replica' : 'replicas'} in ${list}, which spec.aws.accounts does not allow.`;
}

const MOST_NAMED = 5;

function regionsOf(account: string, accounts: readonly AllowedAccount[]): readonly string[] {
  return accounts.find(({ id }) => id === account)?.regions ?? [];
}
