import type { RepoPath } from '../../../domain/repo-path.ts';
import type { WorkloadFacts } from '../../objects.ts';
import type { LocatedWorkload } from '../find-consumers.ts';
import { scaledIn } from './build/scaled-workload.ts';
import { chooseObjects, type SharedBases } from './choose-places.ts';
import type { PlacedObject } from './place-object.ts';

export type PlacedWorkload = Extract<PlacedObject, { readonly type: 'workload' }>;

/** The numbers of what feeds a workload, in order. */
type FeedersOf = (workload: LocatedWorkload) => readonly number[];

/** A workload as it is edited, and all that it was looked at as. */
export interface ChosenWorkload {
  readonly chosen: readonly PlacedWorkload[];
  /** Empty where nothing that feeds it can make a difference. */
  readonly lookedAt: readonly PlacedWorkload[];
}

/**
 * A workload as it is edited: one that several kustomizations include stands for all its deployments only where the same
 * ExternalSecrets feed each of them, since its annotations name their versions.
 */
export function chooseWorkload(workload: PlacedWorkload, feedersOf: FeedersOf, shared: SharedBases): ChosenWorkload {
  const isKept = shared.splitter.isKeptInOverlay(workload);
  if (workload.roots.length < 2 && !isKept && !isDeployedTwice(workload)) {
    return { chosen: [withPatchedPods(workload)], lookedAt: [] };
  }
  const lookedAt = new Set<PlacedWorkload>();
  const meaningOf = (one: PlacedWorkload): string => {
    lookedAt.add(one);
    return JSON.stringify([feedersOf(one), one.secrets, one.classes ?? []]);
  };
  const ways = {
    split: (one: PlacedWorkload) => workloadsOf(shared.splitter.split(one)),
    parts: (one: PlacedWorkload) => workloadsOf(shared.splitter.parts(one)),
    join,
  };
  const chosen = chooseObjects(workload, shared, ways, meaningOf).map((one) => withPatchedPods(one));
  return { chosen, lookedAt: [...lookedAt] };
}

/** Objects without those that are only patches of others, which have what they say by now. */
export function withoutPatches<T extends PlacedObject>(
  objects: readonly T[],
  patches: ReadonlySet<RepoPath>,
): readonly T[] {
  if (patches.size === 0 || !objects.some(({ path }) => patches.has(path))) return objects;
  const carriedOut = new Set(objects.flatMap((one) => carriedOutIn(one)));
  return objects.filter((one) => !(patches.has(one.path) && carriedOut.has(patchKey(one.path, one))));
}

/** The patches that have made an object what it is, each as `patchKey` has it. */
export function carriedOutIn({ carriedOut = [] }: PlacedObject): readonly string[] {
  return carriedOut.map(({ by, step }) => (step.kind === 'patch' ? patchKey(by, step.patch) : by));
}

function podsOf({ pods, secrets, template }: WorkloadFacts): string {
  return JSON.stringify([pods, secrets, template]);
}

/** A workload, told where the Secrets of its pods are not those of its manifest, or need not be in each of several overlays. */
function withPatchedPods(one: PlacedWorkload): PlacedWorkload {
  const { written, overlays, roots } = one;
  const isChanged = written?.type === 'workload' && podsOf(written) !== podsOf(one);
  return isChanged || (overlays.length > 0 && roots.length > 1) ? { ...one, podsPatched: true } : one;
}

/** A patch by its file and by what it is for. */
export function patchKey(path: RepoPath, { kind, name }: { readonly kind: string; readonly name: string }): string {
  return JSON.stringify([path, kind, name]);
}

/** What is the same for all of its deployments, and what each has. */
function join(object: PlacedWorkload, alone: readonly PlacedWorkload[]): PlacedWorkload {
  const { takenOver = [] } = object;
  const scaled = scaledIn(alone);
  const inAll = takenOver.filter(({ name }) =>
    alone.every((one) => one.takenOver?.some((other) => other.name === name)),
  );
  const written = [{ root: null, by: null, count: object.rollout.replicas }];
  return { ...object, scaled: scaled ?? written, takenOver: inAll };
}

function isDeployedTwice({ placements, deployedBy = [] }: PlacedWorkload): boolean {
  return placements.length > 1 && deployedBy.length > 0;
}

function workloadsOf(objects: readonly PlacedObject[]): readonly PlacedWorkload[] {
  return objects.flatMap((one) => (one.type === 'workload' ? [one] : []));
}
