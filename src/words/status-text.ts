import { plainText } from '../domain/plain-text.ts';
import type { BranchStatus, DueWorkload, LeftAlone, OwnBranch, Rejected } from '../plan/report/branch-status.ts';
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
  const { ownBranches, restarts, rejected, leftAlone, deployers } = status;
  const never = leftAlone.reduce((sum, { objects }) => sum + objects.length, 0);
  return [
    ...lookLines(status),
    `  ${ownBranches.length} own branch(es)`,
    ...bounded(ownBranches, { limit: MOST_BRANCHES, indent: '    ' }, ownLines),
    `  ${restarts.length} restart(s) due`,
    ...bounded(restarts, { limit: MOST_OBJECTS, indent: '    ' }, restartLines),
    `  ${rejected.length} rejected by people`,
    ...bounded(rejected, { limit: MOST_OBJECTS, indent: '    ' }, rejectedLines),
    `  ${never} object(s) never bumped`,
    ...leftAlone.flatMap(leftAloneLines),
    ...deployerLines(deployers, '  '),
    ...notLookedLines(status),
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
