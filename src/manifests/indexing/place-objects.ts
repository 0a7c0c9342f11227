import type { RepoPath } from '../../domain/repo-path.ts';
import { isOverlayFile } from '../edit/overlay/overlay-file.ts';
import type { FileProblem } from '../graph.ts';
import type { BlobFacts, Facts } from '../objects.ts';
import { type KustomizeNode, linkKustomizations, patchFilesOf, placeFiles } from './kustomize/kustomize-graph.ts';
import { findOverlays } from './kustomize/overlays.ts';
import { type PlacedObject, placeObject } from './kustomize/place-object.ts';
import { createSplitter, type Splitter } from './kustomize/split-object.ts';
import { kustomizationRank } from './tree-entry.ts';

interface File {
  readonly path: RepoPath;
  readonly facts: BlobFacts;
}

export interface PlacedObjects {
  readonly placed: readonly PlacedObject[];
  readonly asPatches: readonly FileProblem[];
  readonly splitter: Splitter;
}

/**
 * Every object of `files` with its place; `all` are all files that an include can mean, `occupied` the paths of what cannot be
 * read. An ExternalSecret in a file that is only a patch is no object: what it names is left as a problem. Nothing in our own
 * patch files is an object.
 */
export function placeObjects(
  files: readonly File[],
  all: readonly File[],
  occupied: readonly RepoPath[],
): PlacedObjects {
  const kustomizations = files.flatMap(({ path, facts }) => {
    const [first] = kustomizationRank(path) === null ? [] : facts.objects.filter((one) => one.type === 'kustomization');
    return first === undefined ? [] : [{ path, facts: first }];
  });
  const paths = new Set(all.map(({ path }) => path));
  const nodes = linkKustomizations(kustomizations, paths);
  const placements = placeFiles(nodes, paths);
  const overlays = findOverlays(nodes, new Map(all.map(({ path, facts }) => [path, facts])));
  const patches = onlyPatches(nodes, paths);
  const isPartial = (object: Facts, path: RepoPath) =>
    isOverlayFile(path) || (object.type === 'external-secret' && object.marker === undefined && patches.has(path));
  const placed = files.flatMap(({ path, facts }) =>
    facts.objects
      .filter((object) => object.type !== 'kustomization' || kustomizationRank(path) !== null)
      .filter((object) => !isPartial(object, path))
      .map((object) => placeObject(object, path, { placements: placements.get(path), overlays: overlays.get(path) })),
  );
  return {
    placed,
    asPatches: files.flatMap((file) => (patches.has(file.path) ? patchProblem(file) : [])),
    splitter: createSplitter(placed, { nodes, placements, patches, files: all, occupied }),
  };
}

function onlyPatches(nodes: readonly KustomizeNode[], paths: ReadonlySet<RepoPath>): ReadonlySet<RepoPath> {
  const resources = new Set(nodes.flatMap(({ files }) => files));
  return new Set(nodes.flatMap((node) => patchFilesOf(node, paths)).filter((path) => !resources.has(path)));
}

/** The keys that a patch brings; where, it does not say. */
function patchProblem({ path, facts }: File): readonly FileProblem[] {
  const references = facts.objects.flatMap((one) =>
    one.type === 'external-secret' && one.marker === undefined ? one.references : [],
  );
  const [first] = references;
  if (first === undefined) return [];
  const text = references.map((reference) => `${reference.kind}: ${reference.key}`).join('\n');
  const message = 'a Kustomize patch of an ExternalSecret: what it becomes depends on what it is applied to';
  return [{ path, code: 'unsupported-kind', message, line: first.line, text }];
}
