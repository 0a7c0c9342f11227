import { readWritten } from '../../domain/parameters/parameter-id.ts';
import { fullArnSuffix, readWrittenSecret, type SecretRef } from '../../domain/secret-id.ts';
import { tokenVersion } from '../../domain/token.ts';
import type { ClaimedVersion, KnownSecret, Wish } from './wish.ts';

/** What somebody said about a secret: an event, the token on our own branch, or a person. */
export interface Claim {
  readonly wish: Wish;
  readonly known: KnownSecret;
}

/**
 * What is known of a reference where AWS may not be asked: what a person stated, else the newest claim for each label of
 * that secret; null when nobody said anything. Where all of it is about a secret with another ARN, that is said. The order
 * of the claims does not matter.
 */
export function newestClaim(ref: SecretRef, claims: readonly Claim[]): KnownSecret | null {
  const names = readWritten(ref.id, ref.service)?.names ?? [];
  const named = claims.filter(({ wish }) => isAbout(wish, ref, names));
  const others = named.flatMap(({ wish }) => otherSuffix(wish, ref) ?? []).toSorted();
  const matching = named.filter(({ wish }) => otherSuffix(wish, ref) === null).map(({ known }) => known);
  const [suffix] = others;
  const written = fullArnSuffix(ref.id);
  if (suffix !== undefined && written !== null && matching.length === 0) return { kind: 'replaced', suffix, written };
  const stated = matching.find((known) => known.kind === 'stated');
  if (stated !== undefined) return stated;
  const versions = new Map<string, ClaimedVersion>();
  for (const [label, claim] of matching.flatMap((known) => (known.kind === 'claimed' ? [...known.versions] : []))) {
    const earlier = versions.get(label);
    if (earlier === undefined || isNewer(claim, earlier)) versions.set(label, claim);
  }
  if (versions.size > 0) return { kind: 'claimed', versions };
  const times = matching.flatMap((known) => (known.kind === 'unnamed' ? [known.seenAt] : [])).toSorted();
  const newest = times.at(-1);
  return newest === undefined ? null : { kind: 'unnamed', seenAt: newest };
}

function isAbout(wish: Wish, ref: SecretRef, names: readonly string[]): boolean {
  if (wish.service !== ref.service || wish.account !== ref.account || wish.region !== ref.region) return false;
  return wish.names.some((name) => names.includes(name));
}

/** The suffix of the secret that moved, where the reference holds the full ARN of another one of its name. */
function otherSuffix({ suffix, names }: Wish, { id }: SecretRef): string | null {
  const written = fullArnSuffix(id);
  if (suffix === null || written === null || suffix === written) return null;
  // A partial ARN may look like a full one: the name it stands for then says that it is the same.
  return names.includes(readWrittenSecret(id)?.names[1] ?? '') ? null : suffix;
}

/** Nobody can tell which of two versions of one second is newer; every replica has to choose the same one. */
function isNewer(left: ClaimedVersion, right: ClaimedVersion): boolean {
  if (left.seenAt !== right.seenAt) return left.seenAt > right.seenAt;
  return tokenVersion(left.version) > tokenVersion(right.version);
}
