import { slotOf } from '../../../domain/find/token-slot.ts';
import { bareKey, parseToken, type TokenEntry, tokenKey, tokenTime } from '../../../domain/token.ts';
import type { Index, ResolvedReference } from '../../../manifests/graph.ts';
import { claimOf } from '../../truth/beyond-base.ts';
import { isEntryOf, meantOf } from '../../truth/concerns.ts';
import type { Claim } from '../../truth/newest-claim.ts';

/** What an ended pull request brought. */
export interface Brought {
  /** `key=version`, as its trailers name it: a stranger may have written them. */
  readonly names: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** As many names as a pull request is believed. */
const MOST_NAMES = 1000;

/**
 * What ended pull requests brought, as if an event told of it again: for every object that fetches it now. The truth is read
 * anew; their versions count only where AWS may not be asked.
 */
export function claimsOfEnded(index: Index, pulls: readonly Brought[]): readonly Claim[] {
  const byKey = new Map<string, TokenEntry[]>();
  for (const entry of pulls.flatMap(entriesOf)) {
    const key = bareKey(tokenKey(entry));
    byKey.set(key, [...(byKey.get(key) ?? []), entry]);
  }
  const claims = [...index.externalSecrets, ...index.restartSources].flatMap((user) =>
    user.references.flatMap((reference) => {
      const named = slotsOf(reference).flatMap((slot) => byKey.get(slot) ?? []);
      return named.filter((one) => isEntryOf(user, reference, one)).flatMap((entry) => claimOf(user, entry, true));
    }),
  );
  return [...new Map(claims.map((claim) => [idOf(claim), claim])).values()];
}

function idOf({ wish, known }: Claim): string {
  return JSON.stringify([wish, known.kind === 'claimed' ? [...known.versions] : []]);
}

function slotsOf(reference: ResolvedReference): readonly string[] {
  const { resolution } = reference;
  if (resolution.kind !== 'secret') return [];
  const meant = resolution.names.flatMap((name) => meantOf(reference, name) ?? []);
  return meant.map((one) => tokenKey({ account: null, region: null, ...slotOf(one) }));
}

function entriesOf({ names, createdAt }: Brought): readonly TokenEntry[] {
  return names.slice(0, MOST_NAMES).flatMap((name) => parseToken(`${name}@${tokenTime(createdAt)}`) ?? []);
}
