import { plainText } from '../../domain/plain-text.ts';
import type { Index } from '../../manifests/graph.ts';
import { objectKey } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import type { BeyondBase } from '../../plan/truth/beyond-base.ts';
import type { PullRequest, PullRequestDraft, Ref } from '../../ports.ts';
import type { ServedBranch } from '../served-branch.ts';

/** The first line of the body of a pull request that we take back; it counts as closed by us, whoever closes it. */
const WITHDRAWN = 'Withdrawn: AWS and the base branch agree again; nothing is left to change.';

const MAX_BODY = 65_536;

/** True when we have taken this pull request back, or were about to. */
export function isWithdrawn({ body }: Pick<PullRequest, 'body'>): boolean {
  return body.startsWith(WITHDRAWN);
}

/**
 * True when everything that our tip brings is proved to be current on the base, object by object. The verdicts and reasons
 * of the tip's own wishes are the last ones of `refresh`. What was denied, held, or cannot be edited proves nothing.
 */
export function isNothingLeft(index: Index, refresh: RefreshPlan, { tokens, claims }: BeyondBase): boolean {
  if (claims.length === 0 || refresh.plan.edits.length > 0) return false;
  if (refresh.verdicts.slice(-claims.length).some((verdict) => verdict !== 'already-current')) return false;
  const brought = index.externalSecrets.map(({ object }) => object).filter((object) => tokens.has(objectKey(object)));
  return refresh.reasons
    .slice(-claims.length)
    .flat()
    .every(({ path, kind, name }) =>
      brought.every((object) => object.path !== path || object.kind !== kind || object.name !== name),
    );
}

export interface WithdrawRequest {
  readonly served: ServedBranch;
  /** Our tip, and the open pull request that shows it. */
  readonly tip: Ref;
  readonly pull: PullRequest;
  readonly signal: AbortSignal;
}

/**
 * Takes a pull request back: marked first, so that a crash at any step cannot look like a person's close; then the branch is
 * deleted, unless it moved; then it is closed. `moved` also after success: what AWS says must be read once more, since
 * another replica may have relied on the branch meanwhile.
 */
export async function withdraw(request: WithdrawRequest): Promise<{ readonly kind: 'moved'; readonly why: string }> {
  const { served, tip, pull, signal } = request;
  if (!isWithdrawn(pull)) await served.forge.update(pull.number, marked(request), signal);
  const result = await served.workspace.publish({ ref: tip.name, expected: tip.oid, to: null }, signal);
  switch (result.kind) {
    // Where branches may not be deleted, a closed pull request cannot be merged by mistake either.
    case 'refused':
    case 'done':
      await closeWithdrawn(served, pull, signal);
      return { kind: 'moved', why: `pull request ${pull.number} was withdrawn` };
    case 'moved':
      return { kind: 'moved', why: `${pull.branch} moved` };
    case 'unknown':
      return { kind: 'moved', why: `the answer to a deletion was lost: ${plainText(result.reason)}` };
  }
}

/** Ends a withdrawal whose branch is gone. */
export function closeWithdrawn({ forge }: ServedBranch, { number }: PullRequest, signal: AbortSignal): Promise<void> {
  const comment = 'AWS and the base branch agree again, so this was withdrawn. The next rotation is proposed anew.';
  return forge.close(number, comment, signal);
}

function marked({ served, pull }: WithdrawRequest): PullRequestDraft {
  const { branch, base, title, body } = pull;
  // The trailers stand at the end.
  const rest = body.slice(-(MAX_BODY - WITHDRAWN.length - 2));
  return { ...served.settings.pullRequest, branch, base, title, body: `${WITHDRAWN}\n\n${rest}` };
}
