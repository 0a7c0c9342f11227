import { Failure } from '../../../domain/failure.ts';
import type { Opening, Wait } from '../../../plan/life/opening.ts';
import type { PullRequest, PullRequestDraft, Ref } from '../../../ports.ts';
import { sameEffects } from '../../../words/pull/same-effects.ts';
import { BASE_MOVED, branchMoved, type Moved } from '../../round.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { noteShown } from '../tip/who-pushed.ts';
import { isWithdrawn } from './withdraw.ts';

/** `change`: whether anything was changed on the forge. */
export type Shown =
  | { readonly kind: 'shown'; readonly pullRequest: PullRequest; readonly change: 'opened' | 'updated' | 'none' }
  /** Somebody's bot has closed it again and again: it is left closed. */
  | { readonly kind: 'left-closed'; readonly pullRequest: PullRequest }
  /** Not opened yet, or opened and to be confirmed. */
  | { readonly kind: 'waiting'; readonly pullRequest: PullRequest | null; readonly wait: Wait }
  | Moved;

export interface ShowRequest {
  readonly served: ServedBranch;
  /** Every pull request of the branch, newest first. */
  readonly known: readonly PullRequest[];
  readonly draft: PullRequestDraft;
  /** The base as it was read, and the branch with the commit that must be at the pull request's head. */
  readonly base: Ref;
  readonly head: Ref;
  /** How the commit came there. A person's branch keeps the words that its pull request has. */
  readonly tip: 'pushed' | 'kept' | 'foreign';
  /** Whether it may be opened, or what it waits for; `open`: the one that is open already. */
  readonly judge: (open: PullRequest | null) => Promise<Opening>;
  readonly signal: AbortSignal;
}

/** Opened once, and once more after a bot's close: a third time would be a quarrel. */
const MOST_OPENED = 2;
const READ_BACK_MILLISECONDS = [0, 500, 1000, 2000, 4000];

/**
 * Finds, opens or updates the pull request of a branch, or lets it wait, and reads it back: open, with our commit at its head. `moved` where
 * the base moved or the pull request was merged or closed meanwhile: the caller begins again. A head that does not follow
 * is a failure to try later.
 */
export async function showPullRequest(request: ShowRequest): Promise<Shown> {
  const open = request.known.find(({ state }) => state === 'open');
  const closed = open === undefined ? leftClosed(request.known, request.draft.body) : null;
  if (closed !== null) return { kind: 'left-closed', pullRequest: closed };
  const opening = await request.judge(open ?? null);
  if (opening.kind === 'open') return show(request, open);
  // The branch is the waiting list: it must hold what the message asked for.
  if (opening.why !== 'needs-confirmation') {
    return (await movedRef(request)) ?? { kind: 'waiting', pullRequest: null, wait: opening };
  }
  const shown = await show(asDraft(request), open);
  if (shown.kind !== 'shown') return shown;
  const { pullRequest } = shown;
  await askToConfirm(request, pullRequest, opening);
  return { kind: 'waiting', pullRequest, wait: opening };
}

async function show(request: ShowRequest, open: PullRequest | undefined): Promise<Shown> {
  // What was merged while we worked must not be proposed a second time.
  const isFirstShown = open === undefined || request.tip === 'pushed';
  const moved = isFirstShown ? await movedRef(request) : null;
  if (moved !== null) return moved;
  const { pullRequest, change } = await bringUpToDate(request, open);
  if (change === 'opened') noteShown(request.served, request.head);
  // The forge's answer to a list or a change is a look as good as any other; of a new one it may know more than it shows.
  const isSeen = change !== 'opened' && isShowing(request, pullRequest);
  const read = isSeen ? pullRequest : await readBack(request, pullRequest);
  if (read.state !== 'open') return branchMoved(`pull request ${read.number} was merged or closed meanwhile`);
  return { kind: 'shown', pullRequest: read, change };
}

/** Nobody merges a draft by mistake; whoever confirms it marks it as ready. */
function asDraft(request: ShowRequest): ShowRequest {
  return { ...request, draft: { ...request.draft, draft: true } };
}

/** Said once, however often it is looked at. Where nobody may comment, the outcome says it. */
async function askToConfirm(
  { served, signal }: ShowRequest,
  { number }: PullRequest,
  { why, reason, hint }: Wait,
): Promise<void> {
  await served.forge.remark(number, { key: why, text: `${reason}\n\n${hint}` }, signal);
}

/** The newest pull request with the effects that this text names, where bots closed so many that it is left closed; else null. */
export function leftClosed(known: readonly PullRequest[], text: string): PullRequest | null {
  const closed = known.filter(
    (pull) => pull.state === 'closed-by-bot' && !isWithdrawn(pull) && sameEffects(pull.body, text),
  );
  return closed.length >= MOST_OPENED ? (closed[0] ?? null) : null;
}

async function movedRef({ served, base, head, signal }: ShowRequest): Promise<Moved | null> {
  const refs = await served.workspace.refs([base.name, head.name], signal);
  const isUnmoved = (wanted: Ref) => refs.some(({ name, oid }) => name === wanted.name && oid === wanted.oid);
  if (!isUnmoved(base)) return BASE_MOVED;
  return isUnmoved(head) ? null : branchMoved('the branch moved while we worked');
}

async function bringUpToDate(
  { served, draft, tip, signal }: ShowRequest,
  open: PullRequest | undefined,
): Promise<{ readonly pullRequest: PullRequest; readonly change: 'opened' | 'updated' | 'none' }> {
  if (open === undefined) return { pullRequest: await served.forge.open(draft, signal), change: 'opened' };
  const isKept = tip === 'foreign' || sameEffects(open.body, draft.body);
  // A withdrawal that did not come to its end must not stay in the words.
  if (isKept && !isWithdrawn(open)) return { pullRequest: open, change: 'none' };
  return { pullRequest: await served.forge.update(open, draft, signal), change: 'updated' };
}

function isShowing({ head }: ShowRequest, pull: PullRequest): boolean {
  return pull.state === 'open' && pull.head === head.oid;
}

/** The pull request with our commit at its head, or one that is no longer open. */
async function readBack({ served, head, signal }: ShowRequest, { number }: PullRequest): Promise<PullRequest> {
  for (const wait of READ_BACK_MILLISECONDS) {
    if (wait > 0) await served.clock.sleep(wait, signal);
    const pullRequest = await served.forge.read(number, signal);
    if (pullRequest.state !== 'open' || pullRequest.head === head.oid) return pullRequest;
  }
  throw new Failure(`pull request ${number} does not show commit ${head.oid} yet`, {
    code: 'forge-unreachable',
    retry: 'later',
    hint: 'The forge lags behind its Git host. Nothing is to be done.',
  });
}
