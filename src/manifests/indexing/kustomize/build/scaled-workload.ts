import type { Scaled } from '../../../reading/workload/rollout.ts';
import type { Overlay } from '../overlays.ts';
import type { PlacedObject } from '../place-object.ts';
import type { BuiltObject } from './built-object.ts';

type PlacedWorkload = Extract<PlacedObject, { readonly type: 'workload' }>;

/** True for what says how many pods something has. */
export function scales({ step }: Overlay): boolean {
  return step.kind === 'replicas' || (step.kind === 'patch' && step.patch.replicas !== undefined);
}

/** A workload with the number of pods that its one root gives it. */
export function withPods(object: PlacedWorkload, pods: BuiltObject['pods']): PlacedWorkload {
  const [root = null] = object.roots;
  // Of a DaemonSet each node has one.
  return pods === null || object.kind === 'DaemonSet' ? object : { ...object, scaled: [{ root, ...pods }] };
}

/** One that nobody can tell the way of: whatever scales it, it is not told how far. */
export function withUnknownPods(object: PlacedWorkload): PlacedWorkload {
  const last = object.overlays.findLast((one) => scales(one));
  return last === undefined ? object : withPods(object, { by: last.by, count: null });
}

/** How many pods a workload has in all its deployments; undefined where only its manifest says it. */
export function scaledIn(alone: readonly PlacedWorkload[]): readonly Scaled[] | undefined {
  const all = alone.flatMap(({ scaled, roots, rollout }): readonly Scaled[] => {
    const [root = null] = roots;
    return scaled ?? [{ root, by: null, count: rollout.replicas }];
  });
  return all.every(({ by }) => by === null) ? undefined : all;
}
