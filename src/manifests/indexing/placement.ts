import { folderOf, type RepoPath } from '../../domain/repo-path.ts';
import type { DeployedBy } from '../reading/deployers/deployed-by.ts';

const NONE: readonly never[] = [];

/** One Argo CD Application or Flux Kustomization: by its name it is told from every other. */
export interface Deployment extends DeployedBy {
  readonly manifest: RepoPath;
  /** The namespace of objects that have none by then; null where it sets none. */
  readonly otherwise: string | null;
  /** Another text is another cluster; null where it cannot be told. */
  readonly cluster: string | null;
  /** What Flux fills into its files; null where it leaves them alone. */
  readonly substitution: Substitution | null;
}

/** Values for `${name}`. */
export interface Substitution {
  readonly values: ReadonlyMap<string, string>;
  /** True where the cluster may have more of them. */
  readonly isOpenEnded: boolean;
}

/** One way in which a file comes to a cluster. */
export interface Placement {
  /** The outermost kustomization that includes it; null when none does. */
  readonly root: RepoPath | null;
  /** The namespace its objects get there; null when nothing says it. */
  readonly namespace: string | null;
  /** What the kustomizations on the way put before and after its objects' names. */
  readonly prefix: string;
  readonly suffix: string;
  /** What deploys it; left out where nothing here does. */
  readonly deployer?: Deployment;
}

/** A file's place, and the placements of one object in it. */
export interface Located {
  readonly path: RepoPath;
  readonly placements: readonly Placement[];
  /** All deployments (`deploymentKey`) that are looked at by themselves: what only the others reach is never near to this one. */
  readonly apart?: ReadonlySet<string>;
}

/** The one namespace of all placements, or null when they differ or say none. */
export function onlyNamespace(placements: readonly Placement[]): string | null {
  const [first] = placements;
  return first !== undefined && placements.every(({ namespace }) => namespace === first.namespace)
    ? first.namespace
    : null;
}

/** The roots of all placements, sorted, none twice. */
export function rootsOf(placements: readonly Placement[]): readonly RepoPath[] {
  const [only, ...others] = placements;
  if (only !== undefined && others.length === 0) return only.root === null ? NONE : [only.root];
  const roots = new Set(placements.flatMap(({ root }) => (root === null ? [] : [root])));
  return [...roots].toSorted();
}

/** What the objects of one name are called in the cluster, each name once. */
export function effectiveNames(name: string, placements: readonly Placement[]): readonly string[] {
  const [only, ...others] = placements;
  if (only !== undefined && others.length === 0) return [`${only.prefix}${name}${only.suffix}`];
  return [...new Set(placements.map(({ prefix, suffix }) => `${prefix}${name}${suffix}`))];
}

/** Equal for placements through the same outermost kustomization that the same Application or Flux Kustomization deploys. */
export function deploymentKey({ root, deployer }: Placement): string {
  return JSON.stringify([root, deployer?.name ?? null]);
}

/** True when one build holds both: they certainly meet in the same cluster. */
export function sameBuild(one: Located, other: Located): boolean {
  return one.placements.some((left) => other.placements.some((right) => isOneBuild(left, right)));
}

/** What one Application or Flux Kustomization deploys is one build, whatever kustomizations it goes through. */
function isOneBuild(left: Placement, right: Placement): boolean {
  if (left.deployer !== undefined || right.deployer !== undefined) return left.deployer?.name === right.deployer?.name;
  return left.root !== null && left.root === right.root;
}

/** How many characters of folder names two paths have in common, from the top on. */
export function sharedDepth(one: Located, other: Located): number {
  let depth = 0;
  for (let at = 0; at < one.path.length && one.path[at] === other.path[at]; at += 1) {
    if (one.path[at] === '/') depth = at + 1;
  }
  return depth;
}

/** Objects by name and neighbourhood, so that a look-up costs no more than its answer. Answers are in no order. */
export interface Neighbours<T extends Located> {
  /** Those of this name in the same namespace that are certainly close: under the same root or in the same folder. */
  readonly findNear: (name: string, from: Located) => readonly T[];
  /**
   * The objects of this name in the same namespace. Where one of the namespaces is unknown: those under the same root or
   * in the same folder.
   */
  readonly find: (name: string, from: Located) => readonly T[];
  readonly add: (object: T) => void;
  readonly remove: (object: T) => void;
}

/** Prepares objects for being found by name and neighbourhood. */
export function createNeighbours<T extends Located>(
  objects: readonly T[],
  namesOf: (object: T) => readonly string[],
): Neighbours<T> {
  const byPlace = new Map<string, T[]>();
  const keysOf = (object: T) => namesOf(object).flatMap((name) => placeKeys(name, object));
  const add = (object: T): void => {
    for (const key of keysOf(object)) {
      const known = byPlace.get(key);
      if (known === undefined) byPlace.set(key, [object]);
      else if (known.at(-1) !== object) known.push(object);
    }
  };
  const remove = (object: T): void => {
    for (const key of keysOf(object)) {
      const left = byPlace.get(key)?.filter((one) => one !== object) ?? [];
      if (left.length === 0) byPlace.delete(key);
      else byPlace.set(key, left);
    }
  };
  const lookUp = (keys: readonly string[], from: Located): readonly T[] => {
    const found = new Set<T>();
    for (const key of keys) for (const one of byPlace.get(key) ?? []) found.add(one);
    return found.size === 0 ? NONE : [...found].filter((one) => sameNamespace(one, from));
  };
  for (const object of objects) add(object);
  return {
    findNear: (name, from) => lookUp(nearKeys(name, from), from),
    find: (name, from) => lookUp(placeKeys(name, from), from),
    add,
    remove,
  };
}

/** The keys of one name in all places of an object. Of a text that may hold anything the length tells where it ends. */
function placeKeys(name: string, located: Located): readonly string[] {
  const keys = nearKeys(name, located);
  for (const { namespace, deployer } of located.placements) {
    if (deployer !== undefined) addOnce(keys, `deployer ${deployer.name.length} ${deployer.name}${name}`);
    if (namespace !== null) addOnce(keys, `namespace ${namespace.length} ${namespace}${name}`);
  }
  return keys;
}

function nearKeys(name: string, { path, placements }: Located): string[] {
  const folder = folderOf(path);
  const keys = [`folder ${folder.length} ${folder}${name}`];
  for (const { root } of placements) if (root !== null) addOnce(keys, `root ${root.length} ${root}${name}`);
  return keys;
}

/** Looking through a short list is cheaper than a set. */
function addOnce(keys: string[], key: string): void {
  if (keys.length > 16 || !keys.includes(key)) keys.push(key);
}

/** Where both are part of the same builds, only what they get in the same build is compared. */
function sameNamespace(one: Located, other: Located): boolean {
  if (isApart(one, other) || isApart(other, one)) return false;
  const shared = sameBuild(one, other);
  const close = shared || folderOf(one.path) === folderOf(other.path);
  return one.placements.some((left) =>
    other.placements.some((right) => {
      if (shared ? !isOneBuild(left, right) : inOtherClusters(left, right)) return false;
      if (left.namespace !== null && right.namespace !== null) return left.namespace === right.namespace;
      return close;
    }),
  );
}

function inOtherClusters({ deployer: left }: Placement, { deployer: right }: Placement): boolean {
  if (left?.cluster === right?.cluster) return false;
  const clusters = [left?.cluster ?? null, right?.cluster ?? null].map((cluster) => cluster?.split(' ') ?? []);
  const [[field, one] = [], [otherField, other] = []] = clusters;
  return field !== undefined && field === otherField && one !== other;
}

function isApart(one: Located, other: Located): boolean {
  const { apart } = one;
  if (apart === undefined) return false;
  const own = new Set(one.placements.map((placement) => deploymentKey(placement)));
  const theirs = other.placements.map((placement) => deploymentKey(placement));
  return !theirs.some((key) => own.has(key)) && theirs.every((key) => apart.has(key));
}
