import type { Counters } from '../domain/metrics/measures.ts';
import type { Meter } from '../ports.ts';
import { OUTCOMES } from './outcome.ts';

const OF_QUEUES = [
  'messages_received_total',
  'receive_failures_total',
  'leases_lost_total',
  'notices_total',
] as const satisfies readonly (keyof Counters)[];

/**
 * Every counter of these queues and base branches begins at 0: whoever asks for an increase, as our alerts do, does not see the
 * first count of a series that was not there before.
 */
export function beginCounters(meter: Meter, queues: readonly string[], repositories: readonly string[]): void {
  for (const queue of queues) {
    for (const name of OF_QUEUES) meter.count(name, { queue }, 0);
    for (const verb of new Set(Object.values(OUTCOMES).map((one) => one.verb))) {
      meter.count('messages_settled_total', { queue, verb }, 0);
    }
  }
  // Where a message comes to no branch it is '' instead.
  for (const repository of ['', ...repositories]) {
    for (const outcome of Object.keys(OUTCOMES)) meter.count('outcomes_total', { repository, outcome }, 0);
  }
  for (const repository of repositories) {
    meter.count('rounds_begun_again_total', { repository }, 0);
    for (const result of ['done', 'failed'] as const) {
      meter.count('sweeps_total', { repository, result }, 0);
      meter.count('reconciles_total', { repository, result }, 0);
    }
    for (const call of ['list', 'describe'] as const) meter.count('reconcile_calls_total', { repository, call }, 0);
    meter.count('pull_requests_merged_total', { repository }, 0);
  }
}
