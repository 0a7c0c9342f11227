import type { Cluster, Manifest } from './cluster.ts';
import type { Source } from './git-source.ts';
import type { Health } from './health.ts';
import type { Simulation } from './simulation.ts';

/** kustomize-controller's list (fluxcd/pkg, ssa/sort.go); whatever is in neither comes between both. */
const FIRST = [
  'CustomResourceDefinition',
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'PriorityClass',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** Applied first, and waited for: what everything else may need to be there. */
const DEFINITIONS = ['CustomResourceDefinition', 'Namespace', 'ClusterRole'];

/** `--requeue-dependency`, and how often health is looked at. */
const DEPENDENCY_INTERVAL = 30_000;
const HEALTH_INTERVAL = 5000;

function rankOf(kind: string): number {
  if (LAST.includes(kind)) return 1 + LAST.indexOf(kind);
  return FIRST.includes(kind) ? FIRST.indexOf(kind) - FIRST.length : 0;
}

function stageOf({ kind }: Manifest): number {
  return DEFINITIONS.includes(kind) ? 0 : 1;
}

/** In stages, and in each by kind and name. */
export function applyOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.toSorted((left, right) => {
    const before = stageOf(left) - stageOf(right) || rankOf(left.kind) - rankOf(right.kind);
    if (before !== 0) return before;
    return `${left.kind}/${left.metadata.name}` < `${right.kind}/${right.metadata.name}` ? -1 : 1;
  });
}

/** One Flux Kustomization: the files below a path. */
export interface FluxKustomization {
  readonly name: string;
  readonly path: string;
  readonly dependsOn: readonly string[];
  readonly wait: boolean;
}

export interface FluxWorld {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly source: Source;
  /** How long it takes until the branch is looked at again, in milliseconds. */
  readonly poll: () => number;
  /** From one object to the next. */
  readonly applyLatency: () => number;
  /** kstatus, or the `healthCheckExprs` of a kind. */
  readonly health: (manifest: Manifest) => Health;
  /** `spec.timeout` and `spec.retryInterval`, in milliseconds. */
  readonly timeout: number;
  readonly retryInterval: number;
  /** Told when a commit is applied by all Kustomizations, and healthy where it was waited for. */
  readonly onSynced: (commit: string) => void;
}

/** What a Kustomization's status says. */
interface Applied {
  ready: boolean;
  commit: string | null;
}

/**
 * source-controller and kustomize-controller: a new commit wakes every Kustomization, each has one reconcile at a time, and one
 * that depends on others waits until they are ready at the same commit.
 */
export function runFlux(world: FluxWorld, kustomizations: readonly FluxKustomization[]): void {
  const { simulation, source, poll } = world;
  const statuses = new Map<string, Applied>(kustomizations.map(({ name }) => [name, { ready: false, commit: null }]));
  let artifact = source();
  const state: FluxState = { statuses, artifact: () => artifact, busy: new Set(), again: new Set() };
  const wakeAll = () => {
    for (const one of kustomizations) reconcile(world, state, one);
  };
  const look = () => {
    const head = source();
    if (head.commit !== artifact.commit) {
      artifact = head;
      wakeAll();
    }
    simulation.after(poll(), look);
  };
  wakeAll();
  look();
}

interface FluxState {
  readonly statuses: ReadonlyMap<string, Applied>;
  readonly artifact: Source;
  readonly busy: Set<string>;
  readonly again: Set<string>;
}

function reconcile(world: FluxWorld, state: FluxState, kustomization: FluxKustomization): void {
  const { name, path } = kustomization;
  const { busy, again, statuses } = state;
  if (busy.has(name)) {
    again.add(name);
    return;
  }
  const { commit, files } = state.artifact();
  const status = statuses.get(name);
  if (status === undefined || (status.ready && status.commit === commit)) return;
  status.ready = false;
  busy.add(name);
  const end = (retryAfter: number | null) => {
    busy.delete(name);
    const wait = again.delete(name) ? 0 : retryAfter;
    if (wait !== null) world.simulation.after(wait, () => reconcile(world, state, kustomization));
  };
  const isReady = (other: string) => {
    const found = statuses.get(other);
    return found !== undefined && found.ready && found.commit === commit;
  };
  if (!kustomization.dependsOn.every(isReady)) {
    end(DEPENDENCY_INTERVAL);
    return;
  }
  const manifests = applyOrder([...files].flatMap(([file, objects]) => (file.startsWith(path) ? objects : [])));
  applyAll(world, manifests, () => {
    const until = world.simulation.now() + world.timeout;
    awaitHealth(world, kustomization.wait ? manifests : [], until, (isHealthy) => {
      if (isHealthy) {
        status.ready = true;
        status.commit = commit;
        if ([...statuses.values()].every((one) => one.ready && one.commit === commit)) world.onSynced(commit);
      }
      end(isHealthy ? null : world.retryInterval);
    });
  });
}

function applyAll(world: FluxWorld, manifests: readonly Manifest[], onEnd: () => void): void {
  const [first, ...rest] = manifests;
  if (first === undefined) {
    onEnd();
    return;
  }
  if (world.cluster.apply(first)) world.simulation.tell(`Flux applies ${first.kind}/${first.metadata.name}`);
  world.simulation.after(world.applyLatency(), () => applyAll(world, rest, onEnd));
}

/** Until all are healthy; one that failed, or the time limit, ends it. */
function awaitHealth(
  world: FluxWorld,
  manifests: readonly Manifest[],
  until: number,
  onEnd: (isHealthy: boolean) => void,
): void {
  const found = manifests.map((manifest) => world.health(manifest));
  if (found.every((one) => one === 'Healthy')) onEnd(true);
  else if (found.includes('Degraded') || world.simulation.now() >= until) onEnd(false);
  else world.simulation.after(HEALTH_INTERVAL, () => awaitHealth(world, manifests, until, onEnd));
}
