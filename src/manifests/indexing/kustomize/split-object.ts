import type { RepoPath } from '../../../domain/repo-path.ts';
import { isOverlayFile, overlayFileOf } from '../../edit/overlay/overlay-file.ts';
import type { BlobFacts, EditHome, Facts, ObjectFacts } from '../../objects.ts';
import { groupOf } from '../../reading/object-header.ts';
import { fillIn } from '../deployers/fill-in.ts';
import { deploymentKey, effectiveNames, type Placement, rootsOf } from '../placement.ts';
import { asPatched } from './apply-patches.ts';
import type { GeneratedSecrets } from './built/generated-secrets.ts';
import { type KustomizeNode, patchFilesOf } from './kustomize-graph.ts';
import type { Overlay } from './overlays.ts';
import { type PlacedObject, placeObject, type Reached } from './place-object.ts';

/** Looks at an object through each outermost kustomization by itself, so that each can have a patch of its own. */
export interface Splitter {
  /** True where it may be looked at through each of its roots: some kustomization has it as a resource. */
  readonly canSplit: (object: PlacedObject) => boolean;
  /** True where a root's patch file of ours already has annotations for it: that is where they are then. */
  readonly isKeptInOverlay: (object: PlacedObject) => boolean;
  /** One object for each root, with the annotations and the namespace that it has there. */
  readonly split: (object: PlacedObject) => readonly PlacedObject[];
  /** One object for each Application or Flux Kustomization that deploys it on the same way; itself where that is one. */
  readonly parts: (object: PlacedObject) => readonly PlacedObject[];
  /** True where it is deployed too often to be looked at once for each. */
  readonly isTooOften: (object: PlacedObject) => boolean;
}

/** What splitting needs to know of the repository. */
export interface SplitContext {
  readonly nodes: readonly KustomizeNode[];
  readonly placements: ReadonlyMap<RepoPath, readonly Placement[]>;
  readonly generated: GeneratedSecrets;
  /** Files that are patches and nothing else. */
  readonly patches: ReadonlySet<RepoPath>;
  readonly files: readonly { readonly path: RepoPath; readonly facts: BlobFacts }[];
  /** Paths of entries that cannot be read: links and the like. */
  readonly occupied: readonly RepoPath[];
}

// A base that more roots than this share is not split: each of them would be one more object.
const MAX_ROOTS = 256;
// In how many parts all objects together are looked at.
const MAX_PARTS = 50_000;

/** Prepares the look-ups; nothing is computed for repositories without shared files. */
export function createSplitter(placed: readonly PlacedObject[], context: SplitContext): Splitter {
  const roots = new Map(context.nodes.map((node) => [node.path, node]));
  const entries = readEntries(context);
  const states = fileStates(context);
  const names = lazily(() => countNames(placed, context.patches));
  const included = lazily(() => includedIn(context.nodes));
  const canSplit = ({ path, roots: own }: PlacedObject): boolean => {
    return own.length > 0 && own.length <= MAX_ROOTS && !context.patches.has(path);
  };
  const parts = new Map<PlacedObject, readonly PlacedObject[]>();
  let left = MAX_PARTS;
  const entryFor = (object: PlacedObject, root: RepoPath) => entries.get(entryKey(root, object));
  return {
    canSplit,
    isKeptInOverlay: (object) => canSplit(object) && object.roots.some((root) => entryFor(object, root) !== undefined),
    split: (object) => {
      const apart = deploymentsOf(object);
      const byRoot = groupByRoot(object.placements);
      return object.roots.map((root) => {
        const placements = byRoot.get(root) ?? [];
        const overlays = overlaysAt(object, placements, ({ from }) => isReached(context, from, root));
        const alone = alonePlaced(object, { placements, overlays, generated: context.generated });
        const file = overlayFileOf(root);
        const node = roots.get(root);
        const state = states.get(file ?? '');
        const home = homeOf(alone, { node, file, state, twins: names(), includedBy: included().get(root) ?? null });
        const annotated = withAnnotations(alone, entryFor(object, root));
        return { ...annotated, path: file ?? object.path, document: 0, item: null, editedIn: home, apart };
      });
    },
    parts: (object) => {
      const known = parts.get(object);
      if (known !== undefined) return known;
      const groups = groupByDeployment(object);
      const isOne = groups.length < 2 || groups.length > Math.min(MAX_ROOTS, left);
      if (!isOne) left -= groups.length;
      const found = isOne ? [object] : partsOf(object, groups, context.generated);
      parts.set(object, found);
      return found;
    },
    isTooOften: (object) => parts.get(object)?.length === 1 && groupByDeployment(object).length > 1,
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

/** An object as these placements alone make it. */
function alonePlaced(object: PlacedObject, reached: Reached): PlacedObject {
  const own = placeObject(object, object.path, reached);
  return own.type === 'external-secret' ? fillIn(asPatched(own), own.placements) : own;
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
  generated: GeneratedSecrets,
): readonly PlacedObject[] {
  const apart = object.apart ?? deploymentsOf(object);
  return groups.map((placements) => {
    const alone = alonePlaced(object, { placements, overlays: overlaysAt(object, placements), generated });
    return { ...alone, editedIn: object.editedIn, apart };
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

type FileState = 'there' | 'in-the-way';

/** What stands where our patch files are or would be. */
function fileStates({ files, occupied }: SplitContext): ReadonlyMap<string, FileState> {
  const states = new Map<string, FileState>();
  for (const { path } of files) {
    if (isOverlayFile(path)) states.set(path, 'there');
    const [folder] = /^(?:.*\/)?gitops-reloader\.patch\.yaml(?=\/)/.exec(path) ?? [];
    if (folder !== undefined) states.set(folder, 'in-the-way');
  }
  for (const path of occupied) if (isOverlayFile(path) && !states.has(path)) states.set(path, 'in-the-way');
  return states;
}

interface HomeFacts {
  readonly node: KustomizeNode | undefined;
  readonly file: RepoPath | null;
  readonly state: FileState | undefined;
  /** How often each root has an object of this kind and name. */
  readonly twins: ReadonlyMap<string, number>;
  /** A kustomization that includes the root, which is one because something deploys it as it is. */
  readonly includedBy: RepoPath | null;
}

/** Of each kustomization that others include, one of those. */
function includedIn(nodes: readonly KustomizeNode[]): ReadonlyMap<RepoPath, RepoPath> {
  return new Map(nodes.flatMap(({ path, children }) => children.map((child) => [child.path, path] as const)));
}

function homeOf(object: PlacedObject, { node, file, state, twins, includedBy }: HomeFacts): EditHome {
  const { path: manifest, kind, name } = object;
  const [root] = object.roots;
  const through = root === undefined ? {} : { kustomization: root };
  const nowhere = (reason: string, hint: string): EditHome => ({ kind: 'nowhere', manifest, ...through, reason, hint });
  if (root === undefined || node === undefined || file === null) {
    return nowhere('The kustomization that deploys it is not known.', 'Bump it by hand.');
  }
  if (node.facts.kind === 'Component') {
    return nowhere(
      `${root} is a Component that nothing here uses: who deploys it cannot be told.`,
      'Name the component in an overlay of this repository, or bump it by hand.',
    );
  }
  if (includedBy !== null) {
    return nowhere(
      `${root} is deployed as it is, and ${includedBy} includes it: a patch there would reach both.`,
      'Deploy it through an overlay of its own, or bump it by hand.',
    );
  }
  if (state === 'in-the-way') {
    return nowhere(`${file} is no plain file that can be read.`, 'Remove it, so that a patch can be written there.');
  }
  if ((twins.get(twinKey(root, kind, name, object.namespace)) ?? 0) > 1) {
    return nowhere(
      `${root} has several objects ${kind} ${name}: a patch would not tell them apart.`,
      'Give them different names or namespaces in their manifests, or bump them by hand.',
    );
  }
  return { kind: 'overlay', manifest, kustomization: root, file: state === 'there' ? 'there' : 'absent' };
}

/**
 * Kustomize finds what a patch is for by the names that an object has had on its way, the written one first. Counted for each
 * root: an object that comes to it twice is there twice.
 */
function countNames(placed: readonly PlacedObject[], patches: ReadonlySet<RepoPath>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of placed) {
    if (object.type === 'kustomization' || patches.has(object.path)) continue;
    for (const root of rootsOf(object.placements)) {
      const own = object.placements.filter((one) => one.root === root);
      // Each who deploys it builds it once more, by itself.
      const within = own.filter(({ deployer }) => deployer?.name === own[0]?.deployer?.name);
      const names = new Set([object.name, ...effectiveNames(object.name, within)]);
      for (const name of names) {
        const key = twinKey(root, object.kind, name, object.namespace);
        counts.set(key, (counts.get(key) ?? 0) + (name === object.name ? within.length : 1));
      }
    }
  }
  return counts;
}

function twinKey(root: RepoPath, kind: string, name: string, namespace: string | null): string {
  return JSON.stringify([root, kind, name, namespace ?? 'default']);
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
