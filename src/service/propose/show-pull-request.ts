import { Failure } from '../../domain/failure.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { PullRequest, PullRequestDraft } from '../../ports.ts';
import { ROTATION, readTrailers } from '../../words/trailers.ts';
import type { ServedBranch } from '../served-branch.ts';

export interface ShownPullRequest {
  readonly pullRequest: PullRequest;
  /** Whether anything was changed on the forge. */
  readonly change: 'opened' | 'updated' | 'none';
}

export interface ShowRequest {
  readonly served: ServedBranch;
  /** Every pull request of the branch, newest first. */
  readonly known: readonly PullRequest[];
  readonly draft: PullRequestDraft;
  /** The commit that must be at its head, and whether it was pushed just now. */
  readonly head: { readonly oid: Oid; readonly isNew: boolean };
  readonly signal: AbortSignal;
}

const READ_BACK_MILLISECONDS = [0, 500, 1000, 2000, 4000];

/**
 * Finds, opens or updates the pull request of a branch, and reads it back: open, with our commit at its head. Null when it
 * was merged or closed meanwhile: the caller begins again. A head that does not follow is a failure to try later.
 */
export async function showPullRequest({
  served,
  known,
  draft,
  head,
  signal,
}: ShowRequest): Promise<ShownPullRequest | null> {
  const open = known.find(({ state }) => state === 'open');
  const stale = open !== undefined && (head.isNew || !sameRotations(open.body, draft.body));
  const change = open === undefined ? 'opened' : stale ? 'updated' : 'none';
  const shown =
    open === undefined
      ? await served.forge.open(draft, signal)
      : stale
        ? await served.forge.update(open.number, draft, signal)
        : open;
  for (const wait of READ_BACK_MILLISECONDS) {
    if (wait > 0) await served.clock.sleep(wait, signal);
    const pullRequest = await served.forge.read(shown.number, signal);
    if (pullRequest.state !== 'open') return null;
    if (pullRequest.head === head.oid) return { pullRequest, change };
  }
  throw new Failure(`pull request ${shown.number} does not show commit ${head.oid} yet`, {
    code: 'forge-unreachable',
    retry: 'later',
    hint: 'The forge lags behind its Git host. Nothing is to be done.',
  });
}

/** A change of wording alone rewrites nothing: bodies are compared by the versions they name. */
function sameRotations(left: string, right: string): boolean {
  return readTrailers(left, ROTATION).join('\n') === readTrailers(right, ROTATION).join('\n');
}
