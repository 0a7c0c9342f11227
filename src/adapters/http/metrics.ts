import { WAIT_CODES } from '../../domain/life/opening-policy.ts';
import type { Counters, Durations, Gauges } from '../../domain/metrics/measures.ts';
/** What is shown of one metric: a help text, and what each of its labels holds. */
export interface MetricText<Labels> {
  readonly help: string;
  readonly labels: { readonly [Label in keyof Labels]: string };
}

type MetricTexts<Metrics> = { readonly [Name in keyof Metrics]: MetricText<Metrics[Name]> };

/** Before every name. */
export const METRIC_PREFIX = 'gitops_reloader_';

const QUEUE = 'the name of a configured queue, or its address where two have one name';
const BRANCH = '`<repository>@<base>` as configured';

/** A counter of the port without a line here does not compile, and the other way round; so for the tables below. */
export const COUNTERS: MetricTexts<Counters> = {
  messages_received_total: { help: 'Messages received, every delivery counted.', labels: { queue: QUEUE } },
  messages_settled_total: {
    help: 'Messages that came to their end: deleted, given back (later, slow) or left for the dead-letter queue (leave).',
    labels: { queue: QUEUE, verb: '`delete`, `leave`, `later`, `slow`' },
  },
  receive_failures_total: { help: 'Polls that failed.', labels: { queue: QUEUE } },
  leases_lost_total: { help: 'Messages whose lease ended while they were handled.', labels: { queue: QUEUE } },
  notices_total: { help: 'Failures that AWS itself reports of a rotation or replication.', labels: { queue: QUEUE } },
  outcomes_total: {
    help: 'What became of messages, once for each repository they came to.',
    labels: { repository: `${BRANCH}, or empty where a message came to none`, outcome: 'as in the table of outcomes' },
  },
  rounds_begun_again_total: { help: 'Rounds begun again because a ref had moved.', labels: { repository: BRANCH } },
  pull_requests_merged_total: {
    help: 'Pull requests that were merged without a person, by this process.',
    labels: { repository: BRANCH },
  },
  sweeps_total: {
    help: 'Sweeps that found something to look at.',
    labels: { repository: BRANCH, result: '`done`, or `failed` where something was left undone' },
  },
  reconciles_total: {
    help: 'Passes that compared everything with AWS.',
    labels: { repository: BRANCH, result: '`done`, or `failed` where AWS or a host could not be asked' },
  },
  reconcile_calls_total: {
    help: 'What these passes asked of AWS.',
    labels: { repository: BRANCH, call: '`list` (pages of ListSecrets, at least), `describe`' },
  },
};

/** Values of this moment. */
export const GAUGES: MetricTexts<Gauges> = {
  messages_in_hand: { help: 'Messages received and not yet settled.', labels: { queue: QUEUE } },
  queue_up: { help: '1 while the last poll went through, else 0.', labels: { queue: QUEUE } },
  repository_up: {
    help: '1 while its Git host and its forge answered at the last look, else 0.',
    labels: { repository: BRANCH },
  },
  paused: { help: '1 while nothing may be written, else 0.', labels: { repository: BRANCH } },
  own_branches: {
    help: 'Own branches at the last sweep.',
    labels: { repository: BRANCH, stage: '`refresh`, `restart`' },
  },
  pull_requests_waiting: {
    help: 'Branches whose pull request waits to be opened or confirmed, at the last sweep.',
    labels: { repository: BRANCH, reason: WAIT_CODES.map((code) => `\`${code}\``).join(', ') },
  },
  restarts_due: { help: 'Workloads whose restart is due at the last sweep.', labels: { repository: BRANCH } },
  objects_without_baseline: {
    help: 'Objects that follow secrets and of which Git tells no version, at the last reconcile: what is lost for them is not found.',
    labels: { repository: BRANCH },
  },
  secrets_behind: {
    help: 'Secrets with another version in AWS than on the base branch, at the last reconcile; those that wait for people too.',
    labels: { repository: BRANCH },
  },
  index_files_from_cache: {
    help: 'Manifests that the first read of the repository knew from `spec.cache.directory`; 0 where all were read anew.',
    labels: { repository: BRANCH },
  },
  reconciled_timestamp_seconds: {
    help: 'When a reconcile last compared everything, in seconds since 1970.',
    labels: { repository: BRANCH },
  },
};

/** In seconds: how long messages live (a host may be down for hours), and how long work takes. */
const AGES = [1, 5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 43_200];
const WORK = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Histograms, each with its own upper bounds. */
export const DURATIONS: {
  readonly [Name in keyof Durations]: MetricText<Durations[Name]> & { readonly buckets: readonly number[] };
} = {
  message_age_seconds: {
    help: 'From when SQS received a message until it was deleted.',
    labels: { queue: QUEUE },
    buckets: AGES,
  },
  handling_seconds: {
    help: 'One go through a base branch: refs, index, truth, plan, push, pull request.',
    labels: { repository: BRANCH },
    buckets: WORK,
  },
  sweep_seconds: { help: 'One sweep of a base branch.', labels: { repository: BRANCH }, buckets: WORK },
  reconcile_seconds: { help: 'One reconcile of a base branch.', labels: { repository: BRANCH }, buckets: WORK },
};

/** Not of the port: what the program is. */
export const BUILD_INFO: { readonly build_info: MetricText<{ readonly version: string }> } = {
  build_info: { help: 'Always 1.', labels: { version: 'the version of this program' } },
};
