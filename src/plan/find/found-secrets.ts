import { type FindFilter, type ListedSecret, MOST_LISTED, membersVersion } from '../../domain/find/find-filter.ts';
import { refKey, type SecretPlace } from '../../domain/secret-id.ts';
import { fitsName, fitsTags } from '../../manifests/indexing/find/find-members.ts';
import type { Obstacle } from '../plan.ts';
import type { KnownSecret, Truth, Wish } from '../truth/wish.ts';

/** More secrets than this one find may have: each of them is asked for. */
export const MAX_MEMBERS = 300;

/** What an event of this batch spoke of, and what AWS says of it. */
export interface Spoken extends SecretPlace {
  /** Every name it can mean; exactly one once AWS has told its identity. */
  readonly names: readonly string[];
  readonly suffix: string | null;
  readonly known: KnownSecret;
  /** `young`: a list of secrets may still be older than it. */
  readonly age: 'young' | 'old';
}

/** True for a secret that a find finds, as DescribeSecret tells it. */
function isMember(filter: FindFilter, known: KnownSecret): boolean {
  if (known.kind !== 'described' || known.deleted) return false;
  return fitsName(filter, known.name) && fitsTags(filter, known.tags);
}

/** What of this batch can have to do with a find in a place: by name. */
export function spokenFor(filter: FindFilter, place: SecretPlace, spoken: readonly Spoken[]): readonly Spoken[] {
  return spoken.filter(
    ({ account, region, names }) =>
      account === place.account && region === place.region && names.some((name) => fitsName(filter, name)),
  );
}

/**
 * A list of secrets may be five minutes old. True when it is known to be: it does not agree with what DescribeSecret says of a
 * secret that a young event speaks of.
 */
export function isBehind(filter: FindFilter, listed: readonly ListedSecret[], spoken: readonly Spoken[]): boolean {
  const present = listed.filter((one) => !one.deleted && fitsName(filter, one.name) && fitsTags(filter, one.tags));
  return spoken.some(({ names, suffix, known, age }) => {
    if (age === 'old' || known.kind === 'denied') return false;
    const isListed = present.some(
      (one) => names.includes(one.name) && (suffix === null || one.suffix === null || one.suffix === suffix),
    );
    return isListed !== isMember(filter, known);
  });
}

/** The secrets to describe: what is listed and fits, and what this batch speaks of, in order. */
export function candidates(
  filter: FindFilter,
  listed: readonly ListedSecret[],
  spoken: readonly Spoken[],
): readonly string[] {
  const fitting = listed.filter((one) => !one.deleted && fitsName(filter, one.name) && fitsTags(filter, one.tags));
  const named = spoken.flatMap(({ names }) => names.filter((name) => fitsName(filter, name)));
  return [...new Set([...fitting.map(({ name }) => name), ...named])].toSorted();
}

/** All that a find finds as one secret, from what AWS says of each candidate now; `seenAt` is when they were listed. */
export function foundVersion(
  filter: FindFilter,
  { digest, seenAt }: { readonly digest: string; readonly seenAt: string },
  known: readonly KnownSecret[],
): KnownSecret {
  const members = new Map<string, string>();
  const times = [seenAt];
  for (const one of known) {
    if (one.kind === 'denied') return untold(MEMBER_DENIED);
    if (one.kind !== 'described' || !isMember(filter, one)) continue;
    members.set(one.name, one.versions.get('AWSCURRENT') ?? '');
    times.push(one.seenAt);
  }
  const versions = new Map([['AWSCURRENT', membersVersion(members)]]);
  const newest = times.toSorted().at(-1) ?? seenAt;
  return { kind: 'described', name: digest, versions, seenAt: newest, deleted: false, tags: new Map() };
}

/** What a find finds cannot be told. */
export function untold(obstacle: Obstacle): KnownSecret {
  return { kind: 'untold', obstacle };
}

const MEMBER_DENIED: Obstacle = {
  code: 'secret-denied',
  reason: 'AWS denies DescribeSecret for one of the secrets that it finds.',
  hint: 'Grant secretsmanager:DescribeSecret on all that it finds.',
};

/** A listing is not granted. */
export const LIST_DENIED: Obstacle = {
  code: 'list-denied',
  reason: 'AWS denies ListSecrets, so nobody can tell what it finds.',
  hint: 'Grant secretsmanager:ListSecrets (it takes no resource but "*").',
};

/** The listing is known to be old. */
export const LIST_BEHIND: Obstacle = {
  code: 'list-behind',
  reason: 'The list of secrets does not show yet what an event told; it may be up to five minutes late.',
  hint: 'It is asked for again in a minute.',
};

/** There are more than can be looked at. */
export function tooMany(what: 'listed' | 'found'): Obstacle {
  const reason =
    what === 'found'
      ? `It finds more than ${MAX_MEMBERS} secrets.`
      : `There are more than ${MOST_LISTED.toLocaleString('en')} secrets to look through.`;
  return { code: 'too-many-members', reason, hint: 'Narrow it by a path or tags, or name its secrets by key.' };
}

/** True where a find cannot be told because AWS denies something. */
export function isFindDenied({ service, account, region, names: [id = ''] }: Wish, truth: Truth): boolean {
  if (service !== 'find') return false;
  const known = truth.get(refKey({ service, account, region, id }));
  return known?.kind === 'untold' && ['list-denied', 'secret-denied'].includes(known.obstacle.code);
}
