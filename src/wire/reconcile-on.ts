import type { Config } from '../config/config.ts';
import { Failure } from '../domain/failure.ts';
import type { ReconcileReport } from '../plan/reconcile/reconcile-report.ts';
import { failureOf } from '../service/outcome.ts';
import { type ReconcileHow, reconcileBranch } from '../service/reconcile/reconcile-branch.ts';
import { troubleOf } from '../service/report/look/shown-pull.ts';
import type { ServedBranch } from '../service/served-branch.ts';
import { onHosts, type Selection } from './report-on.ts';

/** Reconciles the selected branches once, one after the other. A branch that cannot be read keeps no other from it. */
export function reconcileOnHosts(
  config: Config,
  selection: Selection,
  by: ReconcileHow['by'],
  signal: AbortSignal,
): Promise<readonly ReconcileReport[]> {
  if (config.aws.truth === 'event') {
    throw new Failure('spec.aws.truth is event: AWS may not be asked which versions are current', {
      code: 'input-invalid',
      retry: 'never',
      hint: 'Set spec.aws.truth: describe, and grant secretsmanager:ListSecrets and DescribeSecret.',
    });
  }
  return onHosts(config, selection, async (branches) => {
    const reports: ReconcileReport[] = [];
    for (const served of branches) reports.push(await orUnread(served, by, signal));
    return reports;
  });
}

async function orUnread(served: ServedBranch, by: ReconcileHow['by'], signal: AbortSignal): Promise<ReconcileReport> {
  try {
    return await reconcileBranch(served, { by, seen: null }, signal);
  } catch (error) {
    return unread(served.name, failureOf(error));
  }
}

function unread(name: string, failure: Failure): ReconcileReport {
  return {
    name,
    head: null,
    paused: null,
    secrets: 0,
    objects: 0,
    behind: [],
    withoutBaseline: 0,
    baseline: { kind: 'missing', reason: 'The branch could not be read.', hint: null, pullRequest: null },
    absent: [],
    denied: [],
    deleted: [],
    unused: [],
    calls: { lists: 0, pages: 0, describes: 0 },
    troubles: [troubleOf(`repository ${name}`, failure)],
  };
}
