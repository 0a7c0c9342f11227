import type { RepoPath } from '../../../domain/repo-path.ts';
import { isOverlayFile, overlayFileOf } from '../../edit/overlay/overlay-file.ts';
import type { BlobFacts, Facts, ObjectFacts } from '../../objects.ts';
import { groupOf } from '../../reading/object-header.ts';
import { fillIn } from '../deployers/fill-in.ts';
import { deploymentKey, type Placement } from '../placement.ts';
import { type BuildObject, createBuilder } from './build/build-object.ts';
import { scaledIn, scales } from './build/scaled-workload.ts';
import type { GeneratedSecrets } from './built/generated-secrets.ts';
import { type KustomizeNode, patchFilesOf } from './kustomize-graph.ts';
import { countNames, fileStates, homeOf, includedIn } from './overlay-home.ts';
import type { Overlay, Overlays } from './overlays.ts';
import { type PlacedObject, placeObject, type Reached, takingOver } from './place-object.ts';

/** Looks at an object through each outermost kustomization by itself, so that each can have a patch of its own. */
export interface Splitter {
  /** True where it may be looked at through each of its roots: some kustomization has it as a resource. */
  readonly canSplit: (object: PlacedObject) => boolean;
  /** True where a root's patch file of ours already has annotations for it: that is where they are then. */
  readonly isKeptInOverlay: (object: PlacedObject) => boolean;
  /**
   * What kustomizations make of an object that comes to one root alone, and of a store or a restart source in each; none where it
   * is deleted. Of every workload, how many pods it has.
   */
  readonly settle: (object: PlacedObject) => readonly PlacedObject[];
  /** One object for each root that has it, with the annotations and the namespace that it has there. */
  readonly split: (object: PlacedObject) => readonly PlacedObject[];
  /** One object for each Application or Flux Kustomization that deploys it on the same way; itself where that is one. */
  readonly parts: (object: PlacedObject) => readonly PlacedObject[];
  /** True once it was counted how many objects of one name there are. */
  readonly hasCounted: () => boolean;
  /** False once not every object may have been looked at in parts: then it depends on others which are. */
  readonly isAllLookedAt: () => boolean;
  /** True where it is deployed too often to be looked at once for each. */
  readonly isTooOften: (object: PlacedObject) => boolean;
}

/** What splitting needs to know of the repository. */
export interface SplitContext {
  readonly nodes: readonly KustomizeNode[];
  readonly placements: ReadonlyMap<RepoPath, readonly Placement[]>;
  /** Files that are patches and nothing else. */
  readonly patches: ReadonlySet<RepoPath>;
  /** Those that are our patch files, or lie where one would be, and those with ConfigMaps. */
  readonly files: readonly { readonly path: RepoPath; readonly facts: BlobFacts }[];
  /** Paths of entries that cannot be read: links and the like. */
  readonly occupied: readonly RepoPath[];
  readonly overlays: Overlays['byKustomization'];
  readonly generated: GeneratedSecrets;
}

// A base that more roots than this share is not split: each of them would be one more object.
const MAX_ROOTS = 256;
// In how many parts all objects together are looked at.
const MAX_PARTS = 50_000;

/** Prepares the look-ups; nothing is computed for repositories without shared files. */
export function createSplitter(placed: () => Iterable<PlacedObject>, context: SplitContext): Splitter {
  const roots = lazily(() => new Map(context.nodes.map((node) => [node.path, node])));
  const entries = readEntries(context);
  const states = fileStates(context.files, context.occupied);
  let hasCounted = false;
  const names = lazily(() => {
    hasCounted = true;
    return countNames(placed(), context.patches);
  });
  const included = lazily(() => includedIn(context.nodes));
  const build = createBuilder({
    ...context,
    overlaysOf: (path) => context.overlays.get(path) ?? [],
    isReached: (from, root) => isReached(context, from, root),
  });
  const alonePlaced: PlaceAlone = (object, reached) => {
    return builtAlone(object, { ...reached, generated: context.generated }, build);
  };
  const canSplit = ({ path, roots: own }: PlacedObject): boolean => {
    return own.length > 0 && own.length <= MAX_ROOTS && !context.patches.has(path);
  };
  const parts = new WeakMap<PlacedObject, readonly PlacedObject[]>();
  let left = MAX_PARTS;
  const entryFor = (object: PlacedObject, root: RepoPath) => entries.get(entryKey(root, object));
  return {
    canSplit,
    isKeptInOverlay: (object) =>
      entries.size > 0 && canSplit(object) && object.roots.some((root) => entryFor(object, root) !== undefined),
    settle: createSettler(context, alonePlaced),
    split: (object) => {
      const apart = deploymentsOf(object);
      const byRoot = groupByRoot(object.placements);
      return object.roots.flatMap((root) => {
        const placements = byRoot.get(root) ?? [];
        const overlays = overlaysAt(writtenOf(object), placements, ({ from }) => isReached(context, from, root));
        const alone = alonePlaced(object, { placements, overlays });
        if (alone === null) return [];
        const file = overlayFileOf(root);
        const node = roots().get(root);
        const state = states.get(file ?? '');
        const home = homeOf(alone, { node, file, state, twins: names(), includedBy: included().get(root) ?? null });
        const annotated = withAnnotations(alone, entryFor(object, root));
        return [{ ...annotated, path: file ?? object.path, document: 0, item: null, editedIn: home, apart }];
      });
    },
    parts: (object) => {
      const known = parts.get(object);
      if (known !== undefined) return known;
      const groups = groupByDeployment(object);
      const isOne = groups.length < 2 || groups.length > Math.min(MAX_ROOTS, left);
      if (!isOne) left -= groups.length;
      const found = isOne ? [object] : partsOf(object, groups, alonePlaced);
      parts.set(object, found);
      return found;
    },
    hasCounted: () => hasCounted,
    isAllLookedAt: () => left >= MAX_ROOTS,
    isTooOften: (object) => parts.get(object)?.length === 1 && groupByDeployment(object).length > 1,
  };
}

function createSettler(context: SplitContext, alonePlaced: PlaceAlone): Splitter['settle'] {
  const inEachRoot = (object: PlacedObject): readonly PlacedObject[] => {
    return [...groupByRoot(object.placements)].flatMap(([root, placements]) => {
      const isHere = ({ from }: Overlay) => root !== null && isReached(context, from, root);
      return alonePlaced(object, { placements, overlays: overlaysAt(object, placements, isHere) }) ?? [];
    });
  };
  const scaledByAll = (object: PlacedObject): PlacedObject => {
    if (object.type !== 'workload' || !object.overlays.some((one) => scales(one))) return object;
    const scaled = scaledIn(inEachRoot(object).flatMap((one) => (one.type === 'workload' ? [one] : [])));
    return scaled === undefined ? object : { ...object, scaled, written: object };
  };
  return (object) => {
    if (object.overlays.length === 0 || object.roots.length > MAX_ROOTS) return [object];
    const isInRoots = object.placements.every(({ root }) => root !== null);
    const isApart = object.type === 'store' || object.type === 'restart-source';
    return isInRoots && (object.roots.length === 1 || isApart) ? inEachRoot(object) : [scaledByAll(object)];
  };
}

function deploymentsOf({ placements }: PlacedObject): ReadonlySet<string> {
  return new Set(placements.map((placement) => deploymentKey(placement)));
}

/** The overlays on the way of these placements. */
function overlaysAt(
  { overlays }: PlacedObject,
  placements: readonly Placement[],
  isOnTheWay: (overlay: Overlay) => boolean = () => true,
): readonly Overlay[] {
  const deployers = new Set(placements.map(({ deployer }) => deployer?.name));
  return overlays.filter((one) => (one.deployer === undefined ? isOnTheWay(one) : deployers.has(one.deployer)));
}

/** An object as some placements and overlays alone make it; null where it is not there. */
type PlaceAlone = (object: PlacedObject, reached: Omit<Reached, 'generated'>) => PlacedObject | null;

function builtAlone(object: PlacedObject, reached: Reached, build: BuildObject): PlacedObject | null {
  const written = writtenOf(object);
  const own = placeObject(written, written.path, reached);
  const built = build(own);
  if (built === null) return null;
  const settled: PlacedObject = { ...built, written: own };
  if (settled.type === 'workload') return takingOver(settled, own.placements, reached.generated);
  return settled.type === 'external-secret' ? fillIn(settled, own.placements) : settled;
}

function writtenOf(object: PlacedObject): PlacedObject {
  return object.written ?? object;
}

/** Its placements by deployment; nothing where nothing here deploys it. */
function groupByDeployment({ placements }: PlacedObject): readonly (readonly Placement[])[] {
  if (placements.every(({ deployer }) => deployer === undefined)) return [];
  const groups = new Map<string, Placement[]>();
  for (const placement of placements) {
    const key = deploymentKey(placement);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placement]);
    else group.push(placement);
  }
  return [...groups.values()];
}

function partsOf(
  object: PlacedObject,
  groups: readonly (readonly Placement[])[],
  alonePlaced: PlaceAlone,
): readonly PlacedObject[] {
  const apart = object.apart ?? deploymentsOf(object);
  const { path, document, item, editedIn } = object;
  return groups.flatMap((placements) => {
    const alone = alonePlaced(object, { placements, overlays: overlaysAt(writtenOf(object), placements) });
    return alone === null ? [] : [{ ...alone, path, document, item, editedIn, apart }];
  });
}

function groupByRoot(placements: readonly Placement[]): ReadonlyMap<RepoPath | null, readonly Placement[]> {
  const groups = new Map<RepoPath | null, Placement[]>();
  for (const placement of placements) {
    const group = groups.get(placement.root);
    if (group === undefined) groups.set(placement.root, [placement]);
    else group.push(placement);
  }
  return groups;
}

function isReached({ placements }: SplitContext, from: RepoPath, root: RepoPath): boolean {
  return from === root || (placements.get(from) ?? []).some((one) => one.root === root);
}

/** The documents of our patch files that their kustomizations list, by root and by what they are for. */
function readEntries({ nodes, files }: SplitContext): ReadonlyMap<string, Facts> {
  const ours = new Map(files.flatMap(({ path, facts }) => (isOverlayFile(path) ? [[path, facts] as const] : [])));
  const entries = new Map<string, Facts>();
  for (const node of ours.size === 0 ? [] : nodes) {
    const file = overlayFileOf(node.path);
    const facts = file === null ? undefined : ours.get(file);
    if (file === null || facts === undefined || !patchFilesOf(node, ours).includes(file)) continue;
    for (const object of facts.objects) entries.set(entryKey(node.path, object), object);
  }
  return entries;
}

function entryKey(root: RepoPath, { apiVersion, kind, name, namespace }: ObjectFacts): string {
  return JSON.stringify([root, groupOf(apiVersion), kind, name, namespace]);
}

/** What a patch sets stands over what the manifest says. */
function withAnnotations(object: PlacedObject, entry: Facts | undefined): PlacedObject {
  if (entry === undefined) return object;
  const annotations = new Map([...object.annotations, ...entry.annotations]);
  if (object.type !== 'workload' || entry.type !== 'workload') return { ...object, annotations };
  const templateAnnotations = new Map([...object.templateAnnotations, ...entry.templateAnnotations]);
  return { ...object, annotations, templateAnnotations };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
