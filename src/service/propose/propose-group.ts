import type { EventFacts } from '../../domain/change.ts';
import { formatToken } from '../../domain/token.ts';
import { isFindDenied } from '../../plan/find/found-secrets.ts';
import { branchName, type Group } from '../../plan/group.ts';
import { within } from '../../plan/grouping/within.ts';
import { nextDrops } from '../../plan/life/next-drops.ts';
import { workOfEdits } from '../../plan/life/urgency.ts';
import { broughtBy } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import { type BranchTip, beyondBase, beyondIn } from '../../plan/truth/beyond-base.ts';
import type { Claim } from '../../plan/truth/newest-claim.ts';
import { refsToAsk } from '../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../plan/truth/wish.ts';
import type { PullRequest } from '../../ports.ts';
import { ROTATION, readEvents } from '../../words/trailers.ts';
import type { Outcome } from '../outcome.ts';
import { neededOwners } from '../reading/code-owners.ts';
import { BASE_MOVED, branchMoved, isBaseUnmoved, type Moved, pullsOf, type Round } from '../round.ts';
import { findsOf } from '../served-branch.ts';
import { readTruth } from '../truth/truth-reader.ts';
import { textReader } from './draft/draft-edits.ts';
import { outcomesOf } from './outcome-of-verdict.ts';
import { postponed } from './publish-outcome.ts';
import { type Proposal, type ProposalWords, publishPlan } from './publish-plan.ts';
import { planUnlessTakenBack } from './pull/taken-back.ts';
import { turnedDownBy } from './pull/turned-down.ts';
import { AGREED, closeWithdrawn, isWithdrawn, type Withdrawal, whyNothingLeft, withdraw } from './pull/withdraw.ts';
import { rejectedElsewhere } from './regrouped/rejected-elsewhere.ts';
import { saidOf } from './said-of.ts';
import { readTip } from './tip/own-branch.ts';
import { surplusOf } from './tip/surplus.ts';
import { newestTime } from './tip/write-tip.ts';

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

/** What is to be proposed, and what became of everything that asks for it. */
interface GroupProposal extends Omit<Proposal, 'plan' | 'about'> {
  /** Why nothing is left of what our tip brings; null where something may be. */
  readonly nothingLeft: Withdrawal | null;
  readonly refresh: RefreshPlan;
  readonly truth: Truth;
  readonly events: readonly EventFacts[];
  /** Wishes for what AWS does not let us see. */
  readonly denied: ReadonlySet<Wish>;
}

/**
 * Brings one group's branch and pull request to the state that this batch and the branch itself ask for. `known`: every pull
 * request of the branch, newest first, where they were just listed.
 */
export async function proposeGroup(
  round: Round,
  group: Group,
  events: readonly EventFacts[],
  known: readonly PullRequest[] | null = null,
): Promise<GroupResult> {
  const proposal = await prepare(round, group, events, known);
  const finish = (edited: Outcome | null): GroupResult => {
    const outcomes = outcomesOf(group, proposal.refresh, edited, proposal.denied);
    return {
      kind: 'done',
      edited,
      nothingLeft: proposal.nothingLeft,
      outcomes: edited === null ? outcomes.map((one) => noteWithdrawal(proposal, one)) : outcomes,
    };
  };
  // What was merged since the base was read only looks as if it had been taken back.
  if (seemsReverted(proposal) && !(await isBaseUnmoved(round))) return BASE_MOVED;
  if (proposal.draft.newTexts.length === 0) {
    await round.turn.come();
    const tidied = await tidy(round, proposal);
    if (tidied === null || tidied.kind === 'moved') return tidied ?? finish(null);
    const { outcome } = tidied;
    return { kind: 'done', edited: outcome, nothingLeft: null, outcomes: group.wishes.map(() => outcome) };
  }
  const { plan } = proposal.refresh;
  const published = await publishPlan(
    round,
    { ...proposal, plan, about: workOfEdits(plan.edits) },
    await wordsOf(round, group, proposal),
  );
  return published.kind === 'moved' ? published : finish(published);
}

function seemsReverted({ refresh }: GroupProposal): boolean {
  return refresh.plan.skips.some(({ code }) => code === 'reverted');
}

type Tidied = Moved | { readonly kind: 'later'; readonly outcome: Outcome } | null;

/** Nothing is to be edited: what our branch still proposes is taken back where the base is proved to be current. */
async function tidy(round: Round, { tip, pulls, surplus, branch, nothingLeft }: GroupProposal): Promise<Tidied> {
  const { served, signal } = round;
  const pull = pulls.find(({ state }) => state === 'open');
  // What people merged since the base was read is on the base now, and no longer current.
  if (nothingLeft !== null && !(await isBaseUnmoved(round))) return BASE_MOVED;
  if (pull === undefined) return null;
  if (tip.kind === 'ours' && nothingLeft !== null) {
    const result = await withdraw({ served, tip: tip.ref, pull, why: nothingLeft, signal });
    // What is merged from a queue although AWS has left it has to be looked at again.
    if (result.kind === 'not-now') return { kind: 'later', outcome: postponed(branch, result, pull.url) };
    return branchMoved(result.why);
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
function noteWithdrawal({ pulls: [newest] }: GroupProposal, one: Outcome): Outcome {
  const isNoted = one.kind === 'already-current' && newest !== undefined && newest.state !== 'open';
  if (!isNoted || !isWithdrawn(newest)) return one;
  const reason = `${one.reason} Pull request #${newest.number}, which proposed another, was withdrawn.`;
  return { ...one, reason, pullRequest: newest.url };
}

/** Reads the branch and its pull requests, and plans what this batch and the branch's own entries ask for together. */
async function prepare(
  round: Round,
  group: Group,
  events: readonly EventFacts[],
  known: readonly PullRequest[] | null,
): Promise<GroupProposal> {
  const { served, index, snapshot, signal } = round;
  const { settings } = served;
  const { branchPrefix: prefix, instance, base, scope } = settings;
  const branch = branchName({ prefix, instance, base, group, stage: 1 });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  const pulls = known ?? (await pullsOf(round, branch));
  const beyond = beyondIn(beyondBase(index, tip.kind === 'none' ? NOTHING : tip, scope.grouping), group.part);
  const wishes = [...group.wishes, ...beyond.claims.map(({ wish }) => wish)];
  const isInPart = within(index, scope.grouping, group.part).user;
  const truth = await readTruth(refsToAsk(index, wishes, isInPart), [...round.claims, ...beyond.claims], round.truth);
  const { refresh, draft } = await planUnlessTakenBack(round, {
    index,
    wishes,
    truth,
    scope,
    part: group.part,
    earlier: beyond.tokens,
    turnedDown: { ...turnedDownBy(pulls, ROTATION), rejectedAt: await rejectedElsewhere(round, wishes, branch) },
    notEditable: new Map(),
    finds: findsOf(served),
  });
  const surplus = surplusOf(tip, index, beyond, refresh.plan);
  const earlierEvents = tip.kind === 'none' ? [] : readEvents(tip.own?.message ?? '');
  // Events alone prove nothing: what another replica was told meanwhile could not be asked for again.
  const isProvable = round.truth !== null && tip.kind === 'ours';
  return {
    branch,
    tip,
    pulls,
    surplus,
    nothingLeft: isProvable ? whyNothingLeft(index, refresh, beyond) : null,
    refresh,
    draft,
    truth,
    events: [...earlierEvents, ...events],
    denied: deniedOf(round.claims, wishes, truth),
  };
}

const NOTHING: BranchTip = { tokens: new Map(), rotations: new Set() };

async function wordsOf({ served, snapshot }: Round, group: Group, proposal: GroupProposal): Promise<ProposalWords> {
  const { branch, draft, events, truth } = proposal;
  const { plan } = proposal.refresh;
  const owners = await neededOwners(textReader(snapshot), draft.newTexts);
  const drops = nextDrops(plan.edits, truth);
  return {
    ...saidOf(served, { branch, group }, { plan, events, stage: 1, refreshedBy: [], owners, drops }),
    time: newestTime(plan.edits.map((edit) => formatToken(broughtBy(edit) ?? []))),
  };
}

function deniedOf(claims: readonly Claim[], wishes: readonly Wish[], truth: Truth): ReadonlySet<Wish> {
  const secrets = claims.flatMap(({ wish, known }) => (known.kind === 'denied' ? [wish] : []));
  return new Set([...secrets, ...wishes.filter((wish) => isFindDenied(wish, truth))]);
}
