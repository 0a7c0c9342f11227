import type { RepoPath } from '../../../domain/repo-path.ts';
import type { WorkloadFacts } from '../../objects.ts';
import type { LocatedWorkload } from '../find-consumers.ts';
import { scaledIn } from './build/scaled-workload.ts';
import { chooseObjects, type SharedBases } from './choose-places.ts';
import type { PlacedObject } from './place-object.ts';

export type PlacedWorkload = Extract<PlacedObject, { readonly type: 'workload' }>;

/** Which of some workloads each of all that feeds them feeds. */
type FedAmong = (workloads: readonly LocatedWorkload[]) => readonly (readonly unknown[])[];

/**
 * Workloads as they are edited: one that several kustomizations include stands for all its deployments only where the same
 * ExternalSecrets feed each of them, since its annotations name their versions.
 */
export function chooseWorkloads(
  workloads: readonly PlacedWorkload[],
  fedAmong: FedAmong,
  shared: SharedBases,
): readonly PlacedWorkload[] {
  const isSplit = (one: PlacedWorkload) =>
    (one.roots.length > 1 && shared.splitter.canSplit(one)) || shared.splitter.isKeptInOverlay(one);
  const parts = (one: PlacedWorkload) => workloadsOf(shared.splitter.parts(one));
  if (!workloads.some((one) => one.roots.length > 1 || isSplit(one) || isDeployedTwice(one))) return workloads;
  const alone = new Map(workloads.map((one) => [one, isSplit(one) ? workloadsOf(shared.splitter.split(one)) : [one]]));
  const all = [...alone].flatMap(([one, split]) => [
    ...split.flatMap((each) => [each, ...parts(each)]),
    ...(isListedToo(one) ? parts(one) : []),
  ]);
  const feeders = feedersOf(fedAmong, [...new Set(all)]);
  return workloads.flatMap((workload) =>
    chooseObjects(workload, shared, { split: (one) => alone.get(one) ?? [], parts, join }, (one) =>
      JSON.stringify([feeders.get(one) ?? [], one.secrets, one.classes ?? []]),
    ),
  );
}

/** Objects without those that are only patches of others, which have what they say by now. */
export function withoutPatches<T extends PlacedObject>(
  objects: readonly T[],
  patches: ReadonlySet<RepoPath>,
): readonly T[] {
  const carriedOut = new Set(
    objects
      .flatMap((one) => one.carriedOut ?? [])
      .map(({ by, step }) => {
        return step.kind === 'patch' ? patchKey(by, step.patch) : by;
      }),
  );
  return objects.filter((one) => !(patches.has(one.path) && carriedOut.has(patchKey(one.path, one))));
}

function podsOf({ pods, secrets, template }: WorkloadFacts): string {
  return JSON.stringify([pods, secrets, template]);
}

/** Workloads, told where the Secrets of their pods are not those of their manifests, or need not be in each of several overlays. */
export function withPatchedPods(workloads: readonly PlacedWorkload[]): readonly PlacedWorkload[] {
  return workloads.map((one) => {
    const { written, overlays, roots } = one;
    const isChanged = written?.type === 'workload' && podsOf(written) !== podsOf(one);
    return isChanged || (overlays.length > 0 && roots.length > 1) ? { ...one, podsPatched: true } : one;
  });
}

function patchKey(path: RepoPath, { kind, name }: { readonly kind: string; readonly name: string }): string {
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

/** True where something deploys its file without any kustomization: then no overlay stands for all its deployments. */
function isListedToo({ placements }: PlacedWorkload): boolean {
  return placements.some(({ root }) => root === null);
}

function workloadsOf(objects: readonly PlacedObject[]): readonly PlacedWorkload[] {
  return objects.flatMap((one) => (one.type === 'workload' ? [one] : []));
}

/** The numbers of the ExternalSecrets that feed each workload. */
function feedersOf(fedAmong: FedAmong, workloads: readonly PlacedWorkload[]): ReadonlyMap<unknown, readonly number[]> {
  const feeders = new Map<unknown, number[]>();
  for (const [at, fed] of fedAmong(workloads).entries()) {
    for (const workload of fed) {
      const known = feeders.get(workload);
      if (known === undefined) feeders.set(workload, [at]);
      else known.push(at);
    }
  }
  return feeders;
}
