import type { PullRequest } from '../../../ports.ts';
import { readTrailers } from '../../../words/trailers.ts';
import { isWithdrawn } from './withdraw.ts';

/**
 * What people turned down by closing, as a trailer names it. What an open pull request names is not among it: where another one
 * was closed, somebody has reopened this one since.
 */
export function turnedDown(pulls: readonly PullRequest[], trailer: string): ReadonlySet<string> {
  const open = new Set(pulls.flatMap(({ state, body }) => (state === 'open' ? readTrailers(body, trailer) : [])));
  return new Set(namedBy(pulls, 'closed-by-person', trailer).filter((name) => !open.has(name)));
}

/** What the pull requests in this state name, newest first: at their head commits, else in their bodies. */
export function namedBy(
  pulls: readonly PullRequest[],
  state: PullRequest['state'],
  trailer: string,
): readonly string[] {
  return pulls
    .filter((pull) => pull.state === state && !isWithdrawn(pull))
    .flatMap(({ headMessage, body }) => {
      const atHead = readTrailers(headMessage ?? '', trailer);
      return atHead.length > 0 ? atHead : readTrailers(body, trailer);
    });
}
