import { plainText } from '../../../domain/plain-text.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import { isOverlayFile } from '../../edit/overlay/overlay-file.ts';
import type { FileProblem } from '../../graph.ts';
import type { Facts } from '../../objects.ts';
import { type PlacedObject, placeObject } from '../kustomize/place-object.ts';
import { kustomizationRank } from '../tree-entry.ts';
import type { File, Ground } from './ground.ts';

/** One file with its objects in their places. */
export interface PlacedFile {
  readonly file: File;
  /** As they stand there, before kustomizations make something of them, and after that. */
  readonly placed: readonly PlacedObject[];
  readonly settled: readonly PlacedObject[];
  /** What it brings should it be a patch that nobody carries out, and what cannot be read of it. */
  readonly asPatch: readonly FileProblem[];
  readonly unread: readonly FileProblem[];
}

/** False for the many files that no index has to know more of than the path. */
export function saysSomething({ facts: { objects, unreadable, configMaps } }: File): boolean {
  return objects.length > 0 || unreadable.length > 0 || configMaps !== undefined;
}

/**
 * The objects of a file with their places. An ExternalSecret in a file that is only a patch is no object: what it names is left as a problem. Nothing in our own
 * patch files is an object.
 */
export function placeFile(file: File, ground: Ground): PlacedFile {
  const { path, facts } = file;
  const isPatch = ground.patches.has(path);
  const reached = {
    placements: ground.placements.get(path),
    overlays: ground.overlaysOf(path),
    generated: ground.generated,
  };
  const placed = facts.objects.flatMap((object) =>
    isObject(object, path, isPatch) ? [placeObject(object, path, reached)] : [],
  );
  return {
    file,
    placed,
    settled: placed.every(({ overlays }) => overlays.length === 0)
      ? placed
      : placed.flatMap((one) => ground.splitter.settle(one)),
    asPatch: isPatch ? patchProblem(file) : NONE,
    unread:
      facts.unreadable.length === 0
        ? NONE
        : facts.unreadable.map((one) => ({ ...one, path, text: one.excerpt ?? facts.text })),
  };
}

const NONE: readonly FileProblem[] = [];

function isObject(object: Facts, path: RepoPath, isPatch: boolean): boolean {
  if (object.type === 'kustomization' && kustomizationRank(path) === null) return false;
  if (isOverlayFile(path)) return false;
  return !(isPatch && object.type === 'external-secret' && object.marker === undefined);
}

/** The keys that a patch brings; where, it does not say. */
function patchProblem({ path, facts }: File): readonly FileProblem[] {
  const secrets = facts.objects.flatMap((one) =>
    one.type === 'external-secret' && one.marker === undefined ? [one] : [],
  );
  const references = secrets.flatMap((one) => one.references);
  const [first] = references;
  if (first === undefined) return NONE;
  const text = references.map((reference) => `${reference.kind}: ${reference.key}`).join('\n');
  const [{ kind, name } = { kind: 'ExternalSecret', name: '' }] = secrets;
  const object = plainText(`${kind} ${name}`, 300);
  const message = `a Kustomize patch of ${object}: what it becomes depends on what it is applied to`;
  return [{ path, code: 'unsupported-kind', message, line: first.line, text, isPatch: true }];
}
