import type { Pin } from '../../../domain/policy.ts';
import type { Index, IndexedExternalSecret, ResolvedReference } from '../../graph.ts';

/**
 * The index as pins make it: where versions are pinned by us, a reference that names a VersionId follows AWSCURRENT, since the
 * next version is to take its place. Everywhere else it stays as pinned as its author has made it.
 */
export function followPins(index: Index, pin: Pin = 'none'): Index {
  const isPinned = (user: IndexedExternalSecret): boolean =>
    pinOf(user, pin) !== 'none' && user.references.some(isVersionId);
  // Nearly every index has none of them, and is followed after each commit.
  if (!index.externalSecrets.some(isPinned)) return index;
  return { ...index, externalSecrets: index.externalSecrets.map((user) => (isPinned(user) ? followed(user) : user)) };
}

/** The pin of an object: its own, else that of its branch. What is no ExternalSecret has none. */
export function pinOf({ object }: Pick<IndexedExternalSecret, 'object'>, pin: Pin = 'none'): Pin {
  return object.marker === undefined ? (object.steering.pin ?? pin) : 'none';
}

function followed(user: IndexedExternalSecret): IndexedExternalSecret {
  const references = user.references.map((one): ResolvedReference => {
    if (!isVersionId(one)) return one;
    return { ...one, reference: { ...one.reference, follows: { kind: 'label', label: 'AWSCURRENT' } } };
  });
  return { ...user, references };
}

/** True for `uuid/…` of a secret, whose value that fetches. */
function isVersionId({ reference, resolution }: ResolvedReference): boolean {
  if (resolution.kind !== 'secret' || resolution.ref.service !== 'secretsmanager') return false;
  return resolution.through === undefined && reference.follows.kind === 'pinned';
}
