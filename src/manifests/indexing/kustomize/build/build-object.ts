import type { RepoPath } from '../../../../domain/repo-path.ts';
import { overlayFileOf } from '../../../edit/overlay/overlay-file.ts';
import { readPlain } from '../../../reading/kustomize/plain-value.ts';
import { effectiveNames } from '../../placement.ts';
import { orderingAmong } from '../built/ordering.ts';
import type { PlacedObject } from '../place-object.ts';
import { type BuiltObject, selectable, startObject } from './built-object.ts';
import { carryOut } from './carry-out.ts';
import { createValueFinder, type FindValue, type ValueContext } from './find-value.ts';
import { createWayFinder, type FindWay } from './find-way.ts';
import {
  metadataOf,
  readBuilt,
  readBuiltPods,
  readBuiltSource,
  readBuiltStore,
  unknownStore,
  writtenObject,
} from './read-built.ts';
import { withPods, withUnknownPods } from './scaled-workload.ts';

/** An object as its one root makes it: itself where nothing changes it or that cannot be told; null where it is deleted there. */
export type BuildObject = (object: PlacedObject) => PlacedObject | null;

/** What objects are built with. */
export interface Builder extends Omit<ValueContext, 'findWay'> {
  readonly isReached: (from: RepoPath, root: RepoPath) => boolean;
}

/** Prepares the building of objects. */
export function createBuilder(context: Builder): BuildObject {
  const findWay = createWayFinder(context.nodes, context.isReached);
  const findValue = createValueFinder({ ...context, findWay });
  return (object) => {
    const [root, ...others] = object.roots;
    if (root === undefined || others.length > 0 || object.overlays.length === 0) return object;
    return build(object, root, { ...context, findWay, findValue });
  };
}

type Context = Builder & { readonly findWay: FindWay; readonly findValue: FindValue };

function build(object: PlacedObject, root: RepoPath, context: Context): PlacedObject | null {
  const start = startOf(object);
  const way = context.findWay({ kind: 'file', path: object.path }, root);
  if (start === null || way === null || areApart(object)) return untold(object);
  const built = carryOut(start, way, {
    // Our patch file beside the root is where we write.
    overlaysOf: (path) => context.overlaysOf(path).filter((one) => path !== root || one.by !== overlayFileOf(root)),
    outer: object.overlays.filter(({ deployer }) => deployer !== undefined),
    valueFor: (replacement) => context.findValue(replacement, root),
    until: null,
  });
  if (built === null) return null;
  return built === undefined ? untold(object) : toldBy(object, built);
}

/** An object as it was built. */
function toldBy(object: PlacedObject, built: BuiltObject): PlacedObject | null {
  const ordering = orderingAmong(selectable(built).annotations);
  const made = { patchedBy: built.voidedBy, carriedOut: built.patches, ordering };
  if (object.type === 'store') {
    const store = readBuiltStore(object, built);
    return store === null ? unknownStore(object) : { ...object, aws: store.aws, overlays: [] };
  }
  if (object.type === 'restart-source') {
    const source = readBuiltSource(object, built);
    return source === undefined ? object : source && { ...object, ...source, overlays: [], carriedOut: built.patches };
  }
  if (object.type === 'workload') {
    const facts = readBuiltPods(object, built);
    return facts === null ? untold(object) : withPods({ ...facts, ...made, overlays: [] }, built.pods);
  }
  if (object.type !== 'external-secret') return { ...object, overlays: [], patchedBy: built.voidedBy };
  const facts = readBuilt(object, built);
  if (facts === null) return object;
  // Without a name of its own, its Secret is called as it is itself in the cluster.
  const [own = object.name] = effectiveNames(object.name, object.placements);
  const targetName = facts.namesTarget ? facts.targetName : own;
  return { ...object, ...facts, ...made, targetName, overlays: [] };
}

/** What keeps its patches is known to be patched, but for a store, which has nothing of ours. */
function untold(object: PlacedObject): PlacedObject {
  if (object.type === 'workload') return withUnknownPods(object);
  if (object.type !== 'store') return object;
  const isTouched = object.overlays.some(
    ({ touches, fields }) =>
      touches.externalSecret || fields.some((field) => /^(?:spec|\*)(?:$|\.provider|\.\*)/.test(field)),
  );
  return isTouched ? unknownStore(object) : object;
}

/** Several who deploy one root may patch it each in a way of its own. */
function areApart({ placements, overlays }: PlacedObject): boolean {
  const deployers = new Set(placements.map(({ deployer }) => deployer?.name));
  return deployers.size > 1 && overlays.some(({ deployer }) => deployer !== undefined);
}

/** Null for what nobody builds. */
function startOf(object: PlacedObject) {
  if ('marker' in object && object.marker !== undefined) return null;
  if (object.type === 'external-secret' || object.type === 'store' || object.type === 'restart-source')
    return writtenObject(object);
  if (object.type !== 'workload') return null;
  const spec = object.pods === undefined ? {} : { spec: readPlain(object.pods) };
  return startObject(object, { metadata: metadataOf(object), ...spec });
}
