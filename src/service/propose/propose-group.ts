import type { EventFacts } from '../../domain/change.ts';
import { Failure } from '../../domain/failure.ts';
import type { Part } from '../../domain/grouping/grouping.ts';
import { formatToken } from '../../domain/token.ts';
import { isFindDenied } from '../../plan/find/found-secrets.ts';
import { branchName, type Group } from '../../plan/group.ts';
import { within } from '../../plan/grouping/within.ts';
import { broughtBy } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import { type BranchTip, beyondBase, beyondIn } from '../../plan/truth/beyond-base.ts';
import type { Claim } from '../../plan/truth/newest-claim.ts';
import { refsToAsk } from '../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../plan/truth/wish.ts';
import type { PullRequest } from '../../ports.ts';
import { commitMessage } from '../../words/commit-message.ts';
import { pullRequestText } from '../../words/pull-request.ts';
import { ROTATION, readEvents } from '../../words/trailers.ts';
import { failureOf, type Outcome, outcomeOfFailure } from '../outcome.ts';
import { BASE_MOVED, branchMoved, isBaseUnmoved, type Moved, type Round } from '../round.ts';
import { findsOf } from '../served-branch.ts';
import { readTruth } from '../truth/truth-reader.ts';
import { type Brought, bringTip, newestTime } from './bring-tip.ts';
import { type Draft, textReader } from './draft/draft-edits.ts';
import { draftPlan } from './draft/draft-plan.ts';
import { outcomesOf } from './outcome-of-verdict.ts';
import { readTip, type Tip } from './own-branch.ts';
import { foreignTip, proposed, refusedPush } from './publish-outcome.ts';
import { rejectedElsewhere } from './regrouped/rejected-elsewhere.ts';
import { type Shown, showPullRequest } from './show-pull-request.ts';
import { surplusOf } from './surplus.ts';
import { turnedDown } from './turned-down.ts';
import { AGREED, closeWithdrawn, isWithdrawn, type Withdrawal, whyNothingLeft, withdraw } from './withdraw.ts';

/** A result for each wish of the group, in order; or `moved`: begin again from the refs. */
export type GroupResult = GroupDone | Moved;

interface GroupDone {
  readonly kind: 'done';
  readonly outcomes: readonly Outcome[];
  /** What became of the edits; null where there were none. */
  readonly edited: Outcome | null;
  /** Why nothing is left of what our tip brings; null where something may be. */
  readonly nothingLeft: Withdrawal | null;
}

/** What is to be proposed, and where. */
interface Proposal {
  readonly part: Part;
  readonly branch: string;
  readonly tip: Tip;
  readonly pulls: readonly PullRequest[];
  readonly surplus: readonly string[];
  /** Why nothing is left of what our tip brings; null where something may be. */
  readonly nothingLeft: Withdrawal | null;
  readonly refresh: RefreshPlan;
  readonly draft: Draft;
  readonly events: readonly EventFacts[];
  /** Wishes for what AWS does not let us see. */
  readonly denied: ReadonlySet<Wish>;
}

/** Brings one group's branch and pull request to the state that this batch and the branch itself ask for. */
export async function proposeGroup(round: Round, group: Group, events: readonly EventFacts[]): Promise<GroupResult> {
  const proposal = await prepare(round, group, events);
  const finish = (edited: Outcome | null): GroupResult => {
    const outcomes = outcomesOf(group, proposal.refresh, edited, proposal.denied);
    return {
      kind: 'done',
      edited,
      nothingLeft: proposal.nothingLeft,
      outcomes: edited === null ? outcomes.map((one) => noteWithdrawal(proposal, one)) : outcomes,
    };
  };
  if (proposal.draft.newTexts.length === 0) return (await tidy(round, proposal)) ?? finish(null);
  const { served, base, signal } = round;
  const { plan } = proposal.refresh;
  const message = commitMessage(plan.edits, proposal.events, 1, group.part);
  const time = newestTime(plan.edits.map((edit) => formatToken(broughtBy(edit) ?? [])));
  const brought = await bringTip({ ...proposal, plan, message, time, served, base, signal });
  switch (brought.kind) {
    case 'moved':
      return brought;
    case 'refused':
      return finish(refusedPush(proposal.branch, brought.reason));
    case 'foreign':
      return finish(foreignTip(proposal.branch, proposal.pulls, brought.author));
    case 'at': {
      const shown = await showOrFail(round, proposal, brought);
      if (shown instanceof Failure) return finish(outcomeOfFailure(shown, { branch: proposal.branch }));
      return shown.kind === 'moved' ? shown : finish(proposed(proposal.branch, proposal.refresh.plan, brought, shown));
    }
  }
}

/** Nothing is to be edited: what our branch still proposes is taken back where the base is proved to be current. */
async function tidy(round: Round, { tip, pulls, surplus, branch, nothingLeft }: Proposal): Promise<GroupResult | null> {
  const { served, signal } = round;
  const pull = pulls.find(({ state }) => state === 'open');
  // What people merged since the base was read is on the base now, and no longer current.
  if (nothingLeft !== null && !(await isBaseUnmoved(round))) return BASE_MOVED;
  if (pull === undefined) return null;
  if (tip.kind === 'ours' && nothingLeft !== null) {
    const { why } = await withdraw({ served, tip: tip.ref, pull, why: nothingLeft, signal });
    return branchMoved(why);
  }
  if (tip.kind === 'none' && isWithdrawn(pull)) await closeWithdrawn(served, pull, AGREED, signal);
  if (tip.kind === 'ours' && surplus.length > 0) {
    const hint = 'Close it if its version is no longer wanted.';
    const fields = { repository: served.name, branch, pr: pull.url, hint };
    served.log.warn(fields, 'an open pull request has nothing left to propose');
  }
  return null;
}

/** Says of what is current already that its own proposal of another version was taken back. */
function noteWithdrawal({ pulls: [newest] }: Proposal, one: Outcome): Outcome {
  const isNoted = one.kind === 'already-current' && newest !== undefined && newest.state !== 'open';
  if (!isNoted || !isWithdrawn(newest)) return one;
  const reason = `${one.reason} Pull request #${newest.number}, which proposed another, was withdrawn.`;
  return { ...one, reason, pullRequest: newest.url };
}

/** Reads the branch and its pull requests, and plans what this batch and the branch's own entries ask for together. */
async function prepare(round: Round, group: Group, events: readonly EventFacts[]): Promise<Proposal> {
  const { served, index, snapshot, signal } = round;
  const { settings } = served;
  const { branchPrefix: prefix, instance, base, scope } = settings;
  const branch = branchName({ prefix, instance, base, group, stage: 1 });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const tip = await readTip(served, ref, snapshot, signal);
  const pulls = await served.forge.list(branch, base, signal);
  const beyond = beyondIn(beyondBase(index, tip.kind === 'none' ? NOTHING : tip, scope.grouping), group.part);
  const wishes = [...group.wishes, ...beyond.claims.map(({ wish }) => wish)];
  const isInPart = within(index, scope.grouping, group.part).user;
  const truth = await readTruth(refsToAsk(index, wishes, isInPart), [...round.claims, ...beyond.claims], round.truth);
  const { refresh, draft } = await draftPlan(textReader(snapshot), {
    index,
    wishes,
    truth,
    scope,
    part: group.part,
    earlier: beyond.tokens,
    rejected: turnedDown(pulls, ROTATION),
    rejectedAt: await rejectedElsewhere(round, wishes, branch),
    notEditable: new Map(),
    finds: findsOf(served),
  });
  const surplus = surplusOf(tip, index, beyond, refresh.plan);
  const earlierEvents = tip.kind === 'ours' ? readEvents(tip.commit.message) : [];
  // Events alone prove nothing: what another replica was told meanwhile could not be asked for again.
  const isProvable = round.truth !== null && tip.kind === 'ours';
  return {
    part: group.part,
    branch,
    tip,
    pulls,
    surplus,
    nothingLeft: isProvable ? whyNothingLeft(index, refresh, beyond) : null,
    refresh,
    draft,
    events: [...earlierEvents, ...events],
    denied: deniedOf(round.claims, wishes, truth),
  };
}

const NOTHING: BranchTip = { tokens: new Map(), rotations: new Set() };

/** The branch is there already: a forge that fails says so with the branch's name. */
async function showOrFail(...args: Parameters<typeof show>): Promise<Shown | Failure> {
  try {
    return await show(...args);
  } catch (error) {
    if (args[0].signal.aborted) throw error;
    return failureOf(error);
  }
}

async function show(round: Round, proposal: Proposal, brought: Brought & { kind: 'at' }): Promise<Shown> {
  const { served, base, signal } = round;
  const { pullRequest, scope, settleMilliseconds } = served.settings;
  const { part, refresh, events, branch, pulls } = proposal;
  const text = pullRequestText({
    plan: refresh.plan,
    events,
    order: scope.order,
    stage: 1,
    part,
    settleMilliseconds,
    refreshedBy: [],
  });
  const draft = { ...text, ...pullRequest, branch, base: served.settings.base };
  return showPullRequest({ served, known: pulls, draft, base, head: brought.head, tip: brought.how, signal });
}

function deniedOf(claims: readonly Claim[], wishes: readonly Wish[], truth: Truth): ReadonlySet<Wish> {
  const secrets = claims.flatMap(({ wish, known }) => (known.kind === 'denied' ? [wish] : []));
  return new Set([...secrets, ...wishes.filter((wish) => isFindDenied(wish, truth))]);
}
