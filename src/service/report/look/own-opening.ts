import { RESTART_DUE, SECRET_VERSIONS, syncAnnotation } from '../../../domain/policy.ts';
import type { Index } from '../../../manifests/graph.ts';
import type { MergeDecision } from '../../../plan/life/merging.ts';
import type { Opening } from '../../../plan/life/opening.ts';
import { type UrgencyWork, workOfRestarts } from '../../../plan/life/urgency.ts';
import { objectKey } from '../../../plan/plan.ts';
import { type RestartGroup, restartName } from '../../../plan/restart/due-restarts.ts';
import { type JudgedRestarts, judgeRestarts } from '../../../plan/restart/evidence.ts';
import type { PullRequest } from '../../../ports.ts';
import { readMerged } from '../../propose/propose-restarts.ts';
import { isUrgent, judgeOpening } from '../../propose/pull/judge-opening.ts';
import { readStatuses } from '../../propose/statuses/read-statuses.ts';
import type { TipObject } from '../../propose/tip/own-branch.ts';
import type { Round } from '../../round.ts';
import { judgeMerge } from '../../sweep/merge-shown.ts';
import type { CarriedRefresh } from '../../sweep/sweep-refreshes.ts';

export interface LookedOpening {
  readonly carried: CarriedRefresh;
  readonly open: PullRequest | null;
  /** What the branch restarts; null for one of stage one. */
  readonly due: RestartGroup | null;
}

/** Whether what an own branch brings may be opened now, judged as the service would by what stands on the branch. */
export async function lookAtOpening(round: Round, { carried, open, due }: LookedOpening): Promise<Opening> {
  const { branch, tip } = carried;
  const changed = changedOn(round.index, tip.objects);
  const about = due === null ? workOf(carried, changed) : workOfRestarts(due.restarts);
  return judgeOpening(round, {
    branch,
    objects: changed.length,
    isUrgent: isUrgent(round, about),
    since: tip.commit.time * 1000,
    labels: open?.labels ?? null,
  });
}

/** Whether an open pull request may be merged without a person, judged as a process would that has just begun. */
export async function lookAtMerge(
  round: Round,
  { carried, open, due }: LookedOpening & { readonly open: PullRequest },
): Promise<MergeDecision> {
  const { served, signal } = round;
  const { branch, tip } = carried;
  const about = due === null ? workOf(carried, changedOn(round.index, tip.objects)) : workOfRestarts(due.restarts);
  const candidate = {
    evidence: due === null ? 'settled' : await evidenceOf(round, due, open),
    head: tip.ref.oid,
    tip: tip.kind === 'ours' ? tip.kind : 'shared',
    isUrgent: isUrgent(round, about),
    since: Math.max(tip.commit.time * 1000, open.createdAt),
  } as const;
  return judgeMerge(served, { branch, candidate, facts: await served.forge.mergeFacts(open.number, signal) });
}

/** What is known of the refreshes that an open pull request of stage two restarts for. */
async function evidenceOf(round: Round, { restarts }: RestartGroup, { createdAt }: PullRequest): Promise<Evidence> {
  const { clock, settings } = round.served;
  const known = { merged: await readMerged(round, restarts), statuses: await readStatuses(round, restarts) };
  return judgeRestarts(restarts, {
    ...known,
    // It was proposed, so that whatever explains none of them was seen before.
    firstSeen: new Map(restarts.map(({ edit }) => [restartName(edit), createdAt])),
    rejected: new Set(),
    reverted: new Set(),
    now: clock.now(),
    settleMilliseconds: settings.settleMilliseconds,
  }).evidence;
}

type Evidence = JudgedRestarts['evidence'];

function workOf({ tip }: CarriedRefresh, changed: readonly TipObject[]): UrgencyWork {
  const secrets = [...tip.rotations].map((name) => name.slice(0, name.lastIndexOf('=')));
  return { objects: changed.filter((object) => tip.tokens.has(objectKey(object))), secrets };
}

/** The objects on the branch that say something else of versions than those on the base. Inline markers are not looked at. */
function changedOn({ externalSecrets, workloads }: Index, objects: readonly TipObject[]): readonly TipObject[] {
  const base = new Map<string, string>();
  for (const object of [...externalSecrets.map((user) => user.object), ...workloads]) {
    base.set(objectKey(object), versionsIn(object));
  }
  return objects.filter((object) => (base.get(objectKey(object)) ?? NOTHING) !== versionsIn(object));
}

const NOTHING = '[[],[],null]';

function versionsIn(object: TipObject): string {
  const { kind, annotations, type } = object;
  const known = [syncAnnotation(kind), RESTART_DUE, SECRET_VERSIONS];
  const said = (from: ReadonlyMap<string, string>) => known.flatMap((name) => from.get(name) ?? []);
  if (type !== 'workload') return JSON.stringify([said(annotations), [], null]);
  return JSON.stringify([said(annotations), said(object.templateAnnotations), object.rollout.restartAt]);
}
