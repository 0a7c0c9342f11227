import { type EndedPull, type TurnedDown, turnedDown } from '../../../plan/life/turned-down.ts';
import type { PullRequest } from '../../../ports.ts';
import { readBodyTrailers } from '../../../words/pull/body-trailers.ts';
import { readTrailers } from '../../../words/trailers.ts';
import { isWithdrawn } from './withdraw.ts';

/** What people turned down of a branch's content, as a trailer names it; `pulls` newest first. */
export function turnedDownBy(pulls: readonly PullRequest[], trailer: string): TurnedDown {
  const ended = pulls.flatMap((pull): readonly EndedPull[] => {
    const { state, head, isRetryAsked } = pull;
    const isJudged = state === 'merged' || (state === 'closed-by-person' && !isWithdrawn(pull));
    return isJudged ? [{ state, head, names: namesOf(pull, trailer), isRetryAsked }] : [];
  });
  const open = pulls.flatMap(({ state, body }) => (state === 'open' ? readBodyTrailers(body, trailer) : []));
  return turnedDown(ended, open);
}

/** What a pull request names: at its head commit, else in its body. */
export function namesOf({ headMessage, body }: PullRequest, trailer: string): readonly string[] {
  const atHead = readTrailers(headMessage ?? '', trailer);
  return atHead.length > 0 ? atHead : readBodyTrailers(body, trailer);
}
