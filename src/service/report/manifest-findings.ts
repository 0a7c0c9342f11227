import type { EvidencePolicy } from '../../domain/life/evidence-policy.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { findLoose, refreshesByItself } from '../../plan/effect/approval.ts';
import { gateReport } from '../../plan/restart/gated/gate-report.ts';
import type { DeliveredCommit } from '../../plan/restart/statuses/delivered.ts';
import { fitsContext } from '../../plan/restart/statuses/status-evidence.ts';
import type { Scope } from '../../plan/scope.ts';

/** What is told of a branch, and the next step where there is one all the same. */
export interface Told {
  readonly detail: string;
  readonly hint: string | null;
}

/** For how many ExternalSecrets a rotation waits for its pull request. */
export function approvalsFound(index: Index, scope: Scope): Told {
  const { all, loose } = findLoose(index, scope);
  if (all === 0) return { detail: 'no ExternalSecret here may be bumped', hint: null };
  const [first] = loose;
  if (first === undefined) {
    return { detail: `binding for ${all} of ${all} ExternalSecrets: nothing is fetched without a merge`, hint: null };
  }
  return {
    detail: `binding for ${all - loose.length} of ${all} ExternalSecrets; the others take a new value at their next refresh, without a merge (${shownLoose(first)})`,
    hint: 'Set refreshPolicy: OnChange on those whose rotations are to wait for a pull request, or pin their versions (branches[].pin).',
  };
}

function shownLoose(user: IndexedExternalSecret): string {
  const { path, line, kind, name } = user.object;
  return `${path}:${line} ${kind}/${name}, every ${refreshesByItself(user) ?? ''}`;
}

/** Of how many workloads the repository proves that they are applied after the refresh of what feeds them. */
export function gatesFound(index: Index, scope: Scope): Told {
  const { workloads, proven, first, unseen } = gateReport(index, scope);
  if (workloads === 0)
    return { detail: 'order gated is for no workload here: no ExternalSecret feeds one', hint: null };
  return {
    detail: `${proven} of ${workloads} workload(s) wait for the refresh; the others are announced as under staged`,
    hint: first ?? unseen,
  };
}

const MOST_NAMES = 5;

/** Which of the statuses that restarts are to wait for were never reported on the last commits of the base. */
export function statusesFound({ statuses }: EvidencePolicy, commits: readonly DeliveredCommit[]): Told {
  const contexts = [...new Set(statuses.flatMap((one) => one.contexts))].toSorted();
  const names = new Set(commits.flatMap(({ reports }) => reports.map(({ name }) => name)));
  const unseen = contexts.filter((pattern) => ![...names].some((name) => fitsContext(pattern, name)));
  const where = `on the last ${commits.length} commit(s) of the base`;
  if (unseen.length === 0) {
    return { detail: `each of ${contexts.length} status(es) and check(s) was reported ${where}`, hint: null };
  }
  const shown = unseen.slice(0, MOST_NAMES).map((name) => plainText(name, 255));
  const more = unseen.length > MOST_NAMES ? `, and ${unseen.length - MOST_NAMES} more` : '';
  return {
    detail: `${unseen.length} of ${contexts.length} status(es) and check(s) never reported ${where}: ${shown.join(', ')}${more}`,
    hint: 'A restart that waits for one is not proposed before it succeeds: see branches[].evidence for the name, and who reports it.',
  };
}
