import type { Aspect } from '../../domain/change.ts';
import { plainText } from '../../domain/plain-text.ts';
import { refKey, type SecretPlace, type SecretService } from '../../domain/secret-id.ts';
import type { Index, ResolvedReference } from '../../manifests/graph.ts';
import { fitsName, fitsTags } from '../../manifests/indexing/find/find-members.ts';
import { namersOf } from '../../manifests/query-index.ts';
import { concerns, follows } from '../truth/concerns.ts';
import type { AskedRef } from '../truth/refs-to-ask.ts';
import type { KnownSecret, Wish } from '../truth/wish.ts';

/** A secret of which something changed. */
export type Changed = Aspect & SecretPlace & { readonly service: SecretService; readonly names: readonly string[] };

/** A find of the index, with everything it looks for. */
export type Find = AskedRef & { readonly find: NonNullable<AskedRef['find']> };

// An index never changes, and most have few finds.
const FINDS = new WeakMap<Index, readonly Find[]>();

/** Every find of an index, none twice. */
function findsIn(index: Index): readonly Find[] {
  const known = FINDS.get(index);
  if (known !== undefined) return known;
  const finds = index.externalSecrets.flatMap(({ references }) => references.flatMap((one) => findOf(one) ?? []));
  const unique = [...new Map(finds.map((one) => [refKey(one.ref), one])).values()];
  FINDS.set(index, unique);
  return unique;
}

function findOf({ reference, resolution }: ResolvedReference): Find | null {
  if (resolution.kind !== 'secret' || reference.find === null) return null;
  return { ref: resolution.ref, find: reference.find };
}

/**
 * Every find whose secrets a change may concern. A find has AWSCURRENT of each; who comes and goes is told by the others.
 * `known`: what AWS says of the secret; null before anybody asked. Which tags it had before they changed nobody can tell.
 */
export function reachedFinds(index: Index, changed: Changed, known: KnownSecret | null): readonly Find[] {
  const { kind, label, service, account, region, names } = changed;
  if (service !== 'secretsmanager' || (kind === 'label' && label !== 'AWSCURRENT')) return [];
  return findsIn(index).filter(({ ref, find }) => {
    if (ref.account !== account || ref.region !== region) return false;
    if (!names.some((name) => fitsName(find, name))) return false;
    if (kind === 'tags') return find.tags.length > 0;
    if (known?.kind === 'described') return fitsTags(find, known.tags);
    // What is gone may have been found before; it has no value that could have moved.
    return known?.kind !== 'absent' || kind !== 'label';
  });
}

/** True when some reference that names the secret follows what changed of it. */
export function isFollowed(index: Index, changed: Changed): boolean {
  const { kind, label } = changed;
  if (kind === 'deleted' || kind === 'restored') return false;
  const wish = kind === 'label' ? { kind, label, moved: true } : { kind, label, moved: true };
  return namersOf(index, changed).some(({ references }) =>
    references.some((reference) => concerns(changed, reference) && follows(wish, reference)),
  );
}

/** Why nobody in a repository has to look at a change, as its manifests alone tell; null where somebody has to. */
export function whyNobodyFollows(index: Index, changed: Changed): string | null {
  const { kind, label } = changed;
  if (kind === 'label' && label === 'AWSCURRENT') return null;
  if (isFollowed(index, changed) || reachedFinds(index, changed, null).length > 0) return null;
  switch (kind) {
    case 'label':
      return `No reference in this repository follows its label ${plainText(label, 100)}.`;
    case 'tags':
      return 'Its tags changed: no reference in this repository fetches them, and no find could find it by tags.';
    case 'deleted':
      return 'It was deleted: no find in this repository could find it.';
    case 'restored':
      return 'It was restored: no find in this repository could find it.';
  }
}

/** The wish for all that a find finds. */
export function findWish({ ref }: Find, moved: boolean): Wish {
  const { service, account, region, id } = ref;
  return { service, account, region, names: [id], suffix: null, kind: 'label', label: 'AWSCURRENT', moved };
}
