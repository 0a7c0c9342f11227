import { Failure } from '../../domain/failure.ts';
import { syncAnnotation } from '../../domain/policy.ts';
import { branchName } from '../../plan/group.ts';
import { type Plan, skipOfEdit, sortPlan } from '../../plan/plan.ts';
import { type DueRestart, type RestartGroup, restartEdits, restartName } from '../../plan/restart/due-restarts.ts';
import { type JudgedRestarts, judgeRestarts, type MergedRefresh } from '../../plan/restart/evidence.ts';
import { refreshGroupsOf } from '../../plan/restart/refresh-groups.ts';
import { restartTime } from '../../plan/restart/restart-mark.ts';
import type { PullRequest } from '../../ports.ts';
import { commitMessage } from '../../words/commit-message.ts';
import { pullRequestText } from '../../words/pull-request.ts';
import { RESTART, ROTATION, readTrailers } from '../../words/trailers.ts';
import { failureOf, type Outcome, outcome, outcomeOfFailure } from '../outcome.ts';
import { BASE_MOVED, isBaseUnmoved, type Moved, type Round } from '../round.ts';
import { type Brought, bringTip, newestTime } from './bring-tip.ts';
import { type Draft, draftEdits, textReader } from './draft/draft-edits.ts';
import { findObject } from './draft/find-object.ts';
import { readTip, type Tip } from './own-branch.ts';
import { foreignTip, proposed, refusedPush } from './publish-outcome.ts';
import { showPullRequest } from './show-pull-request.ts';
import { namedBy, turnedDown } from './turned-down.ts';

/** What became of one group of due restarts. */
export type RestartResult =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      /** When the next restart that still settles may be proposed, epoch milliseconds; null when none does. */
      readonly nextDueAt: number | null;
    }
  | Moved;

/** What is to be restarted, and where. */
interface Proposal {
  readonly branch: string;
  readonly tip: Tip;
  readonly pulls: readonly PullRequest[];
  readonly judged: JudgedRestarts;
  readonly plan: Plan;
  readonly draft: Draft;
}

/**
 * Brings the restart branch of one group and its pull request to what is due on the base and has settled. `firstSeen`: when
 * this process first saw each due restart, by `restartName`, epoch milliseconds.
 */
export async function proposeRestarts(
  round: Round,
  group: RestartGroup,
  firstSeen: ReadonlyMap<string, number>,
): Promise<RestartResult> {
  const proposal = await prepare(round, group, firstSeen);
  const finish = (result: Outcome): RestartResult => {
    const { nextDueAt } = proposal.judged;
    return { kind: 'done', outcome: { ...result, branch: proposal.branch }, nextDueAt };
  };
  if (proposal.draft.newTexts.length === 0) {
    // What was merged since the base was read only looks as if it had been taken back.
    const seemsReverted = proposal.plan.skips.some(({ code }) => code === 'reverted');
    if (seemsReverted && !(await isBaseUnmoved(round))) return BASE_MOVED;
    return finish(notProposed(proposal.plan));
  }
  const brought = await bring(round, proposal);
  switch (brought.kind) {
    case 'moved':
      return brought;
    case 'refused':
      return finish(refusedPush(proposal.branch, brought.reason));
    case 'foreign':
      return finish(foreignTip(proposal.branch, proposal.pulls, brought.author));
    case 'at': {
      const shown = await show(round, proposal, brought);
      if (shown instanceof Failure) return finish(outcomeOfFailure(shown));
      return shown.kind === 'moved' ? shown : finish(proposed(proposal.branch, proposal.plan, brought, shown));
    }
  }
}

async function prepare(round: Round, group: RestartGroup, firstSeen: ReadonlyMap<string, number>): Promise<Proposal> {
  const { served, snapshot, signal } = round;
  const { branchPrefix: prefix, instance, base, settleMilliseconds } = served.settings;
  const branch = branchName({ prefix, instance, base, group, stage: 2 });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const tip = await readTip(served, ref, snapshot, signal);
  const pulls = await served.forge.list(branch, base, signal);
  const judged = judgeRestarts(group.restarts, {
    merged: await readMerged(round, group.restarts),
    firstSeen,
    ...heldRestarts(pulls),
    now: served.clock.now(),
    settleMilliseconds,
  });
  const edits = judged.settled.flatMap((one) => restartEdits(one, timeOf(one, judged, tip)));
  const draft = await draftEdits(sortPlan({ edits, skips: [] }), textReader(snapshot));
  const skips = [...judged.skips, ...draft.refused.map(({ edit, obstacle }) => skipOfEdit(edit, obstacle))];
  return { branch, tip, pulls, judged, draft, plan: sortPlan({ edits: draft.edits, skips }) };
}

/**
 * The time that a Rollout is to be restarted at: when the refresh counts as applied. What no merge explains counts from this
 * process's own look at it, so that the time at an own tip is kept: replicas agree on the first that was pushed.
 */
function timeOf(restart: DueRestart, { appliedAt }: JudgedRestarts, tip: Tip): string {
  const at = tip.kind === 'ours' ? findObject(tip.objects, restart.edit) : undefined;
  const isSame = at?.type === 'workload' && at.annotations.get(restart.edit.annotation) === restart.edit.after;
  const pushed = isSame ? at.rollout.restartAt : null;
  return pushed ?? restartTime(appliedAt.get(restart) ?? 0);
}

/** The merged pull requests of every group that feeds one of these restarts. */
export async function readMerged({ served, index, signal }: Round, restarts: readonly DueRestart[]) {
  const { branchPrefix: prefix, instance, base } = served.settings;
  const merged: MergedRefresh[] = [];
  for (const group of refreshGroupsOf(index, restarts)) {
    const pulls = await served.forge.list(branchName({ prefix, instance, base, group, stage: 1 }), base, signal);
    for (const { number, mergedAt, body } of pulls) {
      if (mergedAt !== null) merged.push({ number, mergedAt, rotations: new Set(readTrailers(body, ROTATION)) });
    }
  }
  return merged;
}

/** Restarts that a person turned down, and the last one of each workload that was merged. */
export function heldRestarts(pulls: readonly PullRequest[]) {
  // An earlier one is due again after a rollback. The newest pull request comes first.
  const newest = new Map<string, string>();
  for (const name of namedBy(pulls, 'merged', RESTART).toReversed()) newest.set(name.split(' ', 1)[0] ?? '', name);
  return { rejected: turnedDown(pulls, RESTART), reverted: new Set(newest.values()) };
}

function bring({ served, base, signal }: Round, proposal: Proposal): Promise<Brought> {
  const { tip, judged, plan } = proposal;
  const wanted = new Set(plan.edits.map((edit) => restartName(edit)));
  const surplus = tip.kind === 'ours' ? [...tip.restarts].filter((name) => !wanted.has(name)) : [];
  const feeders = judged.settled.flatMap((restart) => restart.feeders);
  const time = newestTime(feeders.flatMap(({ object }) => object.annotations.get(syncAnnotation(object.kind)) ?? []));
  const message = commitMessage(plan.edits, [], 2);
  return bringTip({ ...proposal, surplus, message, time, served, base, signal });
}

/** The branch is there already: a forge that fails says so with the branch's name. */
async function show(round: Round, proposal: Proposal, brought: Brought & { readonly kind: 'at' }) {
  const { served, base, signal } = round;
  const { pullRequest, scope, settleMilliseconds } = served.settings;
  const { branch, pulls, plan, judged } = proposal;
  const { refreshedBy } = judged;
  const text = pullRequestText({ plan, events: [], order: scope.order, stage: 2, settleMilliseconds, refreshedBy });
  const draft = { ...text, ...pullRequest, branch, base: served.settings.base };
  try {
    return await showPullRequest({ served, known: pulls, draft, base, head: brought.head, tip: brought.how, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    return failureOf(error);
  }
}

/** Why nothing is proposed although something is due. */
function notProposed({ skips }: Plan): Outcome {
  const reason = skips.slice(0, 5).map(({ path, code, reason: why }) => `${path}: ${code}: ${why}`);
  const more = skips.length > 5 ? [`and ${skips.length - 5} more`] : [];
  const [hint = null] = skips.flatMap((skip) => skip.hint ?? []);
  return outcome(kindOf(skips.map(({ code }) => code)), [...reason, ...more].join(' '), { hint });
}

function kindOf(codes: readonly Plan['skips'][number]['code'][]): Outcome['kind'] {
  if (codes.includes('settling')) return 'waiting';
  if (codes.some((code) => code === 'rejected-by-people' || code === 'reverted')) return 'rejected-by-people';
  return 'used-but-not-bumped';
}
