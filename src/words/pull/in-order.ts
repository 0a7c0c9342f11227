import type { EvidencePolicy } from '../../domain/life/evidence-policy.ts';
import type { Order } from '../../domain/policy.ts';
import { contextsFor } from '../../plan/restart/statuses/status-evidence.ts';
import { count, workloadsOf } from '../commit-message.ts';
import { placeOf } from '../edits/edit-sorts.ts';
import type { Stages } from '../edits/stages.ts';

interface OrderedPlan {
  readonly order: Order;
  readonly statusPolicy?: EvidencePolicy;
}

/**
 * The stages in order, and why each comes where it does, as a list; empty where one step is all there is. Names are said
 * elsewhere.
 */
export function inOrder(stages: Stages, about: OrderedPlan): readonly string[] {
  const { refreshed, byName, gated, atOnce, direct, announced } = stages;
  if (refreshed.length === 0) return [];
  const objects = new Set(refreshed.map(placeOf)).size;
  const later = [
    ...(byName.length === 0 ? [] : [`**At the same time**, by the same merge: ${restart(byName)}. ${BY_NAME}`]),
    ...(gated.length === 0 ? [] : [`**Then**, by the same merge: ${restart(gated)}. ${whyGated(gated)}`]),
    ...(atOnce.length === 0 ? [] : [`**At the same time**, by the same merge: ${restart(atOnce)}. ${RACE}`]),
    ...(direct.length === 0
      ? []
      : [`**At the same time**, by the same merge: ${restart(direct)}, and nothing has to be waited for.`]),
    ...(announced.length === 0
      ? []
      : [`**Later**, by a second pull request: ${restart(announced)}. ${NOT_NOW} ${whatSays(stages, about)}`]),
  ];
  if (later.length === 0 && about.order === 'refreshOnly') later.push(ONLY_REFRESHED);
  if (later.length === 0) return [];
  const first = `**First**, by this merge: ${count(objects, 'object')} ${objects === 1 ? 'is' : 'are'} refreshed.`;
  return ['In this order:', [first, ...later].map((step) => `- ${step}`).join('\n')];
}

/** Why stage two is one. */
export function secondBecause(): string {
  return `The refresh came first, by a merge of its own. ${UNORDERED}: by one commit pods could have restarted with the old value.`;
}

function restart(edits: Stages['gated']): string {
  const workloads = workloadsOf(edits);
  return `${count(workloads, 'workload')} ${workloads === 1 ? 'restarts' : 'restart'}`;
}

/** What makes it safe; a note's hint says what no file shows. */
function whyGated(gated: Stages['gated']): string {
  const isSeen = gated.every(({ notes }) => notes.every(({ code, hint }) => code !== 'gated' || hint === null));
  const by = isSeen ? 'as this repository shows' : 'if the health check is installed, which no file here shows';
  return `Safe here, ${by}: it is applied later, and the wait ends when a refresh began after the rotation was seen.`;
}

const UNORDERED =
  'Argo CD and Flux wait for no refresh, and within one wave or Kustomization they apply workloads first';

const NOT_NOW = `${UNORDERED}: by this commit pods could restart with the old value.`;

const BY_NAME =
  'Safe here, whatever is applied first: a pod does not start before the Secret of the new name is there, and that has the pinned versions.';

const RACE = `Not safe, and configured so: ${UNORDERED}. A pod that is faster than the refresh keeps the old value until it restarts again.`;

const ONLY_REFRESHED =
  '**Then** nothing restarts, as configured: pods that read their Secret only at their start keep the old value until they restart for another reason.';

/** Who says that a restart may follow: of several refreshes each may have its own way. */
function whatSays({ refreshed }: Stages, { statusPolicy }: OrderedPlan): string {
  const asked = refreshed.map(({ path }) => statusPolicy !== undefined && contextsFor(statusPolicy, path) !== null);
  if (asked.length > 0 && !asked.includes(false)) return 'Statuses say when the refresh was applied, not time.';
  const byTime = 'time says that the refresh is complete by then, so see that it is before merging that one.';
  return asked.includes(true)
    ? `Where statuses are named, they say when the refresh was applied; elsewhere only ${byTime}`
    : `Only ${byTime}`;
}
