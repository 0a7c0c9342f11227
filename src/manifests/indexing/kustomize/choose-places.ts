import type { KustomizeMode } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { EditHome } from '../../objects.ts';
import type { PlacedObject } from './place-object.ts';
import type { Splitter } from './split-object.ts';

/** How objects that several kustomizations include are looked at. */
export interface SharedBases {
  readonly mode: KustomizeMode;
  readonly splitter: Splitter;
}

/**
 * One object where it stands for all its deployments, or one for each of them. `meaningOf` is what must be equal in all of them
 * for one edit of the manifest to be right. An object that nobody shares is itself, unless its overlay has its annotations.
 */
export function chooseObjects<T extends PlacedObject>(
  object: T,
  { mode, splitter }: SharedBases,
  split: (object: T) => readonly T[],
  meaningOf: (one: T) => string,
): readonly T[] {
  const isKept = splitter.isKeptInOverlay(object);
  if (object.roots.length < 2 && !isKept) return [object];
  if (mode === 'skip')
    return [leftAlone(object, 'The branch is configured to leave shared manifests alone.', NOT_SKIP)];
  if (!splitter.canSplit(object)) return [leftAlone(object, 'No single overlay can be patched for it.', OWN_COPY)];
  const alone = split(object);
  const isSame = new Set(alone.map(meaningOf)).size === 1 && alone.every(({ patchedBy }) => patchedBy === null);
  return mode === 'base' && isSame && !isKept ? [object] : alone;
}

const NOT_SKIP = 'Set spec.repositories[].branches[].kustomize to base or overlay, or bump it by hand.';
const OWN_COPY = 'Give each overlay its own copy, or bump it by hand.';

function leftAlone<T extends PlacedObject>(object: T, why: string, hint: string): T {
  const reason = `Kustomizations that include it: ${shown(object.roots)}. ${why}`;
  const editedIn: EditHome = { kind: 'nowhere', manifest: object.path, reason, hint };
  return { ...object, editedIn };
}

function shown(roots: readonly RepoPath[]): string {
  const rest = roots.length > 10 ? ` and ${roots.length - 10} more` : '';
  return `${roots.slice(0, 10).join(', ')}${rest}`;
}
