import { folderOf, type RepoPath } from '../../domain/repo-path.ts';

/** One way in which a file comes to a cluster. */
export interface Placement {
  /** The outermost kustomization that includes it; null when none does. */
  readonly root: RepoPath | null;
  /** The namespace its objects get there; null when nothing says it. */
  readonly namespace: string | null;
}

/** A file's place, and the placements of one object in it. */
export interface Located {
  readonly path: RepoPath;
  readonly placements: readonly Placement[];
}

/** The one namespace of all placements, or null when they differ or say none. */
export function onlyNamespace(placements: readonly Placement[]): string | null {
  const namespaces = new Set(placements.map(({ namespace }) => namespace));
  const [first = null] = namespaces;
  return namespaces.size === 1 ? first : null;
}

/** The roots of all placements, sorted, none twice. */
export function rootsOf(placements: readonly Placement[]): readonly RepoPath[] {
  const roots = new Set(placements.flatMap(({ root }) => (root === null ? [] : [root])));
  return [...roots].toSorted();
}

/** True when one build holds both: they certainly meet in the same cluster. */
export function sameBuild(one: Located, other: Located): boolean {
  const roots = new Set(one.placements.map(({ root }) => root));
  return other.placements.some(({ root }) => root !== null && roots.has(root));
}

/** How many folders from the top on two paths have in common. */
export function sharedDepth(one: Located, other: Located): number {
  const left = folderOf(one.path).split('/');
  const right = folderOf(other.path).split('/');
  const end = left.findIndex((segment, at) => segment !== right[at]);
  return end === -1 ? left.length : end;
}

/** Objects by name and neighbourhood, so that a look-up costs no more than its answer. */
export interface Neighbours<T extends Located> {
  /**
   * The objects of this name in the same namespace. Where one of the namespaces is unknown: those under the same root or
   * in the same folder.
   */
  readonly find: (name: string, from: Located) => readonly T[];
}

/** Prepares objects for being found by name and neighbourhood; answers keep the order of `objects`. */
export function createNeighbours<T extends Located>(
  objects: readonly T[],
  nameOf: (object: T) => string,
): Neighbours<T> {
  const byPlace = new Map<string, number[]>();
  for (const [at, object] of objects.entries()) {
    for (const key of placeKeys(nameOf(object), object)) append(byPlace, key, at);
  }
  return {
    find: (name, from) => {
      const found = new Set(placeKeys(name, from).flatMap((key) => byPlace.get(key) ?? []));
      return [...found]
        .toSorted((left, right) => left - right)
        .flatMap((at) => {
          const object = objects[at];
          return object !== undefined && sameNamespace(object, from) ? [object] : [];
        });
    },
  };
}

function placeKeys(name: string, { path, placements }: Located): readonly string[] {
  const places = placements.flatMap(({ root, namespace }) => [
    ...(root === null ? [] : [['root', root]]),
    ...(namespace === null ? [] : [['namespace', namespace]]),
  ]);
  return [...places, ['folder', folderOf(path)]].map((place) => JSON.stringify([...place, name]));
}

/** Where both are part of the same builds, only what they get in the same build is compared. */
function sameNamespace(one: Located, other: Located): boolean {
  const pairs = one.placements.flatMap((left) => other.placements.map((right) => ({ left, right })));
  const shared = pairs.filter(({ left, right }) => left.root !== null && left.root === right.root);
  const sameFolder = folderOf(one.path) === folderOf(other.path);
  return (shared.length > 0 ? shared : pairs).some(({ left, right }) => {
    if (left.namespace !== null && right.namespace !== null) return left.namespace === right.namespace;
    return shared.length > 0 || sameFolder;
  });
}

function append(lists: Map<string, number[]>, key: string, at: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [at]);
  else list.push(at);
}
