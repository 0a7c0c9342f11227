import type { Aws } from './aws.ts';
import type { Cluster, KubeSecret, LiveObject, Manifest, Value } from './cluster.ts';
import { goDuration, resourceVersion, shouldRefresh } from './should-refresh.ts';
import type { Simulation } from './simulation.ts';

/** How long things take, in milliseconds; each question may have another answer. */
export interface OperatorTiming {
  /** From a change of an object to the reconcile. */
  latency(): number;
  /** From the start of a reconcile to its last answer from AWS. */
  fetch(): number;
  /** True while AWS gives no answer. */
  isDown(): boolean;
}

export interface OperatorWorld {
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly aws: Aws;
  readonly timing: OperatorTiming;
}

interface Entry {
  readonly secretKey: string;
  readonly remoteRef: { readonly key: string; readonly version?: string };
}

interface Wanted {
  readonly policy: string | undefined;
  readonly interval: number;
  readonly target: string;
  readonly creationPolicy: string;
  readonly isImmutable: boolean;
  readonly entries: readonly Entry[];
}

/** What an ExternalSecret asks for, with the operator's defaults. */
function wantedBy({ metadata, spec }: Manifest): Wanted {
  const target = (spec['target'] ?? {}) as { name?: string; creationPolicy?: string; immutable?: boolean };
  const { creationPolicy = 'Owner' } = target;
  if (!['Owner', 'Orphan', 'None'].includes(creationPolicy)) throw new Error(`not in this model: ${creationPolicy}`);
  return {
    policy: spec['refreshPolicy'] as string | undefined,
    interval: goDuration((spec['refreshInterval'] as string | undefined) ?? '1h0m0s'),
    target: target.name ?? metadata.name,
    creationPolicy,
    isImmutable: target.immutable ?? false,
    entries: (spec['data'] ?? []) as readonly Entry[],
  };
}

const FIRST_BACKOFF = 5;
const LONGEST_BACKOFF = 1_000_000;

/**
 * External Secrets Operator: one reconcile at a time for each ExternalSecret, of the object as it was when the reconcile began.
 * What changes meanwhile is looked at in the next one.
 */
export function runExternalSecrets(world: OperatorWorld): void {
  const { simulation, cluster, timing } = world;
  const running = new Set<string>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const reconcile = (name: string) => {
    if (running.has(name)) {
      again.add(name);
      return;
    }
    running.add(name);
    startReconcile(world, name, (result) => {
      running.delete(name);
      failures.set(name, result.kind === 'failed' ? (failures.get(name) ?? 0) + 1 : 0);
      const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures.get(name) ?? 0));
      const wait = result.kind === 'failed' ? backoff : result.next;
      if (wait !== null) simulation.after(wait, () => reconcile(name));
      if (again.delete(name)) simulation.after(0, () => reconcile(name));
    });
  };
  cluster.watch('ExternalSecret', (name) => simulation.after(timing.latency(), () => reconcile(name)));
}

type Result =
  /** `next`: when it is looked at again by itself, in milliseconds. */
  { readonly kind: 'done'; readonly next: number | null } | { readonly kind: 'failed' };

function startReconcile(world: OperatorWorld, name: string, onEnd: (result: Result) => void): void {
  const { simulation, cluster, timing } = world;
  const live = cluster.object('ExternalSecret', name);
  if (live === null) {
    onEnd({ kind: 'done', next: null });
    return;
  }
  const began = cluster.clock();
  const wanted = wantedBy(live.manifest);
  const isDue = shouldRefresh(
    {
      refreshPolicy: wanted.policy,
      intervalMilliseconds: wanted.interval,
      resourceVersion: resourceVersion(live),
      ...live.status,
    },
    began,
  );
  if (!isDue && isTargetValid(cluster, live, wanted)) {
    onEnd({ kind: 'done', next: nextLook(wanted, live.status.refreshTime, began) });
    return;
  }
  if (timing.isDown()) {
    if (live.status.ready !== 'False')
      simulation.tell(`External Secrets Operator gets no answer for ExternalSecret/${name}`);
    cluster.setStatus('ExternalSecret', name, { ...live.status, ready: 'False' });
    onEnd({ kind: 'failed' });
    return;
  }
  fetchAll(world, wanted.entries, (values) => {
    write(world, { live, wanted }, values);
    // metav1.Time: whole seconds, rounded down; the start of this reconcile, whatever it took.
    const refreshTime = Math.floor(began / 1000) * 1000;
    cluster.setStatus('ExternalSecret', name, {
      ready: 'True',
      refreshTime,
      syncedResourceVersion: resourceVersion(live),
    });
    onEnd({ kind: 'done', next: nextLook(wanted, refreshTime, cluster.clock()) });
  });
}

/** The Secret is as the operator left it. Nothing is asked of one that it may not own. */
function isTargetValid(cluster: Cluster, { manifest }: LiveObject, { target, creationPolicy }: Wanted): boolean {
  if (creationPolicy === 'Orphan' || creationPolicy === 'None') return true;
  return cluster.secret(target)?.writer === manifest.metadata.name;
}

function nextLook({ policy, interval }: Wanted, refreshTime: number | null, now: number): number | null {
  if (policy === 'OnChange' || policy === 'CreatedOnce' || interval <= 0 || refreshTime === null) return null;
  return Math.max(1, refreshTime + interval - now);
}

/** One entry after the other: each has the value that is current when it is asked for. */
function fetchAll(world: OperatorWorld, entries: readonly Entry[], onEnd: (values: Map<string, Value>) => void): void {
  const { simulation, aws, timing } = world;
  const each = timing.fetch() / Math.max(1, entries.length);
  const values = new Map<string, Value>();
  const next = (at: number) => {
    const entry = entries[at];
    if (entry === undefined) {
      onEnd(values);
      return;
    }
    simulation.after(each, () => {
      const { key, version = '' } = entry.remoteRef;
      const pinned = version.startsWith('uuid/') ? aws.versionOf(key, version.slice('uuid/'.length)) : null;
      values.set(entry.secretKey, { secret: key, version: pinned ?? aws.current(key) });
      next(at + 1);
    });
  };
  next(0);
}

interface Reconciled {
  readonly live: LiveObject;
  readonly wanted: Wanted;
}

function write({ simulation, cluster }: OperatorWorld, { live, wanted }: Reconciled, data: Map<string, Value>): void {
  const { name } = live.manifest.metadata;
  const { target, creationPolicy, isImmutable } = wanted;
  const existing = cluster.secret(target);
  if (creationPolicy === 'None' || (isImmutable && existing !== null)) return;
  const secret: KubeSecret = { owner: creationPolicy === 'Owner' ? name : null, writer: name, data };
  cluster.setSecret(target, secret);
  const versions = [...data.values()].map((value) => `version ${value.version} of ${value.secret}`);
  simulation.tell(`External Secrets Operator writes ${versions.join(' and ')} into Secret/${target}`);
  if (creationPolicy !== 'Owner' || existing !== null) return;
  // Only when the target is made: what this ExternalSecret wrote under another name before is deleted.
  for (const orphan of cluster.secretsOwnedBy(name).filter((one) => one !== target)) {
    cluster.setSecret(orphan, null);
    simulation.tell(`External Secrets Operator deletes Secret/${orphan}`);
  }
}
