import { type PassOf, waitBeforePass } from '../../plan/reconcile/pass-times.ts';
import type { ReconcileReport } from '../../plan/reconcile/reconcile-report.ts';
import type { Clock } from '../../ports.ts';
import type { StopSignals } from '../consume/consume.ts';
import type { Health } from '../health.ts';
import { failureOf } from '../outcome.ts';
import { watchBranch } from '../probes/watch-branch.ts';
import { forWriter, type ServedBranch } from '../served-branch.ts';
import { reconcileBranch } from './reconcile-branch.ts';

export interface ReconcileRequest {
  readonly served: ServedBranch;
  readonly clock: Clock;
  readonly health: Health;
  /** The name of this machine or pod: replicas begin at times of their own. */
  readonly host: string;
  readonly intervalMilliseconds: number;
}

const MOST_NAMES = 5;

/** What one process knows between passes. */
interface State {
  readonly seen: Map<string, string>;
  /** What was said last of each object and of the baseline, so that it is said once. */
  said: ReadonlyMap<string, string>;
  failures: number;
}

/**
 * Reconciles one base branch at the start and once in each interval, until `stopping` is aborted. Rejects never: what fails is tried
 * again, less and less often. It runs beside the lane and the sweep: whatever it writes is written by compare-and-swap, and derived.
 */
export async function keepReconciled(request: ReconcileRequest, { stopping, abort }: StopSignals): Promise<void> {
  const { served, clock, health, host, intervalMilliseconds } = request;
  if (served.secretVersions === null) {
    const hint = 'Set spec.aws.truth: describe, and grant secretsmanager:ListSecrets and DescribeSecret.';
    served.log.info({ repository: served.name, hint }, 'nothing is reconciled in event mode');
    return;
  }
  const pulse = health.pulse(`reconcile ${served.name}`);
  const watched = watchBranch(forWriter(served), pulse);
  const of: PassOf = { host, repository: served.name, intervalMilliseconds };
  const state: State = { seen: new Map(), said: new Map(), failures: 0 };
  for (let pass = 0; !stopping.aborted && !abort.aborted; pass += 1) {
    const waitMilliseconds = waitBeforePass(pass, state.failures, of);
    pulse.beat(waitMilliseconds);
    await clock.sleep(waitMilliseconds, stopping);
    if (stopping.aborted || abort.aborted) break;
    pulse.beat();
    await passOnce(watched, state, abort);
  }
  pulse.rest();
}

async function passOnce(served: ServedBranch, state: State, signal: AbortSignal): Promise<void> {
  const { meter, log, clock, name: repository } = served;
  const begun = clock.now();
  try {
    const report = await reconcileBranch(served, { by: 'interval', seen: state.seen }, signal);
    const isWhole = report.troubles.length === 0 && report.behind.every(({ state: kind }) => kind !== 'later');
    say(served, state, report);
    measure(served, report, clock.now() - begun);
    if (isWhole) meter.gauge('reconciled_timestamp_seconds', { repository }, clock.now() / 1000);
    meter.count('reconciles_total', { repository, result: isWhole ? 'done' : 'failed' });
    state.failures = isWhole ? 0 : state.failures + 1;
  } catch (error) {
    if (signal.aborted) return;
    const { code, message: reason, hint } = failureOf(error);
    meter.count('reconciles_total', { repository, result: 'failed' });
    const level = state.failures === 0 ? 'warn' : 'debug';
    log[level]({ repository, code, reason, hint }, 'reconcile failed');
    state.failures += 1;
  }
}

function measure({ meter, name: repository }: ServedBranch, report: ReconcileReport, milliseconds: number): void {
  meter.observe('reconcile_seconds', { repository }, milliseconds / 1000);
  meter.gauge('objects_without_baseline', { repository }, report.withoutBaseline);
  const behind = report.behind.filter(({ state }) => state !== 'not-confirmed');
  meter.gauge('secrets_behind', { repository }, new Set(behind.map(({ secret }) => secret)).size);
  meter.count('reconcile_calls_total', { repository, call: 'list' }, report.calls.pages);
  meter.count('reconcile_calls_total', { repository, call: 'describe' }, report.calls.describes);
}

/** One line for the pass, and one for each thing that a person may look at, none for the same again. */
function say({ log, name: repository }: ServedBranch, state: State, report: ReconcileReport): void {
  const { said } = state;
  const next = new Map<string, string>();
  const once = (key: string, text: string, tell: () => void) => {
    next.set(key, text);
    if (said.get(key) !== text) tell();
  };
  for (const { subject, code, message: reason, hint } of report.troubles) {
    once(subject, code, () => log.warn({ repository, subject, code, reason, hint }, 'reconcile could not ask AWS'));
  }
  for (const { path, kind, name, secret, version, state: standing, reason, branch, pullRequest: pr } of report.behind) {
    const fields = { repository, secret, version, path, object: `${kind} ${name}`, standing, reason, branch, pr };
    const level = standing === 'carried' || standing === 'not-confirmed' ? 'debug' : 'info';
    once(JSON.stringify([path, kind, name, secret]), `${version} ${standing}`, () =>
      log[level](fields, 'an object was behind'),
    );
  }
  const { kind, reason, hint, pullRequest: pr } = report.baseline;
  const objects = report.withoutBaseline;
  const level = kind === 'unreadable' || kind === 'held' ? 'warn' : 'info';
  once('', `${kind} ${objects}`, () =>
    log[level]({ repository, baseline: kind, objects, reason, hint, pr }, 'baseline'),
  );
  if (report.unused.length > 0) {
    const secrets = report.unused.slice(0, MOST_NAMES).map(({ secret }) => secret);
    log.info({ repository, secrets, count: report.unused.length }, 'secrets that are used nowhere here have rotated');
  }
  state.said = next;
  const { absent, denied, deleted, behind, calls } = report;
  log.info(
    {
      repository,
      secrets: report.secrets,
      behind: behind.length,
      withoutBaseline: objects,
      absent: absent.length,
      denied: denied.length,
      deleted: deleted.length,
      calls: calls.pages + calls.describes,
    },
    'reconciled',
  );
}
