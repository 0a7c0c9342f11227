import type { Cluster, Manifest, Value } from './cluster.ts';
import type { Simulation } from './simulation.ts';

/** A value that a pod has in its environment, and which ExternalSecret put it into the Secret. */
export interface PodValue extends Value {
  readonly writer: string;
}

/** A pod that has started. What it read then it keeps. */
export interface Pod {
  readonly deployment: string;
  readonly template: PodTemplate;
  readonly values: readonly PodValue[];
}

export interface PodTemplate {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[] }[];
  };
}

/** The Deployments of a cluster, and their pods. */
export interface Deployments {
  pods(deployment: string): readonly Pod[];
  /** Every pod has started by the newest template. */
  isRolledOut(deployment: string): boolean;
  /** The nodes under its pods are emptied: each is started again, by the template that it had. */
  drain(deployment: string): void;
}

export interface DeploymentWorld {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  /** From the making of a pod to the start of its containers, in milliseconds. */
  readonly startLatency: () => number;
  /** Told of every pod that starts, before anything else happens. */
  readonly onStart: (pod: Pod) => void;
}

interface Running {
  template: PodTemplate;
  replicas: number;
  pods: readonly Pod[];
  /** Counts the pods that are being made: one that was overtaken starts no more. */
  making: number;
}

/**
 * Rolling updates: one new pod at a time, and an old one ends when it has started. Environment variables are read at the start
 * of the container. A pod whose Secret is missing waits for it.
 */
export function runDeployments(world: DeploymentWorld): Deployments {
  const { simulation, cluster, startLatency } = world;
  const all = new Map<string, Running>();
  const waiting = new Set<() => void>();
  cluster.watchSecrets(() => {
    const now = [...waiting];
    waiting.clear();
    for (const tryAgain of now) simulation.after(0, tryAgain);
  });
  const make = (name: string, template: PodTemplate, onStarted: (pod: Pod) => void, isWanted: () => boolean) => {
    const tryToStart = () => {
      if (!isWanted()) return;
      const values = readValues(cluster, template);
      if (values === null) {
        waiting.add(tryToStart);
        return;
      }
      const pod: Pod = { deployment: name, template, values };
      world.onStart(pod);
      onStarted(pod);
    };
    simulation.after(startLatency(), tryToStart);
  };
  const rollOut = (name: string, running: Running) => {
    const making = ++running.making;
    const { template, replicas } = running;
    const step = () => {
      const old = running.pods.filter((pod) => pod.template !== template);
      if (old.length === 0 && running.pods.length >= replicas) return;
      make(
        name,
        template,
        (pod) => {
          running.pods = [...running.pods.filter((one) => one !== old[0]), pod];
          step();
        },
        () => running.making === making,
      );
    };
    step();
  };
  cluster.watch('Deployment', (name) => {
    const { template, replicas } = wantedBy(cluster.object('Deployment', name)?.manifest);
    const before = all.get(name);
    if (before !== undefined && JSON.stringify(before.template) === JSON.stringify(template)) return;
    const running = before ?? { template, replicas, pods: [], making: 0 };
    running.template = template;
    all.set(name, running);
    rollOut(name, running);
  });
  return {
    pods: (name) => all.get(name)?.pods ?? [],
    isRolledOut: (name) => {
      const running = all.get(name);
      if (running === undefined) return false;
      return running.pods.length >= running.replicas && running.pods.every((pod) => pod.template === running.template);
    },
    drain: (name) => {
      const running = all.get(name);
      for (const lost of running?.pods ?? []) {
        const isThere = () => running?.pods.includes(lost) ?? false;
        const replace = (pod: Pod) => {
          if (running !== undefined) running.pods = running.pods.map((one) => (one === lost ? pod : one));
        };
        make(name, lost.template, replace, isThere);
      }
    },
  };
}

function wantedBy(manifest: Manifest | undefined): { readonly template: PodTemplate; readonly replicas: number } {
  if (manifest === undefined) throw new Error('a Deployment is gone: the models delete none');
  const { template, replicas = 1 } = manifest.spec as { template: PodTemplate; replicas?: number };
  return { template, replicas };
}

/** Null while a Secret is missing. */
function readValues(cluster: Cluster, { spec }: PodTemplate): readonly PodValue[] | null {
  const names = spec.containers.flatMap(({ envFrom = [] }) => envFrom.map(({ secretRef }) => secretRef.name));
  const secrets = names.map((name) => cluster.secret(name));
  if (secrets.includes(null)) return null;
  return secrets.flatMap((secret) =>
    secret === null ? [] : [...secret.data.values()].map((value) => ({ ...value, writer: secret.writer })),
  );
}
