import type { KustomizeMode, SecretPlaces } from '../domain/policy.ts';
import type { FileProblem, Index } from './graph.ts';
import { isOverlayFile } from './edit/overlay/overlay-file.ts';
import { areDistinct, changesBetween, inOrder } from './indexing/join/changed-files.ts';
import { sameItems } from './indexing/join/feeding.ts';
import type { File } from './indexing/join/ground.ts';
import { type JoinedFiles, joinAll, joinChanges } from './indexing/join/joined-files.ts';
import { makeIndex } from './indexing/join/make-index.ts';
import { reachFar } from './indexing/join/reach.ts';
import { createWorkloadChoices } from './indexing/join/workload-choices.ts';

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

// More than these are no commit but another repository.
const MOST_CHANGES = 1000;

/**
 * Each index is the one that {@link buildIndex} makes of the same files. What the last one was joined from is kept: where the next
 * files differ from those (facts count as the same only if they are the very same object) in nothing that reaches far, only what
 * they touch is joined anew.
 */
export function createIndexer(places: SecretPlaces, kustomize: KustomizeMode = 'base'): Indexer {
  const settings = { places, kustomize };
  const choices = createWorkloadChoices(kustomize);
  let last: JoinedFiles | null = null;
  return {
    build: (given, problems) => {
      const files = inOrder(given);
      const occupied = problems.flatMap(({ path }) => (isOverlayFile(path) ? [path] : []));
      const isDistinct = files === given || areDistinct(files);
      const earlier = isDistinct ? last : null;
      // Whatever is thrown on the way leaves nothing half joined.
      last = null;
      const changes = earlier === null ? null : changesBetween(earlier.files, files, MOST_CHANGES);
      const isNear =
        earlier !== null && changes !== null && sameItems(earlier.occupied, occupied) && !reachFar(changes, earlier);
      let joined = isNear ? joinChanges(earlier, files, changes) : joinAll(files, occupied, settings);
      let index = makeIndex(joined, { choices, problems, places });
      if (isNear && !joined.ground.isWhole()) {
        joined = joinAll(files, occupied, settings);
        index = makeIndex(joined, { choices, problems, places });
      }
      last = isDistinct ? joined : null;
      return index;
    },
  };
}
