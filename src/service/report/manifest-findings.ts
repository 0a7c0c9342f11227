import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { findLoose, refreshesByItself } from '../../plan/life/approval.ts';
import { gateReport } from '../../plan/restart/gated/gate-report.ts';
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
