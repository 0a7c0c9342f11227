import { asksForRetry, hasRetryLabel, isRetryLabel } from '../../../plan/life/ended/retry-request.ts';
import { at, type PullFacts, readText, readTime } from '../github-answers.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { callAbout, type Repository } from '../pull-request-state.ts';
import { commentsOf } from './conversation.ts';

/** `unknown`: GitHub does not tell this identity who may write. */
export type RetryAnswer = 'asked' | 'not-asked' | 'unknown';

/** Of more people who ask, only the newest are looked up. */
const MAX_ASKERS = 5;
const MAY_WRITE: readonly unknown[] = ['admin', 'maintain', 'write'];
/** Of a user, of whatever kind of organisation; no path of its own. */
const LOGIN = /^[A-Za-z0-9][\w-]{0,99}$/;
const UNHEARD =
  'GitHub does not tell who may write to this repository: a retry that people ask for, by label or comment, is not heard';

/** Whether somebody who may write asked for the content of an ended pull request again, after its end. */
export async function whetherRetryIsAsked(
  repository: Repository,
  { facts, events }: { readonly facts: PullFacts; readonly events: readonly unknown[] },
  signal: AbortSignal,
): Promise<RetryAnswer> {
  const labelled = hasRetryLabel(facts.labels) ? whoAskedByLabel(events) : null;
  const commented = whoAskedByComment(await commentsAfterEnd(repository, facts, signal), facts.closedAt);
  const askers = [...new Set([...(labelled === null ? [] : [labelled]), ...commented.toReversed()])];
  if (askers.length === 0) return 'not-asked';
  const own = (await repository.ownLogin(signal))?.toLowerCase();
  const others = askers.filter((login) => LOGIN.test(login) && login.toLowerCase() !== own).slice(0, MAX_ASKERS);
  for (const login of others) {
    const answer = await mayWrite(repository, login, signal);
    if (answer !== 'not-asked') return answer;
  }
  return 'not-asked';
}

/** The person who set the retry label last, after the end; null where nobody did. Events are oldest first. */
export function whoAskedByLabel(events: readonly unknown[]): string | null {
  let isOver = false;
  let asker: string | null = null;
  for (const event of events) {
    const name = readText(event, 'event');
    if (name === 'closed' || name === 'merged' || name === 'reopened') {
      isOver = name !== 'reopened';
      asker = null;
    } else if (isOver && (name === 'labeled' || name === 'unlabeled')) {
      if (!isRetryLabel(readText(event, 'label', 'name') ?? '')) continue;
      asker = name === 'labeled' ? personIn(event, 'actor') : null;
    }
  }
  return asker;
}

/** People whose comment after `endedAt` asks for a retry, oldest first. Who else edited it is not told, so none is edited. */
export function whoAskedByComment(comments: readonly unknown[], endedAt: number | null): readonly string[] {
  if (endedAt === null) return [];
  return comments.flatMap((comment) => {
    const written = readTime(comment, 'created_at');
    if (written === null || written <= endedAt || readTime(comment, 'updated_at') !== written) return [];
    const login = personIn(comment, 'user');
    return login !== null && asksForRetry(readText(comment, 'body') ?? '') ? [login] : [];
  });
}

async function commentsAfterEnd(
  repository: Repository,
  { number, closedAt, updatedAt }: PullFacts,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  // A comment is a change: where there was none after the end, there is no comment either.
  if (closedAt === null || updatedAt <= closedAt) return [];
  const attempt = `read the comments on pull request #${number}`;
  return commentsOf(repository, { number, attempt, signal, since: closedAt });
}

async function mayWrite(repository: Repository, login: string, signal: AbortSignal): Promise<RetryAnswer> {
  const attempt = `ask what ${login} may do`;
  const reply = await repository.client.attempt(
    callAbout(repository, 'GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
      attempt,
      signal,
      parameters: { username: login },
    }),
  );
  if (reply.kind === 'answer') {
    const permission = readText(reply.data, 'permission');
    if (permission === null) throw unexpectedAnswer(attempt);
    return MAY_WRITE.includes(permission) ? 'asked' : 'not-asked';
  }
  const { failure } = reply;
  if (failure.code === 'forge-missing') return 'not-asked';
  if (failure.code !== 'forge-denied') throw failure;
  repository.warnOnce({ code: failure.code, error: failure.message }, UNHEARD);
  return 'unknown';
}

function personIn(entry: unknown, key: 'actor' | 'user'): string | null {
  return at(entry, key, 'type') === 'User' ? readText(entry, key, 'login') : null;
}
