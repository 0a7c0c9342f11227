import type { RepoPath } from '../../../domain/repo-path.ts';
import { overlayFileOf } from '../../edit/overlay/overlay-file.ts';
import type { Facts, Placed } from '../../objects.ts';
import { isClusterWide } from '../cluster/only-reported.ts';
import { effectiveNames, type Located, onlyNamespace, type Placement, rootsOf } from '../placement.ts';
import { overlaysOf, patchedBy } from './overlaid.ts';
import type { Overlay } from './overlays.ts';

/** An object with its placements and with what may change it on its way to the cluster. */
export type PlacedObject = Placed<Facts> & Located & { readonly overlays: readonly Overlay[] };

/** What kustomizations make of a file: nothing where none reaches it. */
export interface Reached {
  readonly placements: readonly Placement[] | undefined;
  readonly overlays: readonly Overlay[] | undefined;
}

/** An object with its place. A kustomization's namespace overrides the manifest's own. */
export function placeObject(object: Facts, path: RepoPath, reached: Reached): PlacedObject {
  const own = reached.placements ?? [{ root: null, namespace: null, prefix: '', suffix: '' }];
  const placements = own.map((one) => ({
    ...one,
    namespace: isClusterWide(object) ? null : (one.namespace ?? object.namespace),
  }));
  const roots = rootsOf(placements);
  // A marker marks a text, wherever that is used: no patch is about it.
  const isMarker = 'marker' in object && object.marker !== undefined;
  const patches = isMarker ? [] : (reached.overlays ?? []);
  const overlays = overlaysOf(object, patches, placements).filter((one) => !isOurs(one, roots));
  return {
    ...renamed(object, placements),
    path,
    editedIn: { kind: 'manifest' },
    placements,
    overlays,
    resolvedNamespace: onlyNamespace(placements),
    roots,
    patchedBy: patchedBy(object, overlays),
  };
}

/** Our patch file beside a root is where we write; one further in, which something includes by now, is in the way. */
function isOurs({ from, by }: Overlay, roots: readonly RepoPath[]): boolean {
  return by === overlayFileOf(from) && roots.includes(from);
}

/** An ExternalSecret that does not name its Secret gives it its own name, as it is in the cluster. */
function renamed(object: Facts, placements: readonly Placement[]): Facts {
  if (object.type !== 'external-secret' || object.namesTarget) return object;
  const [name = object.name, ...others] = effectiveNames(object.name, placements);
  return others.length === 0 ? { ...object, targetName: name } : object;
}
