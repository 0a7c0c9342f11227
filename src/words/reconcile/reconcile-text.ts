import { plainText } from '../../domain/plain-text.ts';
import type { Behind, ReconcileReport } from '../../plan/reconcile/reconcile-report.ts';
import { address, because, bounded, lookLines } from '../report-lines.ts';

const MOST_BEHIND = 50;
const MOST_NAMES = 20;

/** What a pass found and did on every base branch, as text for a terminal. Names are neutralised, long lists are cut. */
export function reconcileText(branches: readonly ReconcileReport[]): string {
  return [...branches.flatMap(branchLines), ''].join('\n');
}

function branchLines(report: ReconcileReport): readonly string[] {
  const { behind, baseline, calls } = report;
  const look = lookLines({ ...report, notLooked: [] });
  if (report.head === null) return look;
  return [
    ...look,
    `  ${report.secrets} secret(s) named, ${report.objects} object(s) that may be bumped`,
    `  ${behind.length} behind`,
    ...bounded(behind, { limit: MOST_BEHIND, indent: '    ' }, behindLines),
    `  ${report.withoutBaseline} object(s) without a baseline: ${baseline.kind}`,
    ...because(baseline, '    '),
    ...(baseline.pullRequest === null ? [] : [`    pull:    ${plainText(baseline.pullRequest)}`]),
    ...namesLines('absent in AWS', report.absent),
    ...namesLines('denied', report.denied),
    ...namesLines('scheduled for deletion', report.deleted),
    ...namesLines(
      'in AWS and used nowhere here',
      report.unused.map(({ secret }) => secret),
    ),
    `  asked of AWS: ${calls.lists} list(s) of at least ${calls.pages} page(s), ${calls.describes} single question(s)`,
  ];
}

function behindLines(one: Behind): readonly string[] {
  const { secret, version, state, reason, branch, pullRequest } = one;
  return [
    `    ${address(one)}  ${state}`,
    `      secret:  ${plainText(`${secret}=${version}`, 600)}`,
    ...(reason === null ? [] : [`      because: ${plainText(reason, 600)}`]),
    ...(branch === null ? [] : [`      branch:  ${plainText(branch)}`]),
    ...(pullRequest === null ? [] : [`      pull:    ${plainText(pullRequest)}`]),
  ];
}

function namesLines(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  return [
    `  ${names.length} ${what}`,
    ...bounded(names, { limit: MOST_NAMES, indent: '    ' }, (name) => [`    ${plainText(name, 600)}`]),
  ];
}
