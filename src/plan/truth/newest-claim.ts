import { readWrittenSecret, type SecretRef } from '../../domain/secret-id.ts';
import type { KnownSecret, Wish } from './wish.ts';

/** What somebody said about a secret: an event, or the token on our own branch. */
export interface Claim {
  readonly wish: Wish;
  readonly known: KnownSecret;
}

type Claimed = Extract<KnownSecret, { kind: 'claimed' | 'unnamed' }>;

/**
 * What is known of a reference where AWS may not be asked: the newest claim for each label of that secret; null when
 * nobody claimed anything.
 */
export function newestClaim(ref: SecretRef, claims: readonly Claim[]): KnownSecret | null {
  const names = readWrittenSecret(ref.id)?.names ?? [];
  const matching = claims.flatMap(({ wish, known }): readonly Claimed[] => {
    const same = wish.account === ref.account && wish.region === ref.region;
    const speaks = known.kind === 'claimed' || known.kind === 'unnamed';
    return same && speaks && wish.names.some((name) => names.includes(name)) ? [known] : [];
  });
  const oldestFirst = matching.toSorted((left, right) => (left.seenAt < right.seenAt ? -1 : 1));
  const named = oldestFirst.flatMap((known) => (known.kind === 'claimed' ? [known] : []));
  const newest = named.at(-1);
  if (newest === undefined) return oldestFirst.at(-1) ?? null;
  return { ...newest, versions: new Map(named.flatMap((known) => [...known.versions])) };
}
