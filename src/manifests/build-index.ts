import type { KustomizeMode, SecretPlaces } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';
import { isOverlayFile } from './edit/overlay/overlay-file.ts';
import type { FileProblem, Index } from './graph.ts';
import { changesBetween, fileOf, inOrder } from './indexing/join/changed-files.ts';
import type { File } from './indexing/join/ground.ts';
import { type JoinedFiles, joinAll, joinChanges } from './indexing/join/joined-files.ts';
import { createIndexMaker, type IndexMaker } from './indexing/join/make-index.ts';
import { reachFar } from './indexing/join/reach.ts';

/** One file that was read. Files without anything of interest belong here too: includes and charts are found by path. */
export type IndexedFile = File;

/**
 * Joins the facts of all files of one commit. `problems` are entries that could not be read at all (see `useOfEntry`).
 * Pure, and independent of the order of `files`.
 */
export function buildIndex(
  files: readonly IndexedFile[],
  places: SecretPlaces,
  problems: readonly FileProblem[] = [],
  kustomize: KustomizeMode = 'base',
): Index {
  return createIndexer(places, kustomize).build(files, problems);
}

/** Builds the indexes of one commit after the other. */
export interface Indexer {
  readonly build: (files: readonly IndexedFile[], problems: readonly FileProblem[]) => Index;
}

// More than these are hardly a commit, and joining everything takes no longer.
const MOST_CHANGES = 300;

/** What the next files are compared with. */
interface Last {
  readonly joined: JoinedFiles;
  readonly maker: IndexMaker;
}

/**
 * Each index is the one that {@link buildIndex} makes of the same files. What the last one was joined from is kept: where the next
 * files differ from those (facts count as the same only if they are the very same object) in nothing that reaches far, only what
 * they touch is joined anew.
 */
export function createIndexer(places: SecretPlaces, kustomize: KustomizeMode = 'base'): Indexer {
  let last: Last | null = null;
  const joinAnew = (files: readonly IndexedFile[], occupied: readonly RepoPath[]): Last => {
    const joined = joinAll(files, occupied, { places, kustomize });
    return { joined, maker: createIndexMaker(joined, places) };
  };
  return {
    build: (files, problems) => {
      const occupied = problems.flatMap(({ path }) => (isOverlayFile(path) ? [path] : []));
      const earlier = last;
      // Whatever is thrown on the way leaves nothing half joined.
      last = null;
      const next = earlier === null ? null : joinOn(earlier, files, occupied);
      const made = next ?? joinAnew(inOrder(files), occupied);
      const index = made.maker.make(problems);
      last = made;
      return index;
    },
  };
}

/** On what is there; null where that does not do. */
function joinOn({ joined, maker }: Last, files: readonly IndexedFile[], occupied: readonly RepoPath[]): Last | null {
  const changes = changesBetween(joined.files, files, MOST_CHANGES);
  const isNear = changes !== null && sameTexts(joined.occupied, occupied) && !reachFar(changes, joined);
  if (!isNear) return null;
  const paths = changes.map((change) => fileOf(change).path);
  const before = paths.flatMap((path) => joined.joined.get(path) ?? []);
  const next = joinChanges(joined, files, changes);
  maker.follow(next, paths, before);
  return next.ground.isWhole() ? { joined: next, maker } : null;
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one, at) => one === right[at]);
}
