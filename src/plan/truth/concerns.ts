import { type Meant, slotOf } from '../../domain/find/token-slot.ts';
import { serviceOf, type TokenEntry, tokenKey } from '../../domain/token.ts';
import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import type { NamedSecret } from '../../manifests/query-index.ts';
import type { Wish } from './wish.ts';

/** True when a reference names this secret: the same service, account, region and name, whatever label it follows. */
export function concerns(secret: NamedSecret, { resolution }: ResolvedReference): boolean {
  if (resolution.kind !== 'secret' || resolution.ref.service !== secret.service) return false;
  if (resolution.ref.account !== secret.account || resolution.ref.region !== secret.region) return false;
  return resolution.names.some((name) => secret.names.includes(name));
}

/**
 * True when what changed of the secret changes what this reference fetches. AWSPREVIOUS moves with AWSCURRENT. A secret that is
 * merely looked at is looked at with its tags; one that moved has a new value, and the same tags.
 */
export function follows(wish: Pick<Wish, 'kind' | 'label' | 'moved'>, one: ResolvedReference): boolean {
  const { follows: followed } = one.reference;
  if (wish.kind === 'tags') return fetchesTags(one);
  if (followed.kind !== 'label') return fetchesTags(one) && wish.label === null && !wish.moved;
  if (wish.label === null) return true;
  return followed.label === wish.label || (followed.label === 'AWSPREVIOUS' && wish.label === 'AWSCURRENT');
}

/** Those of a parameter are never asked for. */
function fetchesTags({ reference, resolution }: ResolvedReference): boolean {
  return reference.follows.kind === 'tags' && !(resolution.kind === 'secret' && resolution.ref.service === 'ssm');
}

/** What a reference fetches of the secret with this name, as a token has it; null for what nobody can follow. */
export function meantOf({ reference, resolution }: ResolvedReference, name: string): Meant | null {
  if (resolution.kind !== 'secret') return null;
  if (resolution.ref.service === 'find') return { kind: 'find', digest: name };
  switch (reference.follows.kind) {
    case 'label':
      return { kind: 'label', name, label: reference.follows.label };
    case 'tags':
      return resolution.ref.service === 'ssm' ? null : { kind: 'tags', name };
    case 'pinned':
    case 'parameter-label':
      return null;
  }
}

/** True when this reference fetches what the token's entry stands for. */
export function isEntryOf(
  { home }: Pick<IndexedExternalSecret, 'home'>,
  reference: ResolvedReference,
  entry: TokenEntry,
): boolean {
  const { resolution } = reference;
  if (resolution.kind !== 'secret') return false;
  const { service, account, region } = resolution.ref;
  if (service !== 'find' && serviceOf(entry, home) !== service) return false;
  if ((entry.account ?? home?.account) !== account || (entry.region ?? home?.region) !== region) return false;
  return resolution.names.some((name) => {
    const meant = meantOf(reference, name);
    return meant !== null && tokenKey({ ...entry, ...slotOf(meant) }) === tokenKey(entry);
  });
}
