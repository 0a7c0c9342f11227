import type { ResolvedReference } from '../manifests/graph.ts';
import type { SecretReference } from '../manifests/objects.ts';
import { placesText } from '../manifests/query-index.ts';

/** Who says where a secret is, where that is not its own key or the store's manifest; null where nobody else does. */
export function placeNote({ reference, resolution, store }: ResolvedReference): string | null {
  if (resolution.kind !== 'secret') return null;
  const { ref, by, overrides } = resolution;
  const place = placesText([ref]);
  switch (by) {
    case 'key':
    case 'store':
      return null;
    case 'store-binding': {
      const named = reference.store === null ? 'its store' : `${reference.store.kind} ${reference.store.name}`;
      const despite = overrides.length === 0 ? '' : `, although its manifest says ${placesText(overrides)}`;
      return `spec.repositories[].stores puts ${named} in ${place}${despite}.`;
    }
    case 'path-binding':
      return `spec.repositories[].paths puts this file in ${place}.`;
    case 'unnamed':
      return `Nothing here names the account that it is in: ${place} stands for it.`;
    case 'default':
    case 'named':
      return isWithoutStore(reference, store)
        ? `Its store is not in this repository: it is taken for ${place}, the only one ${ONLY[by]}.`
        : null;
  }
}

const ONLY = { default: 'allowed', named: 'that is named here, since no configuration was given' } as const;

/** A marker without a store needs none. */
function isWithoutStore(reference: SecretReference, store: string | null): boolean {
  return store === null && (reference.said === undefined || reference.store !== null);
}
