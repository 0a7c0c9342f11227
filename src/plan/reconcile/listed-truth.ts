import type { ListedSecret } from '../../domain/find/find-filter.ts';
import { readWritten } from '../../domain/parameters/parameter-id.ts';
import {
  type KeepingService,
  parseArn,
  readWrittenSecret,
  refKey,
  type SecretPlace,
  type SecretRef,
} from '../../domain/secret-id.ts';
import { tokenTime } from '../../domain/token.ts';
import { candidates, foundVersion, LIST_DENIED, MAX_MEMBERS, tooMany, untold } from '../find/found-secrets.ts';
import type { AskedRef } from '../truth/refs-to-ask.ts';
import type { KnownSecret, Truth } from '../truth/wish.ts';

/** What one list of a place says, by the name of each secret. */
export interface Listing {
  readonly byName: ReadonlyMap<string, readonly ListedSecret[]>;
  /** AWS's clock, epoch milliseconds. */
  readonly seenAt: number;
}

/** Lists by `listKey`; what is in none is asked secret by secret. */
export type Listings = ReadonlyMap<string, Listing>;

/** A service in a place: what is listed at once. */
export interface ListedPlace extends SecretPlace {
  readonly service: KeepingService;
}

/** The map key of a place. */
export function placeKey({ account, region }: SecretPlace): string {
  return `${account}/${region}`;
}

/** The map key of the list that a secret, or what a find finds, is in. */
export function listKey({ service, ...place }: Pick<SecretRef, 'service' | 'account' | 'region'>): string {
  return service === 'ssm' ? `ssm ${placeKey(place)}` : placeKey(place);
}

/** A list, ready to be looked up in. */
export function listingOf(secrets: readonly ListedSecret[], seenAt: number): Listing {
  const byName = new Map<string, ListedSecret[]>();
  for (const one of secrets) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return { byName, seenAt };
}

/** What has to be listed. */
export function placesToList(refs: readonly AskedRef[]): readonly ListedPlace[] {
  const places = new Map(refs.map(({ ref }) => [listKey(ref), ref]));
  return [...places]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { service, account, region }]) => ({
      service: service === 'ssm' ? 'ssm' : 'secretsmanager',
      account,
      region,
    }));
}

/** What no list tells: the secrets of a place that may not be listed or holds too many, and those whose list names no version. */
export function refsToDescribe(refs: readonly AskedRef[], listings: Listings): readonly SecretRef[] {
  return refs.flatMap(({ ref, find }) => {
    if (find !== null) return [];
    const listing = listings.get(listKey(ref));
    const isTold = listing !== undefined && listedFor(ref, listing)?.versions.size !== 0;
    return isTold ? [] : [ref];
  });
}

/**
 * What lists, and answers to single questions, say of these secrets. It may be five minutes old: good for choosing whom to ask,
 * and for nothing that is written into a manifest.
 */
export function listedTruth(
  refs: readonly AskedRef[],
  listings: Listings,
  described: ReadonlyMap<string, KnownSecret>,
): Truth {
  return new Map(
    refs.flatMap(({ ref, find }) => {
      const listing = listings.get(listKey(ref));
      const known =
        find === null
          ? (described.get(refKey(ref)) ?? (listing === undefined ? null : knownOfListed(ref, listing)))
          : findIn(listing, { ref, find });
      return known === null ? [] : [[refKey(ref), known] as const];
    }),
  );
}

function knownOfListed(ref: SecretRef, listing: Listing): KnownSecret {
  const listed = listedFor(ref, listing);
  return listed === null ? { kind: 'absent' } : asKnown(listed, listing);
}

function asKnown({ name, versions, deleted, tags }: ListedSecret, { seenAt }: Listing): KnownSecret {
  return { kind: 'described', name, versions, seenAt: tokenTime(seenAt), deleted, tags };
}

/** The secret that AWS would take the identifier for: a name is a whole name, an ARN a full one or a partial one. */
function listedFor({ service, id }: SecretRef, { byName }: Listing): ListedSecret | null {
  if (service === 'ssm') return readWritten(id, service)?.names.flatMap((name) => byName.get(name) ?? [])[0] ?? null;
  const resource = parseArn(id)?.resource.slice('secret:'.length) ?? null;
  const named = (readWrittenSecret(id)?.names ?? []).flatMap((name) => byName.get(name) ?? []);
  const meant = named.filter(
    ({ name, suffix }) => resource === null || resource === `${name}-${suffix ?? ''}` || resource === name,
  );
  // What is scheduled for deletion may have been made again meanwhile.
  return meant.find(({ deleted }) => !deleted) ?? meant[0] ?? null;
}

function findIn(listing: Listing | undefined, { ref, find }: AskedRef): KnownSecret | null {
  if (find === null) return null;
  if (listing === undefined) return untold(LIST_DENIED);
  const secrets = [...listing.byName.values()].flat();
  const names = new Set(candidates(find, secrets, []));
  if (names.size > MAX_MEMBERS) return untold(tooMany('found'));
  const members = secrets.filter(({ name, deleted }) => names.has(name) && !deleted);
  return foundVersion(
    find,
    { digest: ref.id, seenAt: tokenTime(listing.seenAt) },
    members.map((one) => asKnown(one, listing)),
  );
}
