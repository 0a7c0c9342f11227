import type { Cluster, Manifest } from './cluster.ts';
import type { Source } from './git-source.ts';
import type { Health } from './health.ts';
import type { Simulation } from './simulation.ts';

const PHASES = ['PreSync', 'Sync', 'PostSync'];

/** Argo CD's list (gitops-engine, sync_tasks.go); whatever is not in it comes after all of it. */
const KINDS = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

/** The pause after each wave but the last (`ARGOCD_SYNC_WAVE_DELAY`): for controllers to notice what was applied. */
const WAVE_DELAY = 2000;
const HEALTH_INTERVAL = 1000;
const FIRST_RETRY = 5000;
const LONGEST_RETRY = 180_000;

type Step = readonly [phase: number, wave: number, kind: number];

function stepOf({ kind, metadata: { annotations = {} } }: Manifest): Step {
  const phase = PHASES.indexOf(annotations['argocd.argoproj.io/hook'] ?? 'Sync');
  const rank = KINDS.indexOf(kind);
  return [phase, Number(annotations['argocd.argoproj.io/sync-wave'] ?? 0), rank === -1 ? KINDS.length : rank];
}

/** Phase, wave, kind, name. */
export function syncOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.toSorted((left, right) => {
    const [one, other] = [stepOf(left), stepOf(right)];
    const by = one.map((part, at) => part - (other[at] ?? 0)).find((difference) => difference !== 0);
    return by ?? (left.metadata.name < right.metadata.name ? -1 : 1);
  });
}

/** What is applied together before anything is waited for. */
export function wavesOf(manifests: readonly Manifest[]): readonly (readonly Manifest[])[] {
  const waves = new Map<string, Manifest[]>();
  for (const manifest of syncOrder(manifests)) {
    const [phase, wave] = stepOf(manifest);
    const key = `${phase} ${wave}`;
    waves.set(key, [...(waves.get(key) ?? []), manifest]);
  }
  return [...waves.values()];
}

export interface ArgoCdWorld {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly source: Source;
  /** How long it takes to look at the branch again. */
  readonly poll: () => number;
  /** From one kind to the next within a wave, in milliseconds. */
  readonly applyLatency: () => number;
  readonly health: (manifest: Manifest) => Health;
  /** Told when a commit is applied as a whole, and healthy where it was waited for. */
  readonly onSynced: (commit: string) => void;
}

/** One Application with automatic sync: one sync at a time, each of one commit to its end. */
export function runArgoCd(world: ArgoCdWorld): void {
  const { simulation, source, poll } = world;
  let synced: string | null = null;
  let isSyncing = false;
  const look = () => {
    const { commit, files } = source();
    if (!isSyncing && commit !== synced) {
      isSyncing = true;
      sync(world, wavesOf([...files.values()].flat()), () => {
        isSyncing = false;
        synced = commit;
        world.onSynced(commit);
      });
    }
    simulation.after(poll(), look);
  };
  look();
}

function sync(world: ArgoCdWorld, waves: readonly (readonly Manifest[])[], onEnd: () => void, tries = 0): void {
  const fail = () => {
    const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** tries);
    world.simulation.after(wait, () => sync(world, waves, onEnd, tries + 1));
  };
  const next = (at: number) => {
    const wave = waves[at];
    if (wave === undefined) {
      onEnd();
      return;
    }
    applyWave(world, wave, () => {
      // A sync of one wave alone waits for nobody's health.
      if (waves.length === 1) next(at + 1);
      else
        world.simulation.after(at === waves.length - 1 ? 0 : WAVE_DELAY, () =>
          awaitHealth(world, wave, () => next(at + 1), fail),
        );
    });
  };
  next(0);
}

/** Kind by kind: one kind is applied whole before the next. */
function applyWave(
  { simulation, cluster, applyLatency }: ArgoCdWorld,
  wave: readonly Manifest[],
  onEnd: () => void,
): void {
  const kinds = [...new Set(wave.map(({ kind }) => kind))];
  const next = (at: number) => {
    const kind = kinds[at];
    if (kind === undefined) {
      onEnd();
      return;
    }
    for (const manifest of wave) {
      if (manifest.kind === kind && cluster.apply(manifest))
        simulation.tell(`Argo CD applies ${kind}/${manifest.metadata.name}`);
    }
    simulation.after(applyLatency(), () => next(at + 1));
  };
  next(0);
}

/** Looks at the health of a wave until all of it is healthy; one that is degraded fails the sync. */
function awaitHealth(
  world: ArgoCdWorld,
  wave: readonly Manifest[],
  onHealthy: () => void,
  onDegraded: () => void,
): void {
  const found = wave.map((manifest) => world.health(manifest));
  if (found.includes('Degraded')) onDegraded();
  else if (found.every((one) => one === 'Healthy')) onHealthy();
  else world.simulation.after(HEALTH_INTERVAL, () => awaitHealth(world, wave, onHealthy, onDegraded));
}
