import { secretKey } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { fitsName, fitsTags } from '../../manifests/indexing/find/find-members.ts';
import type { AskedRef } from '../truth/refs-to-ask.ts';
import { type Listing, type Listings, placeKey } from './listed-truth.ts';

/** A secret as it was listed, with its current version. */
export interface ListedVersion {
  /** `<account>/<region>/<name>`. */
  readonly secret: string;
  readonly version: string;
}

/** Every listed secret that no reference of an index names and no find finds, in order; what is being deleted is left out. */
export function unusedSecrets(index: Index, refs: readonly AskedRef[], listings: Listings): readonly ListedVersion[] {
  // Parameters are what all kinds of services keep their settings in: most are nobody's secrets.
  const secrets = [...listings].filter(([key]) => !key.startsWith('ssm '));
  const unused = secrets.flatMap(([place, listing]) => unusedIn(index, refs, { place, listing }));
  return unused.toSorted((left, right) => (left.secret < right.secret ? -1 : 1));
}

function unusedIn(
  index: Index,
  refs: readonly AskedRef[],
  { place, listing }: { readonly place: string; readonly listing: Listing },
): readonly ListedVersion[] {
  const [account = '', region = ''] = place.split('/');
  const finds = refs.filter(({ ref, find }) => find !== null && placeKey(ref) === place);
  return [...listing.byName.values()].flat().flatMap(({ name, deleted, tags, versions }) => {
    const version = versions.get('AWSCURRENT');
    if (deleted || version === undefined) return [];
    const key = secretKey({ service: 'secretsmanager', account, region, name });
    if (index.bySecret.has(key) || index.sourcesBySecret.has(key)) return [];
    const isFound = finds.some(({ find }) => find !== null && fitsName(find, name) && fitsTags(find, tags));
    return isFound ? [] : [{ secret: `${place}/${name}`, version }];
  });
}

/** Those whose version is another one than at an earlier look; what was not seen then is new, and has not rotated. */
export function rotatedSince(
  earlier: ReadonlyMap<string, string>,
  unused: readonly ListedVersion[],
): readonly ListedVersion[] {
  return unused.filter(({ secret, version }) => (earlier.get(secret) ?? version) !== version);
}
