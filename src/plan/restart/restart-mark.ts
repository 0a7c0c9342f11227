import { type RestartPolicy, SECRET_VERSIONS } from '../../domain/policy.ts';
import type { WorkloadFacts } from '../../manifests/objects.ts';

/**
 * True for a Rollout that is restarted by `spec.restartAt`. What it was last restarted for then stands on its own metadata:
 * on its pod template it would start an update. One without a template of its own is restarted by the template it takes.
 */
export function restartsAt({ kind, rollout }: WorkloadFacts, policy: RestartPolicy): boolean {
  return kind === 'Rollout' && policy.rollout === 'restartAt' && rollout.workloadRef === null;
}

/** The versions that a workload was last restarted for; null where nothing says it. */
export function restartMade(workload: WorkloadFacts, policy: RestartPolicy): string | null {
  const own = workload.annotations.get(SECRET_VERSIONS);
  const template = workload.templateAnnotations.get(SECRET_VERSIONS);
  if (workload.kind !== 'Rollout') return template ?? null;
  return (restartsAt(workload, policy) ? (own ?? template) : (template ?? own)) ?? null;
}

/** A time as `spec.restartAt` takes it: RFC 3339, UTC, whole seconds, never before `milliseconds`. */
export function restartTime(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
