import { refKey, type SecretRef } from '../../domain/secret-id.ts';
import {
  type ListedPlace,
  type Listing,
  listedTruth,
  listingOf,
  listKey,
  placeKey,
  placesToList,
  refsToDescribe,
} from '../../plan/reconcile/listed-truth.ts';
import type { Trouble } from '../../plan/report/look.ts';
import type { AskedRef } from '../../plan/truth/refs-to-ask.ts';
import type { KnownSecret, Truth } from '../../plan/truth/wish.ts';
import type { SecretVersions } from '../../ports.ts';
import { atMost } from '../at-most.ts';
import { failureOf } from '../outcome.ts';
import { troubleOf } from '../report/look/shown-pull.ts';
import { knownOf } from '../truth/truth-reader.ts';

/** Everything that one pass has been told by AWS before it asks about single secrets to propose. It grows, and stays. */
export interface ListedSoFar {
  /** By `listKey`; null where it may not be listed, or holds too many. */
  readonly places: Map<string, Listing | null>;
  /** By `refKey`. */
  readonly described: Map<string, KnownSecret>;
  /** Places and secrets that could not be asked, by what they are called. */
  readonly failed: Map<string, Trouble>;
}

/** Nothing is told yet. */
export function nothingListed(): ListedSoFar {
  return { places: new Map(), described: new Map(), failed: new Map() };
}

const PLACES_AT_ONCE = 4;
const QUESTIONS_AT_ONCE = 8;

/**
 * Lists every place that these secrets are in, and asks one by one for what no list tells. What fails is noted and left unknown:
 * nothing is concluded from it, and the others go on.
 */
export async function listSecrets(
  secretVersions: SecretVersions,
  refs: readonly AskedRef[],
  known: ListedSoFar,
  signal: AbortSignal,
): Promise<Truth> {
  const { places, described, failed } = known;
  const orNoted = async (subject: string, ask: () => Promise<void>) => {
    try {
      if (!failed.has(subject)) await ask();
    } catch (error) {
      signal.throwIfAborted();
      failed.set(subject, troubleOf(subject, failureOf(error)));
    }
  };
  const open = placesToList(refs).filter((place) => !places.has(listKey(place)));
  await atMost(PLACES_AT_ONCE, open, (place) =>
    orNoted(subjectOf(place), async () => {
      places.set(listKey(place), await listPlace(secretVersions, place, signal));
    }),
  );
  const listings = listed(known);
  const single = refsToDescribe(refs, listings).filter((ref) => {
    return !described.has(refKey(ref)) && !failed.has(subjectOf(ref));
  });
  await atMost(QUESTIONS_AT_ONCE, single, (ref) =>
    // One service that is down in a place is not asked for each of its secrets.
    orNoted(subjectOf(ref), async () => {
      described.set(refKey(ref), knownOf(await secretVersions.describe(ref, signal)));
    }),
  );
  return listedTruth(refs, listings, described);
}

/** The lists that there are. */
export function listed({ places }: ListedSoFar): ReadonlyMap<string, Listing> {
  return new Map([...places].flatMap(([key, listing]) => (listing === null ? [] : [[key, listing] as const])));
}

async function listPlace(
  secretVersions: SecretVersions,
  place: ListedPlace,
  signal: AbortSignal,
): Promise<Listing | null> {
  const answer =
    place.service === 'ssm'
      ? await secretVersions.listParameters(place, signal)
      : await secretVersions.list(place, EVERYTHING, signal);
  return answer.kind === 'listed' ? listingOf(answer.secrets, answer.seenAt) : null;
}

const EVERYTHING = { regexp: null, path: null, tags: [] };

function subjectOf(place: Pick<SecretRef, 'service' | 'account' | 'region'>): string {
  return `${place.service === 'ssm' ? 'parameters' : 'secrets'} of ${placeKey(place)}`;
}
