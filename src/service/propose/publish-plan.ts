import { Failure } from '../../domain/failure.ts';
import { countObjects } from '../../plan/life/count-objects.ts';
import { isOpened } from '../../plan/life/opening.ts';
import { needsManyOwners } from '../../plan/life/owners/code-owners.ts';
import type { UrgencyWork } from '../../plan/life/urgency.ts';
import type { Plan } from '../../plan/plan.ts';
import type { PullRequest, Ref } from '../../ports.ts';
import { prose } from '../../words/markdown.ts';
import type { PullRequestText } from '../../words/pull-request.ts';
import { failureOf, type Outcome, outcomeOfFailure } from '../outcome.ts';
import { branchMoved, type Moved, type Round } from '../round.ts';
import type { MergeCandidate, OpeningWork, ServedBranch, Waiting } from '../served-branch.ts';
import type { Draft } from './draft/draft-edits.ts';
import { blockedByPerson, leftInQueue, leftOver, postponed, proposed, refusedPush } from './publish-outcome.ts';
import { READY, readyFor } from './pull/before-change.ts';
import { countOpened, isUrgent, judgeOpening } from './pull/judge-opening.ts';
import { leftClosed, type Shown, type ShowRequest, showPullRequest } from './pull/show-pull-request.ts';
import type { Tip } from './tip/own-branch.ts';
import { noteWaiting, notYet, type Opener, openerOf } from './tip/who-pushed.ts';
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
  /** What it is about, as far as that may be urgent. */
  readonly about: UrgencyWork;
  /** Of restarts: how it is known that all of what they restart for was applied; left out of stage one. */
  readonly evidence?: MergeCandidate['evidence'];
  /** It changes no manifest: windows and limits, which are for what does, do not hold for it. */
  readonly isRecord?: boolean;
}

/** How it is said. */
export interface ProposalWords {
  readonly message: string;
  /** Of the commit, epoch seconds. */
  readonly time: number;
  readonly text: PullRequestText;
  /** The sets of code owners of whom one each has to approve it. */
  readonly owners: readonly (readonly string[])[];
}

/** Brings a branch and its pull request to a plan that has edits: first the branch, then the pull request that shows it. */
export async function publishPlan(round: Round, proposal: Proposal, words: ProposalWords): Promise<Outcome | Moved> {
  const { served, base, blobs, line, signal } = round;
  const { pulls } = proposal;
  const open = pulls.find(({ state }) => state === 'open') ?? null;
  const opener = await openerNow(round, proposal, words);
  const request: TipRequest = {
    ...proposal,
    ...words,
    served,
    base,
    blobs,
    line,
    open,
    isMerged: isMerged(proposal),
    isTakeOver: opener?.kind === 'nobody',
    signal,
  };
  const step = await stepOf(request, opener);
  if (step.kind === 'moved') return step;
  const isAlone = step.kind === 'blocked' || step.kind === 'keep' || open !== null;
  // Only a branch that no pull request shows is written before its turn: to write another changes the forge first.
  if (isAlone) await round.turn.come();
  if (step.kind === 'blocked') return blocked(round, proposal, step);
  const show: Writing['show'] = async (known, at) => {
    const shown = await showOrFail(round, proposal, { ...at, known, words });
    return shown.kind === 'moved' ? shown : leftOver(shown, step);
  };
  if (step.kind === 'keep') {
    const isShared = step.whose === 'person';
    return show(pulls, { head: step.head, tip: isShared ? 'foreign' : 'kept', isShared });
  }
  return write({ round, proposal, request, show }, step);
}

/** What a writer does that is to open the pull request, or not. What people share is not written anew only to take it over. */
async function stepOf(request: TipRequest, opener: Opener | null): Promise<TipStep | Moved> {
  const step = await nextStep(request);
  if (step.kind === 'blocked') return step;
  if (opener?.kind === 'not-yet') return notYet(opener.until);
  const isKept = step.kind === 'keep' && step.whose === 'ours';
  return request.isTakeOver && isKept ? { kind: 'replace', content: 'same' } : step;
}

/** Who opens the pull request of the branch as it stands; null where there is nothing to open. */
async function openerNow(round: Round, proposal: Proposal, words: ProposalWords): Promise<Opener | null> {
  const { branch, tip, pulls } = proposal;
  if (tip.kind === 'none' || pulls.some(({ state, head }) => state === 'open' || head === tip.ref.oid)) return null;
  const opener = openerOf(round.served, tip.ref);
  if (opener.kind === 'us') return opener;
  if (leftClosed(pulls, words.text.body) !== null) return null;
  // What is to wait is opened by nobody.
  const opening = await judgeOpening(round, { ...workOf(round, proposal, words), branch, labels: null });
  return isOpened(opening) ? opener : null;
}

function isMerged({ tip, pulls }: Proposal): boolean {
  const isKnown = tip.kind === 'ours' || tip.kind === 'shared';
  return isKnown && pulls.some(({ state, head }) => state === 'merged' && head === tip.ref.oid);
}

interface Showing extends Pick<ShowRequest, 'head' | 'tip'> {
  /** Somebody else's commits are in the branch. */
  readonly isShared: boolean;
  /** When its content has just become another one, epoch milliseconds; left out where it is as it was. */
  readonly changedAt?: number;
}

interface Writing {
  readonly round: Round;
  readonly proposal: Proposal;
  readonly request: TipRequest;
  readonly show: (known: readonly PullRequest[], at: Showing) => Promise<Outcome | Moved>;
}

/** Writes the branch, once what people decided on its old content is taken back, and shows it. */
async function write(
  { round, proposal, request, show }: Writing,
  step: TipStep & { readonly kind: 'replace' | 'append' },
): Promise<Outcome | Moved> {
  const { branch } = proposal;
  const { open } = request;
  const content = step.kind === 'append' ? 'new' : step.content;
  const readiness = open === null ? READY : await readyFor(content, round.served, open, round.signal);
  if (readiness.kind === 'left') return leftInQueue(branch, readiness.pull);
  if (readiness.kind === 'not-now') return postponed(branch, readiness, open?.url);
  const decidedAt = round.served.clock.now();
  const brought = await round.turn.together(() => writeTip(request, step));
  const listed = await listedNow(round, proposal, decidedAt);
  if (listed === null) return branchMoved(`a pull request of ${branch} ended meanwhile`);
  const known = listed.filter((pull) => !(readiness.kind === 'closed' && pull.number === open?.number));
  if (brought.kind === 'refused') {
    // Nothing new was to be written: what is there is shown, and no message waits for a rule to change.
    if (content === 'new' || request.tip.kind === 'none') return refusedPush(branch, brought.reason);
    noteRefusedRebase(request, brought.reason);
    return show(known, { head: request.tip.ref, tip: 'kept', isShared: false });
  }
  return brought.kind === 'moved'
    ? brought
    : show(known, {
        head: brought.head,
        tip: 'pushed',
        isShared: step.kind === 'append',
        ...(content === 'new' ? { changedAt: round.served.clock.now() } : {}),
      });
}

/** So long a list of pull requests stands while others of the round are shown. */
const LIST_STANDS_MILLISECONDS = 5000;

/** The pull requests of the branch in its turn; null where one ended since they were listed: what people said by that was not heard. */
async function listedNow(
  { served, signal }: Round,
  { branch, pulls }: Proposal,
  decidedAt: number,
): Promise<readonly PullRequest[] | null> {
  if (served.clock.now() - decidedAt <= LIST_STANDS_MILLISECONDS) return pulls;
  const now = await served.forge.list(branch, served.settings.base, signal);
  const ended = new Set(pulls.filter(({ state }) => state !== 'open').map(({ number }) => number));
  return now.every(({ number, state }) => state === 'open' || ended.has(number)) ? now : null;
}

function noteRefusedRebase({ served, branch, isTakeOver }: TipRequest, reason: string): void {
  if (isTakeOver) return;
  const hint = 'Allow the bot to rewrite its own branches, or set pullRequest.rebaseWhen: never.';
  served.log.warn({ repository: served.name, branch, reason, hint }, 'a branch may not be put on the new base');
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
  // The author's name and the objects are whatever people called them.
  const text = [result.reason, result.hint ?? ''].map((part) => prose(part, 2000)).join('\n\n');
  await served.forge.remark(open.number, { key, text }, signal);
  return result;
}

/** The branch is there already: a forge that fails says so with the branch's name. */
async function showOrFail(
  round: Round,
  proposal: Proposal,
  {
    words,
    isShared,
    changedAt,
    ...at
  }: Showing & { readonly known: readonly PullRequest[]; readonly words: ProposalWords },
): Promise<Outcome | Moved> {
  const { served, base, signal } = round;
  const { branch, plan, pulls, evidence = 'settled' } = proposal;
  const draft = { ...words.text, ...served.settings.pullRequest, branch, base: served.settings.base };
  const work = workOf(round, proposal, words);
  // What takes the place of one that had to be closed is no more than there was.
  const replaced = pulls.some(({ state }) => state === 'open') ? [] : null;
  const judge = async (open: PullRequest | null) => {
    const opening = await judgeOpening(round, { ...work, branch, labels: open?.labels ?? replaced });
    if (open === null && isOpened(opening)) countOpened(round);
    return opening;
  };
  const shown = await orFailure(round, () => showPullRequest({ ...at, served, draft, base, judge, signal }));
  if (shown instanceof Failure) return outcomeOfFailure(shown, { branch });
  const opened = shown.kind === 'shown' || shown.kind === 'waiting' ? shown.pullRequest : null;
  const isNew = !at.known.some(({ state }) => state === 'open');
  if (isNew && opened !== null) noteOwners(served, branch, opened, words);
  if (shown.kind === 'waiting') remember(served, at.head, { ...work, wait: shown.wait });
  else served.memory.waiting.delete(branch);
  const tip = isShared ? 'shared' : 'ours';
  offerMerge(
    served,
    branch,
    shown.kind === 'shown' ? { ...work, tip, evidence, pull: shown.pullRequest, changedAt } : null,
  );
  return shown.kind === 'moved' ? shown : proposed(branch, plan, at, shown);
}

/** No window and no limit holds back what is a record, or urgent. */
function workOf(round: Round, { plan, about, isRecord = false }: Proposal, { time }: ProposalWords): OpeningWork {
  return { objects: countObjects(plan), isUrgent: isRecord || isUrgent(round, about), since: time * 1000 };
}

/** Said once, when it is opened: a list of pull requests does not show why one of them waits. */
function noteOwners(
  { log, name }: ServedBranch,
  branch: string,
  { url }: PullRequest,
  { owners }: ProposalWords,
): void {
  if (!needsManyOwners(owners)) return;
  const hint = 'Split groups by group.path: each part then asks its own people alone.';
  const fields = { repository: name, branch, pr: url, owners: owners.length, hint };
  log.warn(fields, 'a pull request needs many code owners');
}

function remember(served: ServedBranch, head: Ref, waiting: Waiting): void {
  served.memory.waiting.set(head.name.slice('refs/heads/'.length), waiting);
  noteWaiting(served, head);
}

interface OfferedMerge extends Pick<MergeCandidate, 'tip' | 'evidence' | 'isUrgent' | 'since'> {
  readonly pull: PullRequest;
  readonly changedAt: number | undefined;
}

/** What is shown, and read back, may be merged without a person where that is configured. */
function offerMerge({ memory, settings }: ServedBranch, branch: string, open: OfferedMerge | null): void {
  if (open === null || settings.merge.mode === 'none') {
    memory.toMerge.delete(branch);
    return;
  }
  const { tip, evidence, isUrgent: urgent, since, pull, changedAt } = open;
  const { number, url, head, createdAt } = pull;
  const known = memory.toMerge.get(branch);
  // The same commit was looked at before: it is not asked about sooner.
  const nextLookAt = known?.head === head ? known.nextLookAt : 0;
  memory.toMerge.set(branch, {
    number,
    url,
    head,
    tip,
    evidence,
    isUrgent: urgent,
    // The time of a commit is that of its versions: more objects of the same ones, or an event that came late, are younger.
    since: Math.max(since, createdAt, changedAt ?? known?.since ?? 0),
    nextLookAt,
  });
}

async function orFailure({ signal }: Round, show: () => Promise<Shown>): Promise<Shown | Failure> {
  try {
    return await show();
  } catch (error) {
    if (signal.aborted) throw error;
    return failureOf(error);
  }
}
