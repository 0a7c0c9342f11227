import type { Simulation } from './simulation.ts';

/** An object as Git has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One condition of what the cluster knows of an object, and its times by the cluster's clock (epoch milliseconds). */
export interface Status {
  readonly ready: 'True' | 'False' | null;
  readonly refreshTime: number | null;
  readonly syncedResourceVersion: string;
}

/** An object in the cluster. `generation` moves with its spec alone. */
export interface LiveObject {
  readonly manifest: Manifest;
  readonly generation: number;
  readonly status: Status;
}

/** A value, told by where it came from: the model keeps no secrets. */
export interface Value {
  readonly secret: string;
  readonly version: number;
}

/** A Kubernetes Secret. */
export interface KubeSecret {
  /** The ExternalSecret that owns it; null where none does. */
  readonly owner: string | null;
  /** Who wrote it last. */
  readonly writer: string;
  readonly data: ReadonlyMap<string, Value>;
}

/** Kubernetes' API, for one namespace: objects, Secrets, and who is told of changes. */
export interface Cluster {
  /** By the cluster's own clock, epoch milliseconds. */
  clock(): number;
  /** Server-side apply. False, and nobody is told, where nothing changed. */
  apply(manifest: Manifest): boolean;
  object(kind: string, name: string): LiveObject | null;
  setStatus(kind: string, name: string, status: Status): void;
  /** Told of every object of the kind that was made, or whose spec, labels or annotations changed. Never of a status. */
  watch(kind: string, onChange: (name: string) => void): void;
  secret(name: string): KubeSecret | null;
  /** Null deletes it. */
  setSecret(name: string, secret: KubeSecret | null): void;
  secretsOwnedBy(owner: string): readonly string[];
  watchSecrets(onChange: (name: string) => void): void;
}

/** When the models' time begins, in AWS and Git. */
export const EPOCH = Date.parse('2026-03-02T09:00:00Z');

const NO_STATUS: Status = { ready: null, refreshTime: null, syncedResourceVersion: '' };

/** An empty cluster, whose clock is ahead of AWS's (or, below zero, behind). */
export function createCluster(simulation: Simulation, clockAhead = 0): Cluster {
  const objects = new Map<string, LiveObject>();
  const secrets = new Map<string, KubeSecret>();
  const watchers: { readonly kind: string; readonly onChange: (name: string) => void }[] = [];
  const secretWatchers: ((name: string) => void)[] = [];
  return {
    clock: () => EPOCH + simulation.now() + clockAhead,
    apply: (manifest) => {
      const { kind, metadata } = manifest;
      const before = objects.get(key(kind, metadata.name));
      if (before !== undefined && JSON.stringify(before.manifest) === JSON.stringify(manifest)) return false;
      const isNewSpec = JSON.stringify(before?.manifest.spec) !== JSON.stringify(manifest.spec);
      const generation = (before?.generation ?? 0) + (isNewSpec ? 1 : 0);
      objects.set(key(kind, metadata.name), { manifest, generation, status: before?.status ?? NO_STATUS });
      for (const { onChange } of watchers.filter((one) => one.kind === kind)) onChange(metadata.name);
      return true;
    },
    object: (kind, name) => objects.get(key(kind, name)) ?? null,
    setStatus: (kind, name, status) => {
      const live = objects.get(key(kind, name));
      if (live !== undefined) objects.set(key(kind, name), { ...live, status });
    },
    watch: (kind, onChange) => {
      watchers.push({ kind, onChange });
    },
    secret: (name) => secrets.get(name) ?? null,
    setSecret: (name, secret) => {
      if (secret === null) secrets.delete(name);
      else secrets.set(name, secret);
      for (const onChange of secretWatchers) onChange(name);
    },
    secretsOwnedBy: (owner) => [...secrets].flatMap(([name, secret]) => (secret.owner === owner ? [name] : [])),
    watchSecrets: (onChange) => {
      secretWatchers.push(onChange);
    },
  };
}

function key(kind: string, name: string): string {
  return `${kind}/${name}`;
}
