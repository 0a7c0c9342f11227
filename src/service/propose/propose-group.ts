import type { EventFacts } from '../../domain/change.ts';
import { FORCE_SYNC } from '../../domain/policy.ts';
import type { Oid } from '../../domain/repo-path.ts';
import { parseToken } from '../../domain/token.ts';
import type { Index } from '../../manifests/graph.ts';
import { branchName, type Group } from '../../plan/group.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import { type BeyondBase, beyondBase } from '../../plan/truth/beyond-base.ts';
import type { Claim } from '../../plan/truth/newest-claim.ts';
import { refsToAsk } from '../../plan/truth/refs-to-ask.ts';
import type { PullRequest, Ref, Snapshot } from '../../ports.ts';
import { commitMessage } from '../../words/commit-message.ts';
import { pullRequestText } from '../../words/pull-request.ts';
import { ROTATION, readEvents, readTrailers } from '../../words/trailers.ts';
import { type Outcome, outcome } from '../outcome.ts';
import { readTruth, type TruthReader } from '../read-truth.ts';
import type { ServedBranch } from '../served-branch.ts';
import { type Draft, textReader } from './draft-edits.ts';
import { draftPlan } from './draft-plan.ts';
import { outcomesOf } from './outcome-of-verdict.ts';
import { readTip, type Tip } from './own-branch.ts';
import { showPullRequest } from './show-pull-request.ts';

/** What one round has read: refs first, then truth, then the index. A ref that moves starts a new round. */
export interface Round {
  readonly served: ServedBranch;
  readonly base: Ref;
  readonly ownRefs: readonly Ref[];
  readonly snapshot: Snapshot;
  readonly index: Index;
  /** Null in event mode. */
  readonly truth: TruthReader | null;
  readonly claims: readonly Claim[];
  readonly signal: AbortSignal;
}

/** A result for each wish of the group, in order; or `moved`: begin again from the refs. */
export type GroupResult =
  | { readonly kind: 'done'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'moved'; readonly why: string };

interface Proposal {
  readonly branch: string;
  readonly tip: Tip;
  readonly pulls: readonly PullRequest[];
  readonly refresh: RefreshPlan;
  readonly draft: Draft;
  readonly events: readonly EventFacts[];
}

/** Brings one group's branch and pull request to the state that this batch and the branch itself ask for. */
export async function proposeGroup(round: Round, group: Group, events: readonly EventFacts[]): Promise<GroupResult> {
  const proposal = await prepare(round, group, events);
  const { refresh, draft, tip } = proposal;
  if (draft.newTexts.length === 0) return { kind: 'done', outcomes: outcomesOf(group, refresh, null) };
  const carried = await carries(tip, draft);
  if (!carried && tip.kind === 'foreign') {
    return { kind: 'done', outcomes: group.wishes.map(() => foreignTip(proposal.branch, tip.commit.author.name)) };
  }
  const head =
    carried && tip.kind !== 'none' ? { kind: 'at' as const, oid: tip.ref.oid } : await publish(round, proposal);
  if (head.kind === 'moved') return { kind: 'moved', why: head.why };
  if (head.kind === 'refused') {
    return { kind: 'done', outcomes: group.wishes.map(() => refusedPush(proposal.branch, head.reason)) };
  }
  const shown = await show(round, proposal, { oid: head.oid, isNew: !carried });
  if (shown === null) return { kind: 'moved', why: 'the pull request was merged or closed meanwhile' };
  const fresh = !carried || shown.change !== 'none';
  const link = { branch: proposal.branch, pullRequest: shown.pullRequest.url, fresh };
  return { kind: 'done', outcomes: outcomesOf(group, refresh, link) };
}

async function prepare(round: Round, group: Group, events: readonly EventFacts[]): Promise<Proposal> {
  const { served, index, signal } = round;
  const { settings } = served;
  const branch = branchName({
    prefix: settings.branchPrefix,
    instance: settings.instance,
    base: settings.base,
    group,
    stage: 1,
  });
  const tip = await readTip(
    served,
    round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`),
    round.snapshot,
    signal,
  );
  const pulls = await served.forge.list(branch, settings.base, signal);
  const beyond = carriedBy(tip, index);
  const wishes = [...group.wishes, ...beyond.claims.map(({ wish }) => wish)];
  const truth = await readTruth(refsToAsk(index, wishes), [...round.claims, ...beyond.claims], round.truth);
  const { refresh, draft } = await draftPlan(textReader(round.snapshot), {
    index,
    wishes,
    truth,
    scope: settings.scope,
    earlier: beyond.tokens,
    rejected: rejectedVersions(pulls),
    notEditable: new Map(),
  });
  const earlierEvents = tip.kind === 'ours' ? readEvents(tip.commit.message) : [];
  return { branch, tip, pulls, refresh, draft, events: [...earlierEvents, ...events] };
}

function carriedBy(tip: Tip, index: Index): BeyondBase {
  if (tip.kind !== 'ours') return { tokens: new Map(), claims: [] };
  const rotations = new Set(readTrailers(tip.commit.message, ROTATION));
  return beyondBase(index, { tokens: tip.tokens, rotations });
}

/** Versions that a person turned down: the trailers at the head of pull requests that a person closed. */
function rejectedVersions(pulls: readonly PullRequest[]): ReadonlySet<string> {
  const closed = pulls.filter(({ state }) => state === 'closed-by-person');
  return new Set(closed.flatMap(({ headMessage }) => readTrailers(headMessage ?? '', ROTATION)));
}

/** True when the tip already has every new text: nothing needs to be pushed, whoever made it. */
async function carries(tip: Tip, draft: Draft): Promise<boolean> {
  if (tip.kind === 'none') return false;
  const readText = textReader(tip.snapshot);
  for (const { path, text } of draft.newTexts) {
    if ((await readText(path)) !== text) return false;
  }
  return true;
}

type Head =
  | { readonly kind: 'at'; readonly oid: Oid }
  | { readonly kind: 'moved'; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: string };

async function publish(round: Round, proposal: Proposal): Promise<Head> {
  const { served, base, signal } = round;
  const { tip, draft, refresh, events, branch } = proposal;
  const result = await served.workspace.publish(
    {
      ref: `refs/heads/${branch}`,
      expected: tip.kind === 'none' ? null : tip.ref.oid,
      to: {
        parent: base.oid,
        files: draft.newTexts,
        message: commitMessage(refresh.plan.edits, events, 1),
        author: served.settings.author,
        time: commitTime(refresh.plan),
      },
    },
    signal,
  );
  switch (result.kind) {
    case 'done':
      return { kind: 'at', oid: result.oid };
    case 'moved':
      return { kind: 'moved', why: `${branch} moved` };
    // The next round lists the refs and compares content: a push that did arrive is then simply there.
    case 'unknown':
      return { kind: 'moved', why: `the answer to a push was lost: ${result.reason}` };
    case 'refused':
      return result;
  }
}

/** The newest time in the tokens: the same plan is the same commit on every replica. Epoch seconds. */
function commitTime(plan: Plan): number {
  const tokens = plan.edits.flatMap((edit) => (edit.annotation === FORCE_SYNC ? (parseToken(edit.after) ?? []) : []));
  return Math.max(0, ...tokens.map(({ time }) => Date.parse(time) / 1000));
}

async function show(round: Round, proposal: Proposal, head: { readonly oid: Oid; readonly isNew: boolean }) {
  const { served, signal } = round;
  const { base, pullRequest, scope } = served.settings;
  const text = pullRequestText({ plan: proposal.refresh.plan, events: proposal.events, order: scope.order, stage: 1 });
  const draft = { ...text, ...pullRequest, branch: proposal.branch, base };
  return showPullRequest({ served, known: proposal.pulls, draft, head, signal });
}

function foreignTip(branch: string, author: string): Outcome {
  return outcome(
    'needs-operator',
    `The branch ${branch} has a commit by ${author} at its tip: it is never overwritten.`,
    {
      branch,
      hint: 'Merge or close its pull request, or delete the branch: the next delivery proposes the change again.',
    },
  );
}

function refusedPush(branch: string, reason: string): Outcome {
  return outcome('needs-operator', `The Git host refused the push to ${branch}: ${reason}`, {
    branch,
    hint: 'Allow the bot to push to its own branches (branch rules, hooks, token permissions).',
  });
}
