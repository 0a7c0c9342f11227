import { plainText } from '../../../domain/plain-text.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { DeliveredCommit, StatusReport } from '../../../plan/restart/statuses/delivered.ts';
import { at, readText, readTime } from '../github-answers.ts';
import { MOST_COMMITS, MOST_REPORTS } from './delivered-document.ts';

const OID = /^[0-9a-f]{40}$/;
const MOST_PARENTS = 10;
/** GitHub's own limit on the name of a status. */
const MAX_NAME = 255;

/** The words of statuses and of checks that ended; whatever else there is has no last word yet. */
const STATES: ReadonlyMap<string, 'success' | 'failed'> = new Map([
  ['SUCCESS', 'success'],
  ['ERROR', 'failed'],
  ['FAILURE', 'failed'],
  ['TIMED_OUT', 'failed'],
  ['CANCELLED', 'failed'],
  ['STARTUP_FAILURE', 'failed'],
  ['ACTION_REQUIRED', 'failed'],
]);

/**
 * Reads the answer to `Delivered`: null where it is none, empty where there is no such commit. A word that is not known, and a
 * success without its time, is no success.
 */
export function readDelivered(data: unknown, head: Oid): readonly DeliveredCommit[] | null {
  const found = at(data, 'repository', 'object');
  if (found === null) return [];
  const nodes = at(found, 'history', 'nodes');
  if (readText(found, 'oid') !== head || !Array.isArray(nodes)) return null;
  const commits = nodes.slice(0, MOST_COMMITS).map(readCommit);
  return commits.every((commit) => commit !== null) ? commits : null;
}

function readCommit(node: unknown): DeliveredCommit | null {
  const oid = oidOf(node);
  const parents = at(node, 'parents', 'nodes');
  const rollup = at(node, 'statusCheckRollup');
  if (oid === null || !Array.isArray(parents)) return null;
  const parentOids = parents.slice(0, MOST_PARENTS).map(oidOf);
  if (!parentOids.every((parent) => parent !== null)) return null;
  if (rollup === null) return { oid, parents: parentOids, reports: [], isWhole: true };
  const contexts = at(rollup, 'contexts', 'nodes');
  if (!Array.isArray(contexts)) return null;
  const isWhole = at(rollup, 'contexts', 'pageInfo', 'hasNextPage') === false && contexts.length <= MOST_REPORTS;
  const reports = contexts.slice(0, MOST_REPORTS).map(readReport);
  // What cannot be read may have been the last word of any of them.
  const isRead = reports.every((report) => report !== null);
  return {
    oid,
    parents: parentOids,
    reports: lastWords(reports.flatMap((one) => one ?? [])),
    isWhole: isWhole && isRead,
  };
}

function readReport(node: unknown): StatusReport | null {
  const isCheck = at(node, '__typename') === 'CheckRun';
  const written = readText(node, isCheck ? 'name' : 'context');
  if (written === null || written === '') return null;
  const name = plainText(written, MAX_NAME);
  const hasEnded = !isCheck || readText(node, 'status') === 'COMPLETED';
  const state = hasEnded ? STATES.get(readText(node, isCheck ? 'conclusion' : 'state') ?? '') : undefined;
  const time = readTime(node, isCheck ? 'completedAt' : 'createdAt');
  return state === undefined || time === null ? { name, state: 'pending' } : { name, state, at: time };
}

/** Several may have one name: what runs again is not over, and else the newest counts; at the same time the failure. */
function lastWords(reports: readonly StatusReport[]): readonly StatusReport[] {
  const byName = new Map<string, StatusReport>();
  for (const report of reports) {
    const other = byName.get(report.name);
    if (other === undefined || isNewer(report, other)) byName.set(report.name, report);
  }
  return [...byName.values()];
}

function isNewer(report: StatusReport, other: StatusReport): boolean {
  if (other.state === 'pending') return false;
  if (report.state === 'pending' || report.at > other.at) return true;
  return report.at === other.at && report.state === 'failed';
}

function oidOf(node: unknown): Oid | null {
  const oid = readText(node, 'oid');
  return oid !== null && OID.test(oid) ? oid : null;
}
