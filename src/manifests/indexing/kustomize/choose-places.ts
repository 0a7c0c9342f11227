import type { KustomizeMode } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import { type EditHome, manifestOf } from '../../objects.ts';
import { onlyNamespace, rootsOf } from '../placement.ts';
import { oneOrdering } from './built/ordering.ts';
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
  { split, parts, join = (one) => one }: Ways<T>,
  meaningOf: (one: T) => string,
): readonly T[] {
  const isKept = splitter.isKeptInOverlay(object);
  const isShared = object.roots.length > 1;
  const inParts = () => {
    const all = parts(object);
    return splitter.isTooOften(object) ? [leftAlone(object, TOO_OFTEN, OWN_COPY)] : oneOfParts(object, all, meaningOf);
  };
  if (!isShared && !isKept) return inParts();
  if (mode === 'skip')
    return [leftAlone(object, 'The branch is configured to leave shared manifests alone.', NOT_SKIP)];
  if (!splitter.canSplit(object)) return [leftAlone(object, 'No single overlay can be patched for it.', OWN_COPY)];
  if (object.placements.some(({ root }) => root === null)) return inParts();
  const alone = split(object);
  const all = alone.flatMap((one) => parts(one));
  if (alone.some((one) => splitter.isTooOften(one))) return [leftAlone(object, TOO_OFTEN, OWN_COPY)];
  const isSame = new Set(all.map(meaningOf)).size === 1 && all.every(({ patchedBy }) => patchedBy === null);
  return mode === 'base' && isSame && !isKept
    ? [join(joined(object, alone), alone)]
    : alone.flatMap((one) => oneOfParts(one, parts(one), meaningOf));
}

/** One object for all that it is where it is deployed: what they mean is the same, whatever was made of it on the way. */
function joined<T extends PlacedObject>(object: T, alone: readonly T[]): T {
  const [first] = alone;
  if (first === undefined || object.overlays.length === 0) return object;
  const { path, document, item, editedIn, apart } = object;
  // Of several, each may have some of its own beside those of the manifest.
  const { annotations } = alone.length === 1 ? first : object;
  const placements = alone.flatMap((one) => one.placements);
  const carriedOut = alone.flatMap((one) => one.carriedOut ?? []);
  const named = 'targetName' in object && !('namesTarget' in first && first.namesTarget) ? object.targetName : null;
  return {
    ...object,
    ...first,
    path,
    document,
    item,
    editedIn,
    annotations,
    // What could not be carried out in any of them.
    overlays: [...new Set(alone.flatMap(({ overlays }) => overlays))],
    apart,
    placements,
    roots: rootsOf(placements),
    resolvedNamespace: onlyNamespace(placements),
    deployedBy: object.deployedBy ?? [],
    carriedOut,
    ordering: oneOrdering(alone),
    ...(named === null ? {} : { targetName: named }),
  };
}

/**
 * How the deployments of an object are looked at: through each outermost kustomization, and through each deployer of those. `join` makes
 * one of the former, given the first of them in its place.
 */
export interface Ways<T> {
  readonly split: (object: T) => readonly T[];
  readonly parts: (object: T) => readonly T[];
  readonly join?: (object: T, alone: readonly T[]) => T;
}

/** An object where all who deploy it mean the same; else what it is for each, and no file here can tell them apart. */
function oneOfParts<T extends PlacedObject>(
  object: T,
  parts: readonly T[],
  meaningOf: (one: T) => string,
): readonly T[] {
  if (parts.length < 2 || object.editedIn.kind === 'nowhere') return [object];
  if (parts.some(({ patchedBy }) => patchedBy !== null)) return [object];
  if (new Set(parts.map(meaningOf)).size === 1) return [object];
  return parts.map((part) => {
    const [by] = part.deployedBy ?? [];
    const who = by === undefined ? 'this is where nothing here deploys it' : `this is ${by.name}`;
    const reason = `It is deployed ${parts.length} times, and not with the same meaning; ${who}.`;
    return { ...part, editedIn: { kind: 'nowhere', manifest: manifestOf(part), reason, hint: OWN_OVERLAY } };
  });
}

const OWN_OVERLAY = 'Deploy each through a kustomization of its own, which can be patched, or bump it by hand.';
const TOO_OFTEN = 'It is deployed too often to be compared.';
const NOT_SKIP = 'Set spec.repositories[].branches[].kustomize to base or overlay, or bump it by hand.';
const OWN_COPY = 'Give each overlay its own copy, or bump it by hand.';

function leftAlone<T extends PlacedObject>(object: T, why: string, hint: string): T {
  const by = object.roots.length === 0 ? '' : `Kustomizations that include it: ${shown(object.roots)}. `;
  const reason = `${by}${why}`;
  const editedIn: EditHome = { kind: 'nowhere', manifest: object.path, reason, hint };
  return { ...object, editedIn };
}

function shown(roots: readonly RepoPath[]): string {
  const rest = roots.length > 10 ? ` and ${roots.length - 10} more` : '';
  return `${roots.slice(0, 10).join(', ')}${rest}`;
}
