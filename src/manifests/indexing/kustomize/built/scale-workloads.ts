import type { BlobFacts, WorkloadFacts } from '../../../objects.ts';
import type { Scaled } from '../../../reading/workload/rollout.ts';
import { effectiveNames, type Placement, type Scaler } from '../../placement.ts';
import type { KustomizeNode, Scalers } from '../kustomize-graph.ts';
import { isNameOnTheWay, patchesOf } from '../overlays.ts';

/** The kinds that `replicas` of a kustomization is about. */
const COUNTED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']);

/** What each kustomization says of how many pods something has, by its path; what is said last comes first. */
export function findScalers(nodes: readonly KustomizeNode[], facts: ReadonlyMap<string, BlobFacts>): Scalers {
  return new Map(
    nodes.flatMap((node) => {
      const own = [...countsOf(node), ...patchesThatScale(node, facts)];
      return own.length === 0 ? [] : [[node.path, own] as const];
    }),
  );
}

function countsOf({ path, facts: { replicas = [] } }: KustomizeNode): readonly Scaler[] {
  return replicas.map(({ name, count }) => ({
    by: path,
    count,
    selects: (kind, names) => COUNTED.has(kind) && (names.includes(name) || isNameOnTheWay(name, names)),
  }));
}

function patchesThatScale(node: KustomizeNode, facts: ReadonlyMap<string, BlobFacts>): readonly Scaler[] {
  if (node.facts.patches.length === 0) return [];
  const scaling = patchesOf(node, facts).flatMap(({ by, selects, replicas }) =>
    replicas === undefined ? [] : [{ by, selects, count: replicas }],
  );
  return scaling.toReversed();
}

/** How many pods a workload has in each of its deployments; undefined where only its manifest says it. */
export function scaledIn(
  { kind, name, rollout }: WorkloadFacts,
  placements: readonly Placement[],
): readonly Scaled[] | undefined {
  if (kind === 'DaemonSet' || placements.every(({ scaling }) => scaling === undefined)) return undefined;
  const scaled = placements.map((placement): Scaled => {
    const scaler = scalerOf(kind, [name, ...effectiveNames(name, [placement])], placement);
    const { root } = placement;
    return scaler === undefined
      ? { root, by: null, count: rollout.replicas }
      : { root, by: scaler.by, count: scaler.count };
  });
  return scaled.every(({ by }) => by === null) ? undefined : scaled;
}

/** The outermost one that selects it: what is built last has the last word. */
function scalerOf(kind: string, names: readonly string[], { scaling }: Placement): Scaler | undefined {
  let found: Scaler | undefined;
  for (let step = scaling ?? null; step !== null; step = step.outer) {
    found = step.scalers.find(({ selects }) => selects(kind, names)) ?? found;
  }
  return found;
}
