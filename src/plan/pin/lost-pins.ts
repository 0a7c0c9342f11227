import { refKey } from '../../domain/secret-id.ts';
import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import type { Note, Obstacle } from '../plan.ts';
import type { Truth } from '../truth/wish.ts';
import { pinnedAs } from './pin-place.ts';

/** Every reference that names a version without a label in AWS: it may be deleted there any day, or is. */
export function lostPins(user: Pick<IndexedExternalSecret, 'references'>, truth: Truth): readonly Note[] {
  return user.references.flatMap((one) => {
    const version = pinnedBy(one);
    const known = one.resolution.kind === 'secret' ? truth.get(refKey(one.resolution.ref)) : undefined;
    if (version === null || known?.kind !== 'described' || known.deleted) return [];
    return [...known.versions.values()].includes(version) ? [] : [lost(one.reference.field, version)];
  });
}

/** In the place of `pinned-version`: that the version is not even there any more. */
export function orLostPin(
  obstacle: Obstacle | null,
  user: Pick<IndexedExternalSecret, 'references'>,
  truth: Truth,
): Obstacle | null {
  if (obstacle?.code !== 'pinned-version') return obstacle;
  const [first] = lostPins(user, truth);
  return first === undefined ? obstacle : { code: 'pinned-gone', reason: first.reason, hint: first.hint };
}

/** The VersionId that its manifest names, whether it is ours to set or not. */
function pinnedBy({ reference, resolution }: ResolvedReference): string | null {
  const isSecret = resolution.kind === 'secret' && resolution.ref.service === 'secretsmanager';
  return isSecret && reference.follows.kind !== 'tags' ? pinnedAs(reference.version) : null;
}

function lost(field: string, version: string): Note {
  return {
    code: 'pinned-gone',
    reason: `${field} names version ${version}, which has no label in AWS any more: AWS may have deleted it, and External Secrets Operator then fails.`,
    hint: 'Name a version that has a label, or none.',
  };
}
