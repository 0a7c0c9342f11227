import { readWrittenSecret, type SecretRef } from '../domain/secret-id.ts';
import type { KnownSecret, Wish } from './wish.ts';

/** What somebody said about a secret: an event, or the token on our own branch. */
export interface Claim {
  readonly wish: Wish;
  readonly known: KnownSecret;
}

type Claimed = Extract<KnownSecret, { kind: 'claimed' }>;

/**
 * What is known of a reference where AWS may not be asked: the newest claim for each label of that secret; null when
 * nobody claimed anything.
 */
export function newestClaim(ref: SecretRef, claims: readonly Claim[]): KnownSecret | null {
  const names = readWrittenSecret(ref.id)?.names ?? [];
  const matching = claims.flatMap(({ wish, known }): readonly Claimed[] => {
    const same = wish.account === ref.account && wish.region === ref.region;
    return same && known.kind === 'claimed' && wish.names.some((name) => names.includes(name)) ? [known] : [];
  });
  const oldestFirst = matching.toSorted((left, right) => (left.seenAt < right.seenAt ? -1 : 1));
  const newest = oldestFirst.at(-1);
  if (newest === undefined) return null;
  return { ...newest, versions: new Map(oldestFirst.flatMap((known) => [...known.versions])) };
}
