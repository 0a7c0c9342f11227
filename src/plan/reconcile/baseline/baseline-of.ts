import { atHome, mergeTokens, type Token, tokenVersion } from '../../../domain/token.ts';
import { baselineKeyOf } from '../../../manifests/baseline/baseline-entry.ts';
import type { Index, IndexedExternalSecret } from '../../../manifests/graph.ts';
import { slotsOf } from '../../desired-token.ts';
import { pinnedAs } from '../../pin/pin-place.ts';

/** What an object had before anything was bumped: what its pins name, since it fetches that, else what is recorded. */
export function baselineOf(index: Pick<Index, 'baseline'>, user: IndexedExternalSecret): Token {
  const recorded = index.baseline?.get(baselineKeyOf(user.object)) ?? [];
  return mergeTokens(pinnedToken(user), atHome(recorded, user.home));
}

/** The time of a version that only a pin names: when it was pinned nobody can say. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

/** Of what is pinned and followed: where nothing is pinned by us, what a manifest pins is not followed. */
function pinnedToken({ references, home }: IndexedExternalSecret): Token {
  return references.flatMap((one) => {
    const { resolution, reference } = one;
    const version = reference.follows.kind === 'label' ? pinnedAs(reference.version) : null;
    if (version === null || resolution.kind !== 'secret') return [];
    return slotsOf(one, resolution.ref, resolution.names, home).map(({ meant: _meant, secret: _secret, ...slot }) => {
      return { ...slot, version: tokenVersion(version), time: UNKNOWN_TIME };
    });
  });
}
