import { ORDER, type Order, RESTART } from '../../domain/policy.ts';
import type { ExternalSecretFacts, WorkloadFacts } from '../../manifests/objects.ts';
import type { Obstacle } from '../plan.ts';
import type { Scope } from '../scope.ts';

type Steered = Pick<WorkloadFacts | ExternalSecretFacts, 'steering'>;

/**
 * The order that holds for a workload when these ExternalSecrets change: its own, else theirs, else the branch's. Of several
 * the safest that restarts at all: none that only refreshes, `staged` before `gated`, and that before `together`.
 */
export function restartOrder(workload: Steered, causes: readonly Steered[], scope: Pick<Scope, 'order'>): Order {
  if (workload.steering.order !== null) return workload.steering.order;
  const orders = causes.map((cause) => orderOfCause(cause, scope)).filter((order) => order !== 'refreshOnly');
  if (causes.length === 0) return scope.order;
  if (orders.length === 0) return 'refreshOnly';
  return SAFEST_FIRST.find((order) => orders.some((one) => one === order)) ?? 'staged';
}

const SAFEST_FIRST: readonly Order[] = ['staged', 'gated', 'together'];

/** The order that an ExternalSecret asks for; `restart: "false"` on it means all that it feeds. */
function orderOfCause({ steering }: Steered, scope: Pick<Scope, 'order'>): Order {
  return steering.restarts ? (steering.order ?? scope.order) : 'refreshOnly';
}

/** Why a workload is never restarted by this order; null where it is, or where the branch alone says it for all. */
export function whyOnlyRefreshed(workload: Steered, causes: readonly Steered[], scope: Scope): Obstacle | null {
  if (restartOrder(workload, causes, scope) !== 'refreshOnly') return null;
  if (workload.steering.order !== null) {
    return { code: 'refresh-only', reason: `It carries ${ORDER}: refreshOnly.`, hint: null };
  }
  if (!causes.some(({ steering }) => steering.order !== null || !steering.restarts)) return null;
  return {
    code: 'refresh-only',
    reason: `What feeds it asks to be refreshed only, by ${ORDER} or ${RESTART}.`,
    hint: null,
  };
}
