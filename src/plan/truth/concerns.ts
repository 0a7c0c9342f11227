import { serviceOf, type TokenEntry } from '../../domain/token.ts';
import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import type { NamedSecret } from '../../manifests/query-index.ts';
import type { Wish } from './wish.ts';

/** True when a reference names this secret: the same service, account, region and name, whatever label it follows. */
export function concerns(secret: NamedSecret, { resolution }: ResolvedReference): boolean {
  if (resolution.kind !== 'secret' || resolution.ref.service !== secret.service) return false;
  if (resolution.ref.account !== secret.account || resolution.ref.region !== secret.region) return false;
  return resolution.names.some((name) => secret.names.includes(name));
}

/** True when a move of the wish's label changes what this reference fetches. AWSPREVIOUS moves with AWSCURRENT. */
export function follows(wish: Pick<Wish, 'label'>, { reference }: ResolvedReference): boolean {
  if (reference.follows.kind !== 'label') return false;
  const { label } = reference.follows;
  if (wish.label === null || label === wish.label) return true;
  return label === 'AWSPREVIOUS' && wish.label === 'AWSCURRENT';
}

/** True when this reference fetches what the token's entry stands for. */
export function isEntryOf(
  { home }: Pick<IndexedExternalSecret, 'home'>,
  { reference, resolution }: ResolvedReference,
  entry: TokenEntry,
): boolean {
  if (resolution.kind !== 'secret' || reference.follows.kind !== 'label') return false;
  const { service, account, region } = resolution.ref;
  if (serviceOf(entry, home) !== service) return false;
  if ((entry.account ?? home?.account) !== account || (entry.region ?? home?.region) !== region) return false;
  return resolution.names.includes(entry.name) && reference.follows.label === (entry.label ?? 'AWSCURRENT');
}
