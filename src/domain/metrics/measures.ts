import type { WaitCode } from '../life/opening-policy.ts';

/**
 * What is counted, with the labels of each: a closed list. No label holds a secret's name. Names are shown with the prefix
 * `gitops_reloader_`; counters end in `_total`.
 */
export interface Counters {
  readonly messages_received_total: { readonly queue: string };
  readonly messages_settled_total: { readonly queue: string; readonly verb: string };
  readonly receive_failures_total: { readonly queue: string };
  readonly leases_lost_total: { readonly queue: string };
  readonly notices_total: { readonly queue: string };
  readonly outcomes_total: { readonly repository: string; readonly outcome: string };
  readonly rounds_begun_again_total: { readonly repository: string };
  readonly pull_requests_merged_total: { readonly repository: string };
  readonly sweeps_total: { readonly repository: string; readonly result: 'done' | 'failed' };
  readonly reconciles_total: { readonly repository: string; readonly result: 'done' | 'failed' };
  readonly reconcile_calls_total: { readonly repository: string; readonly call: 'list' | 'describe' };
}

export interface Gauges {
  readonly messages_in_hand: { readonly queue: string };
  /** 1 while the last call went through, else 0. */
  readonly queue_up: { readonly queue: string };
  readonly repository_up: { readonly repository: string };
  readonly paused: { readonly repository: string };
  readonly own_branches: { readonly repository: string; readonly stage: 'refresh' | 'restart' };
  readonly restarts_due: { readonly repository: string };
  readonly objects_without_baseline: { readonly repository: string };
  readonly secrets_behind: { readonly repository: string };
  /** Epoch seconds. */
  readonly reconciled_timestamp_seconds: { readonly repository: string };
  readonly index_files_from_cache: { readonly repository: string };
  readonly pull_requests_waiting: { readonly repository: string; readonly reason: WaitCode };
}

/** Observed in seconds. */
export interface Durations {
  readonly message_age_seconds: { readonly queue: string };
  readonly handling_seconds: { readonly repository: string };
  readonly sweep_seconds: { readonly repository: string };
  readonly reconcile_seconds: { readonly repository: string };
}
