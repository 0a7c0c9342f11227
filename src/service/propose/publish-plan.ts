import { Failure } from '../../domain/failure.ts';
import type { Plan } from '../../plan/plan.ts';
import type { PullRequest } from '../../ports.ts';
import type { PullRequestText } from '../../words/pull-request.ts';
import { failureOf, type Outcome, outcomeOfFailure } from '../outcome.ts';
import type { Moved, Round } from '../round.ts';
import type { Draft } from './draft/draft-edits.ts';
import { blockedByPerson, leftOver, postponed, proposed, refusedPush } from './publish-outcome.ts';
import { beforeChange, READY, type Readiness } from './pull/before-change.ts';
import { type Shown, type ShowRequest, showPullRequest } from './pull/show-pull-request.ts';
import { whyUntouchable } from './pull/untouchable.ts';
import type { Tip } from './tip/own-branch.ts';
import { nextStep, type TipRequest, type TipStep, writeTip } from './tip/write-tip.ts';

/** What is to be proposed, and where. */
export interface Proposal {
  readonly branch: string;
  readonly tip: Tip;
  /** Every pull request of the branch, newest first. */
  readonly pulls: readonly PullRequest[];
  /** What the tip changes and this plan does not. */
  readonly surplus: readonly string[];
  readonly plan: Plan;
  readonly draft: Draft;
}

/** How it is said. */
export interface ProposalWords {
  readonly message: string;
  /** Of the commit, epoch seconds. */
  readonly time: number;
  readonly text: PullRequestText;
}

/** Brings a branch and its pull request to a plan that has edits: first the branch, then the pull request that shows it. */
export async function publishPlan(round: Round, proposal: Proposal, words: ProposalWords): Promise<Outcome | Moved> {
  const { served, base, signal } = round;
  const { pulls } = proposal;
  const open = pulls.find(({ state }) => state === 'open') ?? null;
  const request: TipRequest = { ...proposal, ...words, served, base, open, isMerged: isMerged(proposal), signal };
  const step = await nextStep(request);
  if (step.kind === 'blocked') return blocked(round, proposal, step);
  const show: Writing['show'] = async (known, at) => {
    const shown = await showOrFail(round, proposal, { ...at, known, text: words.text });
    return shown.kind === 'moved' ? shown : leftOver(shown, step);
  };
  if (step.kind === 'keep') return show(pulls, { head: step.head, tip: step.whose === 'ours' ? 'kept' : 'foreign' });
  return write({ round, proposal, request, show }, step);
}

function isMerged({ tip, pulls }: Proposal): boolean {
  const isKnown = tip.kind === 'ours' || tip.kind === 'shared';
  return isKnown && pulls.some(({ state, head }) => state === 'merged' && head === tip.ref.oid);
}

interface Writing {
  readonly round: Round;
  readonly proposal: Proposal;
  readonly request: TipRequest;
  readonly show: (known: readonly PullRequest[], at: Pick<ShowRequest, 'head' | 'tip'>) => Promise<Outcome | Moved>;
}

/** Writes the branch, once what people decided on its old content is taken back, and shows it. */
async function write(
  { round, proposal, request, show }: Writing,
  step: TipStep & { readonly kind: 'replace' | 'append' },
): Promise<Outcome | Moved> {
  const { branch, pulls } = proposal;
  const { open } = request;
  const readiness = await readinessOf(round, open, step);
  if (readiness.kind === 'not-now') return postponed(branch, readiness, open?.url);
  const known = readiness.kind === 'closed' ? pulls.filter((pull) => pull !== open) : pulls;
  const brought = await writeTip(request, step);
  if (brought.kind === 'refused') return refusedPush(branch, brought.reason);
  return brought.kind === 'moved' ? brought : show(known, { head: brought.head, tip: 'pushed' });
}

async function readinessOf(
  { served, signal }: Round,
  open: PullRequest | null,
  step: TipStep & { readonly kind: 'replace' | 'append' },
): Promise<Readiness> {
  if (open === null) return READY;
  const isNew = step.kind === 'append' || step.content === 'new';
  return isNew ? beforeChange(served, open, signal) : ((await whyUntouchable(served, open, signal)) ?? READY);
}

/** A person has the last word on these lines: said once on the pull request. */
async function blocked(
  { served, signal }: Round,
  { branch, pulls }: Proposal,
  step: TipStep & { readonly kind: 'blocked' },
): Promise<Outcome> {
  const open = pulls.find(({ state }) => state === 'open');
  const result = blockedByPerson(branch, open ?? null, step);
  if (open === undefined || step.places.length === 0) return result;
  const key = 'blocked-by-person';
  await served.forge.remark(open.number, { key, text: `${result.reason}\n\n${result.hint ?? ''}` }, signal);
  return result;
}

/** The branch is there already: a forge that fails says so with the branch's name. */
async function showOrFail(
  round: Round,
  { branch, plan }: Proposal,
  { text, ...at }: Pick<ShowRequest, 'known' | 'head' | 'tip'> & { readonly text: PullRequestText },
): Promise<Outcome | Moved> {
  const { served, base, signal } = round;
  const draft = { ...text, ...served.settings.pullRequest, branch, base: served.settings.base };
  const shown = await orFailure(round, () => showPullRequest({ ...at, served, draft, base, signal }));
  if (shown instanceof Failure) return outcomeOfFailure(shown, { branch });
  return shown.kind === 'moved' ? shown : proposed(branch, plan, at, shown);
}

async function orFailure({ signal }: Round, show: () => Promise<Shown>): Promise<Shown | Failure> {
  try {
    return await show();
  } catch (error) {
    if (signal.aborted) throw error;
    return failureOf(error);
  }
}
