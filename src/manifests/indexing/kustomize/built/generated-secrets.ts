import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { WorkloadFacts } from '../../../objects.ts';
import type { TakenOver } from '../../../reading/workload/rollout.ts';
import { deploymentKey, type Placement } from '../../placement.ts';
import type { KustomizeNode } from '../kustomize-graph.ts';

/** The kustomization that generates a Secret under another name than it is written, by build, namespace and written name. */
export type GeneratedSecrets = ReadonlyMap<string, RepoPath>;

// A generator that very many builds include is not looked at in all of them.
const MAX_GENERATED = 100_000;

/**
 * The Secrets whose names Kustomize changes, by a hash or a prefix. It changes with them what any workload of the same build and
 * namespace names by the written name, whatever else in the cluster is called so.
 */
export function findGenerated(
  nodes: readonly KustomizeNode[],
  placements: ReadonlyMap<RepoPath, readonly Placement[]>,
): GeneratedSecrets {
  const found = new Map<string, RepoPath>();
  for (const node of nodes) {
    const own = node.facts.secrets ?? [];
    for (const placement of own.length === 0 ? [] : (placements.get(node.path) ?? [])) {
      const isMoved = placement.prefix !== '' || placement.suffix !== '';
      const renamed = own.filter(({ isHashed }) => isHashed || isMoved).slice(0, MAX_GENERATED - found.size);
      for (const { name, namespace } of renamed) found.set(keyOf(name, namespace, placement), node.path);
    }
  }
  return found;
}

function keyOf(name: string, namespace: string | null, placement: Placement): string {
  const said = placement.namespace ?? namespace ?? placement.deployer?.otherwise ?? 'default';
  return JSON.stringify([deploymentKey(placement), said, name]);
}

/** The Secrets that a workload gets under another name in all its deployments; undefined where it gets all as it names them. */
export function takenOverIn(
  { secrets, namespace }: WorkloadFacts,
  placements: readonly Placement[],
  generated: GeneratedSecrets,
): readonly TakenOver[] | undefined {
  if (generated.size === 0) return undefined;
  const names = [...new Set(secrets.map(({ name }) => name))];
  const taken = names.flatMap((name) => {
    const makers = placements.map((placement) => generated.get(keyOf(name, namespace, placement)));
    const [by] = makers;
    return by === undefined || makers.includes(undefined) ? [] : [{ name, by }];
  });
  return taken.length === 0 ? undefined : taken;
}
