import type { RepoPath } from '../../domain/repo-path.ts';
import type { FileProblem } from '../graph.ts';
import type { BlobFacts, Facts, Placed } from '../objects.ts';
import { type KustomizeNode, linkKustomizations, patchFilesOf, placeFiles } from './kustomize/kustomize-graph.ts';
import { overlaysOf, patchedBy } from './kustomize/overlaid.ts';
import { findOverlays, type Overlay } from './kustomize/overlays.ts';
import { effectiveNames, type Located, onlyNamespace, type Placement, rootsOf } from './placement.ts';
import { kustomizationRank } from './tree-entry.ts';

interface File {
  readonly path: RepoPath;
  readonly facts: BlobFacts;
}

/** An object with its placements and with what may change it on its way to the cluster. */
export type PlacedObject = Placed<Facts> & Located & { readonly overlays: readonly Overlay[] };

/**
 * Every object of `files` with its place; `all` are all files that an include can mean. An ExternalSecret in a file that is
 * only a patch is no object: what it names is left as a problem.
 */
export function placeObjects(
  files: readonly File[],
  all: readonly File[],
): { readonly placed: readonly PlacedObject[]; readonly asPatches: readonly FileProblem[] } {
  const kustomizations = files.flatMap(({ path, facts }) => {
    const [first] = kustomizationRank(path) === null ? [] : facts.objects.filter((one) => one.type === 'kustomization');
    return first === undefined ? [] : [{ path, facts: first }];
  });
  const paths = new Set(all.map(({ path }) => path));
  const nodes = linkKustomizations(kustomizations, paths);
  const placements = placeFiles(nodes, paths);
  const overlays = findOverlays(nodes, new Map(all.map(({ path, facts }) => [path, facts])));
  const patches = onlyPatches(nodes, paths);
  const isPartial = (object: Facts, path: RepoPath) => object.type === 'external-secret' && patches.has(path);
  const placed = files.flatMap(({ path, facts }) =>
    facts.objects
      .filter((object) => object.type !== 'kustomization' || kustomizationRank(path) !== null)
      .filter((object) => !isPartial(object, path))
      .map((object) => placeObject(object, path, { placements: placements.get(path), overlays: overlays.get(path) })),
  );
  return { placed, asPatches: files.flatMap((file) => (patches.has(file.path) ? patchProblem(file) : [])) };
}

function onlyPatches(nodes: readonly KustomizeNode[], paths: ReadonlySet<RepoPath>): ReadonlySet<RepoPath> {
  const resources = new Set(nodes.flatMap(({ files }) => files));
  return new Set(nodes.flatMap((node) => patchFilesOf(node, paths)).filter((path) => !resources.has(path)));
}

/** The keys that a patch brings; where, it does not say. */
function patchProblem({ path, facts }: File): readonly FileProblem[] {
  const references = facts.objects.flatMap((one) => (one.type === 'external-secret' ? one.references : []));
  const [first] = references;
  if (first === undefined) return [];
  const text = references.map((reference) => `${reference.kind}: ${reference.key}`).join('\n');
  const message = 'a Kustomize patch of an ExternalSecret: what it becomes depends on what it is applied to';
  return [{ path, code: 'unsupported-kind', message, line: first.line, text }];
}

/** A kustomization's namespace overrides the manifest's own. */
function placeObject(
  object: Facts,
  path: RepoPath,
  reached: { readonly placements: readonly Placement[] | undefined; readonly overlays: readonly Overlay[] | undefined },
): PlacedObject {
  const own = reached.placements ?? [{ root: null, namespace: null, prefix: '', suffix: '' }];
  const placements = own.map((one) => ({ ...one, namespace: one.namespace ?? object.namespace }));
  const overlays = overlaysOf(object, reached.overlays ?? [], placements);
  return {
    ...renamed(object, placements),
    path,
    placements,
    overlays,
    resolvedNamespace: onlyNamespace(placements),
    roots: rootsOf(placements),
    patchedBy: patchedBy(object, overlays),
  };
}

/** An ExternalSecret that does not name its Secret gives it its own name, as it is in the cluster. */
function renamed(object: Facts, placements: readonly Placement[]): Facts {
  if (object.type !== 'external-secret' || object.namesTarget) return object;
  const [name = object.name, ...others] = effectiveNames(object.name, placements);
  return others.length === 0 ? { ...object, targetName: name } : object;
}
