import type { FindFilter } from '../../domain/find/find-filter.ts';
import { refKey, type SecretRef } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { isOnlyReported } from '../../manifests/indexing/cluster/only-reported.ts';
import { namersOf } from '../../manifests/query-index.ts';
import type { InPart } from '../grouping/within.ts';
import type { Wish } from './wish.ts';

/** A secret to ask AWS for; or what a find finds, as one secret, and what it looks for. */
export interface AskedRef {
  readonly ref: SecretRef;
  readonly find: FindFilter | null;
}

/**
 * Every secret that the affected ExternalSecrets name: a refresh fetches them all, so the truth of all is needed. Of what names
 * the wishes only what `isInPart` says.
 */
export function refsToAsk(
  index: Index,
  wishes: readonly Wish[],
  isInPart: InPart['user'] = () => true,
): readonly AskedRef[] {
  const refs = new Map<string, AskedRef>();
  for (const user of wishes.flatMap((wish) => namersOf(index, wish)).filter(isInPart)) {
    for (const { reference, resolution } of 'apiVersion' in user.object && isOnlyReported(user.object)
      ? []
      : user.references) {
      if (resolution.kind !== 'secret') continue;
      // Whether AWS still has a version that is pinned is worth a question; of a parameter it does not tell.
      if (reference.follows.kind === 'pinned' && resolution.ref.service !== 'secretsmanager') continue;
      refs.set(refKey(resolution.ref), { ref: resolution.ref, find: reference.find });
    }
  }
  return [...refs].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, ref]) => ref);
}
