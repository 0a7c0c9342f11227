import { gateReport } from '../../plan/restart/gated/gate-report.ts';
import { readIndex } from '../reading/read-index.ts';
import type { ServedBranch } from '../served-branch.ts';

/** What is told of a branch, and what to do about it. */
export interface ToldGates {
  readonly detail: string;
  readonly hint: string | null;
}

/** Of how many workloads the repository proves that they are applied after the refresh of what feeds them. */
export async function readGates(served: ServedBranch, signal: AbortSignal): Promise<ToldGates> {
  const { workspace, settings } = served;
  const name = `refs/heads/${settings.base}`;
  const base = (await workspace.refs([name], signal)).find((ref) => ref.name === name);
  if (base === undefined) return { detail: `it has no branch ${settings.base}`, hint: null };
  const { index } = await readIndex(served, base, signal);
  const { workloads, proven, first, unseen } = gateReport(index, settings.scope);
  if (workloads === 0)
    return { detail: 'order gated is for no workload here: no ExternalSecret feeds one', hint: null };
  return {
    detail: `${proven} of ${workloads} workload(s) wait for the refresh; the others are announced as under staged`,
    hint: first ?? unseen,
  };
}
