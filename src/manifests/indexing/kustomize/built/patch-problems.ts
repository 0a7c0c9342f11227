import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { FileProblem, PatchedObject } from '../../../graph.ts';
import { manifestOf } from '../../../objects.ts';
import type { Overlay } from '../overlays.ts';
import type { PlacedObject } from '../place-object.ts';

type PlacedSecret = Extract<PlacedObject, { readonly type: 'external-secret' }>;

/** What patches there are, and the ExternalSecrets as they are written and as they are in the end. */
export interface Patched {
  /** Files that are patches and nothing else. */
  readonly patches: ReadonlySet<RepoPath>;
  readonly changes: readonly Overlay[];
  readonly written: readonly PlacedSecret[];
  readonly chosen: readonly PlacedSecret[];
}

/** What became of the patches of ExternalSecrets, by the kustomization or patch file that has them. */
interface PatchFates {
  /** All of whose objects are there as it makes them. */
  readonly carriedOut: ReadonlySet<RepoPath>;
  readonly left: ReadonlyMap<RepoPath, PatchedObject>;
}

/** Compares what patches select with the objects that are there in the end: those have only what was not carried out. */
function fatesOf({ changes, written, chosen }: Patched): PatchFates {
  const left = new Map<RepoPath, PatchedObject>();
  for (const one of chosen) {
    const patches = one.patchedBy === null ? [] : one.overlays.filter(isPatch);
    for (const by of new Set(patches.map((patch) => patch.by))) {
      const known = left.get(by);
      left.set(by, known === undefined ? addressOf(one) : { ...known, others: known.others + 1 });
    }
  }
  // What is for an object that is not here brings it something that nobody has seen.
  const selecting = new Set(written.flatMap(({ overlays }) => overlays));
  const all = changes.filter(isPatch);
  const idle = new Set(all.flatMap((one) => (selecting.has(one) ? [] : [one.by])));
  return { left, carriedOut: new Set(all.flatMap(({ by }) => (left.has(by) || idle.has(by) ? [] : [by]))) };
}

function isPatch({ touches }: Overlay): boolean {
  return touches.externalSecret;
}

function addressOf(object: PlacedSecret): PatchedObject {
  const { line, kind, name, resolvedNamespace: namespace } = object;
  return { path: manifestOf(object), line, kind, name, namespace, others: 0 };
}

/**
 * Problems without those of patches that were carried out: what a patch brings is in its object by then. One that was not is
 * one problem, told for the object that it is for.
 */
export function patchProblems(problems: readonly FileProblem[], patched: Patched): readonly FileProblem[] {
  const isOfPatch = (one: FileProblem) =>
    one.isPatch === true || (one.code === 'malformed' && patched.patches.has(one.path));
  if (!problems.some(isOfPatch)) return problems;
  const { carriedOut, left } = fatesOf(patched);
  const told = new Set<RepoPath>();
  return problems.flatMap((problem) => {
    const { path } = problem;
    if (!isOfPatch(problem)) return [problem];
    if (carriedOut.has(path)) return [];
    const object = left.get(path);
    if (object === undefined) return [problem];
    if (told.has(path)) return [];
    told.add(path);
    return [{ ...problem, patched: object }];
  });
}
