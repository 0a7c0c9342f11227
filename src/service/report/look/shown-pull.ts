import { Failure } from '../../../domain/failure.ts';
import type { ShownPull, Trouble } from '../../../plan/report/look.ts';
import type { PullRequest } from '../../../ports.ts';
import { readBodyTrailers } from '../../../words/pull/body-trailers.ts';
import { RESTART, ROTATION, readTrailers } from '../../../words/trailers.ts';
import { isWithdrawn } from '../../propose/pull/withdraw.ts';

/** What a report shows of a pull request. */
export function shownPull(pull: PullRequest): ShownPull {
  const { number, url, body, headMessage } = pull;
  const named = [ROTATION, RESTART].flatMap((trailer) => {
    const atHead = readTrailers(headMessage ?? '', trailer);
    return atHead.length > 0 ? atHead : readBodyTrailers(body, trailer);
  });
  const state = pull.state !== 'merged' && isWithdrawn(pull) ? 'withdrawn' : pull.state;
  return { number, url, state, names: [...new Set(named)].toSorted() };
}

/** A failure as a report shows it. */
export function troubleOf(subject: string, { message, code, hint }: Failure): Trouble {
  return { subject, message, code, hint };
}

/** What `ask` resolves to, or the failure that kept it from that. A bug of ours is no failure. */
export async function orFailure<T>(ask: () => Promise<T>): Promise<T | Failure> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
