import type { RepoPath } from '../../../domain/repo-path.ts';

import { overlayFileOf } from '../../edit/overlay/overlay-file.ts';
import type { Facts, Placed } from '../../objects.ts';
import type { DeployedBy } from '../../reading/deployers/deployed-by.ts';
import { isClusterWide } from '../cluster/only-reported.ts';
import { fillIn, fillText } from '../deployers/fill-in.ts';
import { effectiveNames, type Located, onlyNamespace, type Placement, rootsOf } from '../placement.ts';
import { type GeneratedSecrets, takenOverIn } from './built/generated-secrets.ts';
import { overlaysOf, patchedBy } from './overlaid.ts';
import type { Overlay } from './overlays.ts';

/** An object with its placements and with what may change it on its way to the cluster. */
export type PlacedObject = Placed<Facts> &
  Located & {
    readonly overlays: readonly Overlay[];
    /** Of one that kustomizations have made something of: as it was before, with its place. */
    readonly written?: PlacedObject;
    /** The patches that have made it what it is; left out for stores. */
    readonly carriedOut?: readonly Overlay[];
  };

/** What kustomizations make of a file: nothing where none reaches it. */
export interface Reached {
  readonly placements: readonly Placement[] | undefined;
  readonly overlays: readonly Overlay[] | undefined;
  readonly generated: GeneratedSecrets;
}

const NONE: readonly never[] = [];
const UNPLACED: readonly Placement[] = [{ root: null, namespace: null, prefix: '', suffix: '' }];

/** An object with its place. A kustomization's namespace overrides the manifest's own. */
export function placeObject(object: Facts, path: RepoPath, reached: Reached): PlacedObject {
  const placements = (reached.placements ?? UNPLACED).map((one) => {
    const namespace = namespaceIn(object, one);
    return namespace === one.namespace ? one : { ...one, namespace };
  });
  const deployedBy = deployersOf(placements);
  const roots = rootsOf(placements);
  // A marker marks a text, wherever that is used: no patch is about it.
  const isMarker = 'marker' in object && object.marker !== undefined;
  const patches = isMarker ? NONE : (reached.overlays ?? NONE);
  const found = overlaysOf(object, patches, placements);
  const overlays = found.length === 0 ? NONE : found.filter((one) => !isOurs(one, roots));
  return {
    path,
    ...fillIn(takingOver(renamed(object, placements), placements, reached.generated), placements),
    editedIn: { kind: 'manifest' },
    placements,
    overlays,
    resolvedNamespace: onlyNamespace(placements),
    roots,
    patchedBy: patchedBy(object, overlays),
    deployedBy,
  };
}

/** A workload with those of its Secrets that kustomizations put others in the place of. */
export function takingOver<T extends Facts>(
  object: T,
  placements: readonly Placement[],
  generated: GeneratedSecrets,
): T {
  if (object.type !== 'workload') return object;
  const takenOver = takenOverIn(object, placements, generated);
  return takenOver.length === 0 && object.takenOver === undefined ? object : { ...object, takenOver };
}

/** What deploys it comes last: it only helps out objects that have none. */
function namespaceIn(object: Facts, { namespace, deployer }: Placement): string | null {
  if (isClusterWide(object)) return null;
  const said = namespace ?? object.namespace;
  return said === null ? (deployer?.otherwise ?? null) : fillText(said, deployer?.substitution ?? null);
}

function deployersOf(placements: readonly Placement[]): readonly DeployedBy[] {
  if (placements.every(({ deployer }) => deployer === undefined)) return NONE;
  const deployers = placements.flatMap(({ deployer }) => deployer ?? []);
  return [
    ...new Map(
      deployers.map(({ name, state, gate }) => [name, { name, state, ...(gate === undefined ? {} : { gate }) }]),
    ).values(),
  ];
}

/** Our patch file beside a root is where we write; one further in, which something includes by now, is in the way. */
function isOurs({ from, by }: Overlay, roots: readonly RepoPath[]): boolean {
  return by === overlayFileOf(from) && roots.includes(from);
}

/** An ExternalSecret that does not name its Secret gives it its own name, as it is in the cluster. */
function renamed(object: Facts, placements: readonly Placement[]): Facts {
  if (object.type !== 'external-secret' || object.namesTarget) return object;
  const [name = object.name, ...others] = effectiveNames(object.name, placements);
  return others.length > 0 || name === object.targetName ? object : { ...object, targetName: name };
}
