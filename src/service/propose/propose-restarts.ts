import { syncAnnotation } from '../../domain/policy.ts';
import { branchName } from '../../plan/group.ts';
import { workOfRestarts } from '../../plan/life/urgency.ts';
import { type Plan, skipOfEdit, sortPlan } from '../../plan/plan.ts';
import { type DueRestart, type RestartGroup, restartEdits, restartName } from '../../plan/restart/due-restarts.ts';
import { type JudgedRestarts, judgeRestarts, type MergedRefresh } from '../../plan/restart/evidence.ts';
import { refreshGroupsOf } from '../../plan/restart/refresh-groups.ts';
import { restartTime } from '../../plan/restart/restart-mark.ts';
import { RESTART, ROTATION } from '../../words/trailers.ts';
import { type Outcome, outcome } from '../outcome.ts';
import { neededOwners } from '../reading/code-owners.ts';
import { BASE_MOVED, isBaseUnmoved, type Moved, type Round } from '../round.ts';
import type { ServedBranch } from '../served-branch.ts';
import { draftEdits, textReader } from './draft/draft-edits.ts';
import { findObject } from './draft/find-object.ts';
import { type Proposal, type ProposalWords, publishPlan } from './publish-plan.ts';
import { namesOf, turnedDownBy } from './pull/turned-down.ts';
import { saidOf } from './said-of.ts';
import { readStatuses } from './statuses/read-statuses.ts';
import { readTip, type Tip } from './tip/own-branch.ts';
import { newestTime } from './tip/write-tip.ts';

/** What became of one group of due restarts. */
export type RestartResult =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      /** When the next restart that still settles may be proposed, epoch milliseconds; null when none does. */
      readonly nextDueAt: number | null;
      /** Some wait for statuses, which move no ref. */
      readonly isAwaiting: boolean;
    }
  | Moved;

/** What is to be restarted, and why it is due. */
interface RestartProposal extends Proposal {
  readonly judged: JudgedRestarts;
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
  const { toMerge } = round.served.memory;
  const offered = toMerge.get(proposal.branch);
  const finish = (result: Outcome): RestartResult => {
    const { nextDueAt, isAwaiting } = proposal.judged;
    // What was not offered anew is no longer what is known to be applied.
    if (toMerge.get(proposal.branch) === offered) toMerge.delete(proposal.branch);
    return { kind: 'done', outcome: { ...result, branch: proposal.branch }, nextDueAt, isAwaiting };
  };
  if (proposal.draft.newTexts.length === 0) {
    // What was merged since the base was read only looks as if it had been taken back.
    const seemsReverted = proposal.plan.skips.some(({ code }) => code === 'reverted');
    if (seemsReverted && !(await isBaseUnmoved(round))) return BASE_MOVED;
    const finished = finish(notProposed(proposal.plan));
    standDown(round.served, proposal);
    return finished;
  }
  const published = await publishPlan(round, proposal, await wordsOf(round, group, proposal));
  return published.kind === 'moved' ? published : finish(published);
}

/** What statuses say now stands against what was proposed by what they said before: our auto-merge of it is looked at at once. */
function standDown({ memory }: ServedBranch, { branch, tip, pulls, judged }: RestartProposal): void {
  const open = pulls.find(({ state, isAutoMerge }) => state === 'open' && isAutoMerge);
  if (open === undefined || !judged.isAwaiting) return;
  const { number, url, head } = open;
  const rest = { evidence: 'settled', isUrgent: false, since: 0, nextLookAt: 0 } as const;
  memory.toMerge.set(branch, { number, url, head, tip: tip.kind === 'ours' ? 'ours' : 'shared', ...rest });
}

async function prepare(
  round: Round,
  group: RestartGroup,
  firstSeen: ReadonlyMap<string, number>,
): Promise<RestartProposal> {
  const { served, snapshot, signal } = round;
  const { branchPrefix: prefix, instance, base, settleMilliseconds } = served.settings;
  const branch = branchName({ prefix, instance, base, group, stage: 2 });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  const pulls = await served.forge.list(branch, base, signal);
  const judged = judgeRestarts(group.restarts, {
    merged: await readMerged(round, group.restarts),
    firstSeen,
    notBefore: begunAgain(round, group, tip),
    ...turnedDownBy(pulls, RESTART),
    now: served.clock.now(),
    settleMilliseconds,
    statuses: await readStatuses(round, group.restarts),
  });
  const edits = judged.settled.flatMap((one) => restartEdits(one, timeOf(one, judged, tip)));
  const draft = await draftEdits(sortPlan({ edits, skips: [] }), textReader(snapshot, signal));
  const skips = [...judged.skips, ...draft.refused.map(({ edit, obstacle }) => skipOfEdit(edit, obstacle))];
  const plan = sortPlan({ edits: draft.edits, skips });
  const wanted = new Set(plan.edits.map((edit) => restartName(edit)));
  const surplus = tip.kind === 'ours' ? [...tip.restarts].filter((name) => !wanted.has(name)) : [];
  return {
    branch,
    tip,
    pulls,
    judged,
    draft,
    plan,
    surplus,
    about: workOfRestarts(judged.settled),
    evidence: judged.evidence,
  };
}

/** What settles on a base that was force-pushed begins again. What is proposed already goes on being so, on the new base. */
function begunAgain({ line }: Round, { restarts }: RestartGroup, tip: Tip): ReadonlyMap<string, number> {
  const { rewrittenAt } = line;
  if (rewrittenAt === null) return new Map();
  const proposed = tip.kind === 'none' ? new Set() : tip.restarts;
  const names = restarts.map(({ edit }) => restartName(edit)).filter((name) => !proposed.has(name));
  return new Map(names.map((name) => [name, rewrittenAt]));
}

/**
 * The time that a Rollout is to be restarted at: when the refresh counts as applied. What no merge explains counts from this
 * process's own look at it, so that the time at an own tip is kept: replicas agree on the first that was pushed.
 */
function timeOf(restart: DueRestart, { appliedAt }: JudgedRestarts, tip: Tip): string {
  const at = tip.kind === 'none' ? undefined : findObject(tip.objects, restart.edit);
  const isSame = at?.type === 'workload' && at.annotations.get(restart.edit.annotation) === restart.edit.after;
  const pushed = isSame ? at.rollout.restartAt : null;
  return pushed ?? restartTime(appliedAt.get(restart) ?? 0);
}

/** The merged pull requests of every group that feeds one of these restarts. */
export async function readMerged({ served, index, signal }: Round, restarts: readonly DueRestart[]) {
  const { branchPrefix: prefix, instance, base, scope } = served.settings;
  const merged: MergedRefresh[] = [];
  for (const group of refreshGroupsOf(index, restarts, scope.grouping)) {
    const pulls = await served.forge.list(branchName({ prefix, instance, base, group, stage: 1 }), base, signal);
    for (const pull of pulls) {
      const { number, mergedAt } = pull;
      if (mergedAt !== null) merged.push({ number, mergedAt, rotations: new Set(namesOf(pull, ROTATION)) });
    }
  }
  return merged;
}

async function wordsOf(
  { served, snapshot }: Round,
  group: RestartGroup,
  proposal: RestartProposal,
): Promise<ProposalWords> {
  const { branch, draft, plan } = proposal;
  const { settled, refreshedBy, evidence, statuses } = proposal.judged;
  const owners = await neededOwners(textReader(snapshot), draft.newTexts);
  const applied = { evidence, statuses };
  const feeders = settled.flatMap((restart) => restart.feeders);
  return {
    ...saidOf(served, { branch, group }, { plan, events: [], stage: 2, refreshedBy, applied, owners }),
    time: newestTime(feeders.flatMap(({ object }) => object.annotations.get(syncAnnotation(object.kind)) ?? [])),
  };
}

/** Why nothing is proposed although something is due. */
function notProposed({ skips }: Plan): Outcome {
  const reason = skips.slice(0, 5).map(({ path, code, reason: why }) => `${path}: ${code}: ${why}`);
  const more = skips.length > 5 ? [`and ${skips.length - 5} more`] : [];
  const [hint = null] = skips.flatMap((skip) => skip.hint ?? []);
  return outcome(kindOf(skips.map(({ code }) => code)), [...reason, ...more].join(' '), { hint });
}

function kindOf(codes: readonly Plan['skips'][number]['code'][]): Outcome['kind'] {
  if (codes.includes('settling') || codes.includes('awaiting-status')) return 'waiting';
  if (codes.some((code) => code === 'rejected-by-people' || code === 'reverted')) return 'rejected-by-people';
  return 'used-but-not-bumped';
}
