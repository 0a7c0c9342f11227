import { refKey, type SecretRef } from '../../domain/secret-id.ts';
import { tokenTime, tokenVersion } from '../../domain/token.ts';
import {
  candidates,
  foundVersion,
  isBehind,
  LIST_BEHIND,
  LIST_DENIED,
  MAX_MEMBERS,
  type Spoken,
  spokenFor,
  tooMany,
  untold,
} from '../../plan/find/found-secrets.ts';
import type { Find } from '../../plan/find/reached-finds.ts';
import { type Claim, newestClaim } from '../../plan/truth/newest-claim.ts';
import type { KnownSecret } from '../../plan/truth/wish.ts';
import type { SecretVersions } from '../../ports.ts';
import { atMost } from '../at-most.ts';

/** ListSecrets may be that much late. */
export const LIST_LAG_MILLISECONDS = 5 * 60_000;
const QUESTIONS_AT_ONCE = 8;

/** Tells what finds find, each asked for once in a round. */
export interface FindReader {
  /**
   * All that a find finds, as one secret. What the own branch says of it (`claims`) stands for five minutes against another
   * answer, unless an event speaks of one of its secrets: the list that shows something else may be the older one.
   */
  find(find: Find, claims: readonly Claim[]): Promise<KnownSecret>;
}

interface Asking {
  readonly secretVersions: SecretVersions;
  readonly ask: (ref: SecretRef) => Promise<KnownSecret>;
}

/** `spoken`: what the events of this batch spoke of; `now` in epoch milliseconds. */
export function createFindReader(
  asking: Asking,
  { spoken, now }: { readonly spoken: readonly Spoken[]; readonly now: number },
  signal: AbortSignal,
): FindReader {
  const known = new Map<string, Promise<KnownSecret>>();
  return {
    find: async (find, claims) => {
      const own = spokenFor(find.find, find.ref, spoken);
      const answer = known.get(refKey(find.ref)) ?? readFind(asking, find, own, signal);
      known.set(refKey(find.ref), answer);
      const claimed = newestClaim(find.ref, claims);
      const listed = await answer;
      if (claimed === null) return listed;
      if (listed.kind === 'untold') return listed.obstacle === LIST_BEHIND ? claimed : listed;
      return own.length === 0 && isYounger(claimed, listed, now) ? claimed : listed;
    },
  };
}

async function readFind(
  { secretVersions, ask }: Asking,
  { ref, find }: Find,
  spoken: readonly Spoken[],
  signal: AbortSignal,
): Promise<KnownSecret> {
  const listing = await secretVersions.list(ref, find, signal);
  if (listing.kind === 'denied') return untold(LIST_DENIED);
  if (listing.kind === 'too-many') return untold(tooMany('listed'));
  if (isBehind(find, listing.secrets, spoken)) return untold(LIST_BEHIND);
  const names = candidates(find, listing.secrets, spoken);
  if (names.length > MAX_MEMBERS) return untold(tooMany('found'));
  const { account, region } = ref;
  const described = await atMost(QUESTIONS_AT_ONCE, names, (id) =>
    ask({ service: 'secretsmanager', account, region, id }),
  );
  return foundVersion(find, { digest: ref.id, seenAt: tokenTime(listing.seenAt) }, described);
}

/** True where a claim says another version than the list, and was made so shortly ago that the list may be the older one. */
function isYounger(claimed: KnownSecret, listed: KnownSecret, now: number): boolean {
  if (claimed.kind !== 'claimed' || listed.kind !== 'described') return false;
  const claim = claimed.versions.get('AWSCURRENT');
  const version = listed.versions.get('AWSCURRENT');
  if (claim === undefined || version === undefined || claim.version === tokenVersion(version)) return false;
  return now - Date.parse(claim.seenAt) < LIST_LAG_MILLISECONDS;
}
