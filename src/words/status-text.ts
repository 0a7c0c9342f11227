import { plainText } from '../domain/plain-text.ts';
import type {
  BaselineStatus,
  BehindStatus,
  BranchStatus,
  DueWorkload,
  LeftAlone,
  OwnBranch,
  Rejected,
} from '../plan/report/branch-status.ts';
import { SECRET_STATES } from '../plan/report/secrets/secret-state.ts';
import type { SecretStatus } from '../plan/report/secrets/secret-status.ts';
import {
  address,
  because,
  bounded,
  deployerLines,
  lookLines,
  notLookedLines,
  pullText,
  shownAddress,
} from './report-lines.ts';

const MOST_BRANCHES = 50;
const MOST_OBJECTS = 20;
const MOST_NAMES = 5;
const MOST_EXAMPLES = 3;

/** What is under way on every base branch, as text for a terminal. Names are neutralised, long lists are cut. */
export function statusText(branches: readonly BranchStatus[]): string {
  return [...branches.flatMap(branchLines), ''].join('\n');
}

function branchLines(status: BranchStatus): readonly string[] {
  if (status.head === null) return lookLines(status);
  const { secrets, behind, ownBranches, restarts, rejected, reverted, leftAlone, deployers } = status;
  const never = leftAlone.reduce((sum, { objects }) => sum + objects.length, 0);
  return [
    ...lookLines(status),
    `  ${secrets.length} secret(s) named${countsText(secrets)}`,
    `  ${behind.length} object(s) behind AWS`,
    ...bounded(behind, { limit: MOST_OBJECTS, indent: '    ' }, behindLines),
    ...baselineLines(status.withoutBaseline),
    `  ${ownBranches.length} own branch(es)`,
    ...bounded(ownBranches, { limit: MOST_BRANCHES, indent: '    ' }, ownLines),
    `  ${restarts.length} restart(s) due`,
    ...bounded(restarts, { limit: MOST_OBJECTS, indent: '    ' }, restartLines),
    `  ${rejected.length} rejected by people`,
    ...bounded(rejected, { limit: MOST_OBJECTS, indent: '    ' }, rejectedLines),
    `  ${reverted.length} taken back after their merge`,
    ...bounded(reverted, { limit: MOST_OBJECTS, indent: '    ' }, rejectedLines),
    `  ${never} object(s) never bumped`,
    ...leftAlone.flatMap(leftAloneLines),
    ...deployerLines(deployers, '  '),
    ...notLookedLines(status),
  ];
}

/** How many are in each state that any is in. */
function countsText(secrets: readonly SecretStatus[]): string {
  const counts = SECRET_STATES.map((state) => [secrets.filter((one) => one.state === state).length, state] as const);
  const known = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  return known.length === 0 ? '' : `: ${known.join(', ')}`;
}

function behindLines({ lacks, branch, ...object }: BehindStatus): readonly string[] {
  return [
    `    ${address(object)}`,
    `      lacks:   ${plainText(lacks)}`,
    `      branch:  ${branch === null ? 'none brings it' : plainText(branch)}`,
  ];
}

function baselineLines(baseline: BaselineStatus): readonly string[] {
  const { objects, kind, pullRequest } = baseline;
  const count = objects === null ? 'an unknown number of' : String(objects);
  return [
    `  ${count} object(s) without a baseline: ${kind}`,
    ...because(baseline, '    '),
    ...(pullRequest === null ? [] : [`    pull:    ${plainText(pullRequest)}`]),
  ];
}

function ownLines({
  branch,
  head,
  tip,
  author,
  rotations,
  restarts,
  pullRequest,
  standing,
}: OwnBranch): readonly string[] {
  const whose = tip === 'ours' ? 'ours' : `by ${plainText(author, 100)}`;
  return [
    `    ${plainText(branch)}  ${standing.kind}`,
    `      tip:     ${head.slice(0, 12)}, ${whose}`,
    ...bounded([...rotations, ...restarts], { limit: MOST_NAMES, indent: '               ' }, (name) => [
      `      brings:  ${plainText(name)}`,
    ]),
    ...(pullRequest === null ? [] : [`      pull:    ${pullText(pullRequest)}`]),
    ...because(standing, '      '),
  ];
}

function restartLines({ standing, ...object }: DueWorkload): readonly string[] {
  const { pullRequest } = standing;
  return [
    `    ${shownAddress(object)}  ${standing.kind}`,
    ...(pullRequest === null ? [] : [`      pull:    ${pullText(pullRequest)}`]),
    ...because(standing, '      '),
  ];
}

function rejectedLines({ name, pullRequest }: Rejected): readonly string[] {
  return [`    ${plainText(name)}`, `      pull:    ${pullText(pullRequest)}`];
}

function leftAloneLines({ code, objects }: LeftAlone): readonly string[] {
  return [
    `    ${objects.length} ${code}`,
    ...bounded(objects, { limit: MOST_EXAMPLES, indent: '      ' }, (skip) => [
      `      ${address(skip)}`,
      ...because(skip, '        '),
    ]),
  ];
}
