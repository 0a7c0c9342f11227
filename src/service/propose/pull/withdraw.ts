import { plainText } from '../../../domain/plain-text.ts';
import type { Index } from '../../../manifests/graph.ts';
import { isTurnedDown } from '../../../plan/life/turned-down.ts';
import { objectKey, type Skip } from '../../../plan/plan.ts';
import type { RefreshPlan } from '../../../plan/plan-refresh.ts';
import type { BeyondBase } from '../../../plan/truth/beyond-base.ts';
import type { PullRequest, PullRequestDraft, Ref } from '../../../ports.ts';
import { branchMoved, type Moved } from '../../round.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { type NotNow, whyUntouchable } from './untouchable.ts';

/** Why a pull request is taken back: its new first line, and the comment at its end. */
export interface Withdrawal {
  readonly line: string;
  readonly comment: string;
}

/** Begins the body of a pull request that we take back; it counts as closed by us, whoever closes it. */
const WITHDRAWN = 'Withdrawn: ';

export const AGREED: Withdrawal = {
  line: 'AWS and the base branch agree again; nothing is left to change.',
  comment: 'AWS and the base branch agree again, so this was withdrawn. The next rotation is proposed anew.',
};

const TURNED_DOWN: Withdrawal = {
  line: 'people turned down, or took back, a version that AWS calls current for these objects; nothing is left to change.',
  comment:
    'People turned down, or took back, a version that AWS calls current for these objects, so this was withdrawn. The next rotation is proposed anew.',
};

export const NOT_DUE: Withdrawal = {
  line: 'none of these restarts is due on the base branch any more.',
  comment: 'None of these restarts is due on the base branch any more, so this was withdrawn.',
};

export const NOTHING_BEYOND: Withdrawal = {
  line: 'the base branch already has everything that this brings, or what it was for is gone.',
  comment:
    'The base branch already has everything that this brings, or what it was for is gone, so this was withdrawn.',
};

export const REGROUPED: Withdrawal = {
  line: 'what it brings now belongs to other pull requests: its secrets meet others, or are grouped otherwise.',
  comment:
    'What it brings now belongs to other pull requests, since its secrets meet others or are grouped otherwise: this was withdrawn.',
};

export const SUPERSEDED: Withdrawal = {
  line: 'a newer version takes its place in another pull request, since what was approved here could not be taken back.',
  comment:
    'A newer version takes the place of this one. Its approvals, or its automatic merge, could not be taken back, so the newer version gets a pull request of its own.',
};

const MAX_BODY = 65_536;

/** True when we have taken this pull request back, or were about to. */
export function isWithdrawn({ body }: Pick<PullRequest, 'body'>): boolean {
  return body.startsWith(WITHDRAWN);
}

/**
 * True where it was only closed so that another one takes its place: its branch is still responsible for what it carries, since
 * the push that was to follow may have failed.
 */
export function isSuperseded({ body }: Pick<PullRequest, 'body'>): boolean {
  return body.startsWith(`${WITHDRAWN}${SUPERSEDED.line}`);
}

/**
 * Why nothing is left of what our tip brings: each object is proved to be current on the base, or held by what people turned
 * down or took back. Null where something may be left: what was denied or cannot be edited proves nothing. The verdicts and
 * reasons of the tip's own wishes are the last ones of `refresh`.
 */
export function whyNothingLeft(index: Index, refresh: RefreshPlan, { tokens, claims }: BeyondBase): Withdrawal | null {
  if (claims.length === 0 || refresh.plan.edits.length > 0) return null;
  const verdicts = refresh.verdicts.slice(-claims.length);
  if (!verdicts.every((verdict) => verdict === 'already-current' || verdict === 'rejected-by-people')) return null;
  const brought = index.externalSecrets.map(({ object }) => object).filter((object) => tokens.has(objectKey(object)));
  const isOpenQuestion = ({ path, kind, name, code }: Skip) =>
    !isTurnedDown({ code }) &&
    brought.some((object) => object.path === path && object.kind === kind && object.name === name);
  if (refresh.reasons.slice(-claims.length).flat().some(isOpenQuestion)) return null;
  return verdicts.includes('rejected-by-people') ? TURNED_DOWN : AGREED;
}

export interface WithdrawRequest {
  readonly served: ServedBranch;
  /** Our tip, and the open pull request that shows it. */
  readonly tip: Ref;
  readonly pull: PullRequest;
  readonly why: Withdrawal;
  readonly signal: AbortSignal;
}

/** `withdrawn` is no end for an event: another replica may have relied on the branch meanwhile, so AWS is asked once more. */
export type Withdrawn = { readonly kind: 'withdrawn'; readonly why: string } | NotNow | Moved;

/**
 * Takes a pull request back: marked first, so that a crash at any step cannot look like a person's close; then the branch is
 * deleted, unless it moved; then it is closed.
 */
export async function withdraw(request: WithdrawRequest): Promise<Withdrawn> {
  const { served, tip, pull, why, signal } = request;
  const untouched = await whyUntouchable(served, pull, signal);
  if (untouched !== null) return untouched;
  if (!isWithdrawn(pull)) await served.forge.update(pull, marked(request), signal);
  const result = await served.workspace.publish({ ref: tip.name, expected: tip.oid, to: null }, signal);
  switch (result.kind) {
    // Where branches may not be deleted, a closed pull request cannot be merged by mistake either.
    case 'refused':
    case 'done':
      await closeWithdrawn(served, pull, why, signal);
      return { kind: 'withdrawn', why: `Pull request #${pull.number} was withdrawn.` };
    case 'moved':
      return branchMoved(`${pull.branch} moved`);
    case 'unknown':
      return branchMoved(`the answer to a deletion was lost: ${plainText(result.reason)}`);
  }
}

/** Closes a pull request and keeps its branch, marked first as {@link withdraw} does. */
export async function supersede(request: Omit<WithdrawRequest, 'tip'>): Promise<void> {
  const { served, pull, why, signal } = request;
  if (!isWithdrawn(pull)) await served.forge.update(pull, marked(request), signal);
  await closeWithdrawn(served, pull, why, signal);
}

/** Ends a withdrawal whose branch is gone. */
export function closeWithdrawn(
  { forge }: ServedBranch,
  { number }: PullRequest,
  { comment }: Withdrawal,
  signal: AbortSignal,
): Promise<void> {
  return forge.close(number, comment, signal);
}

function marked({ served, pull, why }: Omit<WithdrawRequest, 'tip'>): PullRequestDraft {
  const { branch, base, title, body } = pull;
  const line = `${WITHDRAWN}${why.line}`;
  // The trailers stand at the end.
  const rest = body.slice(-(MAX_BODY - line.length - 2));
  return { ...served.settings.pullRequest, branch, base, title, body: `${line}\n\n${rest}` };
}
