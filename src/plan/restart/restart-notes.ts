import { plainText } from '../../domain/plain-text.ts';
import type { RestartPolicy } from '../../domain/policy.ts';
import type { Index } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import type { Note } from '../plan.ts';
import { deploymentNotes } from './deployment-notes.ts';
import { restartsAt } from './restart-mark.ts';
import { type Cause, isReloaded } from './why-not-restarted.ts';

type Workload = Placed<WorkloadFacts>;

/** The Rollouts that take their pods from other workloads' templates. */
export type Drivers = readonly Workload[];

/** Every Rollout of a repository that has no pod template of its own. */
export function driversOf(index: Index): Drivers {
  const drivers = DRIVERS.get(index) ?? index.workloads.filter(({ rollout }) => rollout.workloadRef !== null);
  DRIVERS.set(index, drivers);
  return drivers;
}

// An index never changes, and every group of it is planned.
const DRIVERS = new WeakMap<Index, Drivers>();

/** What a person should know of restarting a workload: where it replaces no pod, or not as it looks. */
export function restartNotes(
  workload: Workload,
  causes: readonly Cause[],
  policy: RestartPolicy,
  drivers: Drivers,
): readonly Note[] {
  const driver = drivers.find((rollout) => takesFrom(rollout, workload));
  const runs = driver ?? workload;
  return [
    ...(driver === undefined ? [] : [readByRollout(driver)]),
    ...(restartsAt(workload, policy) ? [RESTART_AT] : pauses(runs)),
    ...strategyNotes(workload),
    ...withoutPods(runs),
    ...(policy.whenReloader === 'both' && isReloaded(workload, causes, policy) ? [RESTARTS_TWICE] : []),
    ...deploymentNotes(workload),
    ...causes.flatMap(({ user }) =>
      user.unsure?.includes(workload) === true ? [namespaceUnknown(user.object.name)] : [],
    ),
  ];
}

function namespaceUnknown(name: string): Note {
  return {
    code: 'namespace-unknown',
    reason: `Nothing here says whether ClusterExternalSecret ${plainText(name, 260)} writes into its namespace; it names the Secret.`,
    hint: 'Keep the Namespace with its labels in this repository, or list it under spec.namespaces.',
  };
}

function takesFrom({ rollout, resolvedNamespace }: Workload, { kind, name, ...other }: Workload): boolean {
  const { workloadRef } = rollout;
  return workloadRef?.kind === kind && workloadRef.name === name && resolvedNamespace === other.resolvedNamespace;
}

function pauses({ kind, rollout }: Workload): readonly Note[] {
  if (!rollout.isPaused) return [];
  const reason = `spec.paused is true in this ${kind}: the changed template starts no pod until it is resumed.`;
  return [{ code: 'paused', reason, hint: 'Set spec.paused to false once it may roll out.' }];
}

function strategyNotes({ kind, rollout }: Workload): readonly Note[] {
  const { isOnDelete, partition } = rollout;
  if (isOnDelete) {
    const reason = `The updateStrategy of this ${kind} is OnDelete: no pod is replaced until somebody deletes it.`;
    return [{ code: 'on-delete', reason, hint: 'Delete its pods after the merge, or use RollingUpdate.' }];
  }
  if (partition === 0) return [];
  const reason = `rollingUpdate.partition is ${partition}: pods below that number keep what they started with.`;
  return [{ code: 'partition', reason, hint: 'Lower the partition, or delete those pods after the merge.' }];
}

function readByRollout({ name }: Workload): Note {
  const reason = `Rollout ${name} takes its pods from this template (workloadRef): they are replaced by its strategy.`;
  return { code: 'read-by-rollout', reason, hint: null };
}

const RESTART_AT: Note = {
  code: 'restart-at',
  reason:
    'spec.restartAt evicts its pods in place, outside its canary or blue-green strategy; a single one has no stand-in.',
  hint: null,
};

/** Where it has no pods: in all that deploys it, or in some of that. */
function withoutPods({ rollout, scaled }: Workload): readonly Note[] {
  const ways = scaled ?? [{ root: null, by: null, count: rollout.replicas }];
  const none = ways.filter(({ count }) => count === 0);
  if (none.length === 0) return [];
  const by = shown(none.flatMap((way) => way.by ?? []));
  const said = by === '' ? 'spec.replicas is 0' : `spec.replicas is 0 (${by})`;
  const roots = none.length === ways.length ? '' : shown(none.flatMap(({ root }) => root ?? []));
  const reason =
    roots === ''
      ? `${said}: nothing restarts, unless something else scales it.`
      : `${said} as ${roots} deploys it: nothing restarts there, unless something else scales it.`;
  return [{ code: 'no-replicas', reason, hint: null }];
}

function shown(paths: readonly string[]): string {
  const all = [...new Set(paths)].toSorted();
  return `${all.slice(0, 3).join(', ')}${all.length > 3 ? ` and ${all.length - 3} more` : ''}`;
}

const RESTARTS_TWICE: Note = {
  code: 'restarts-twice',
  reason: 'Stakater Reloader restarts it in the cluster as well (restart.whenReloader: both).',
  hint: 'Leave one of them: set restart.whenReloader: skip, or take its annotations away.',
};
