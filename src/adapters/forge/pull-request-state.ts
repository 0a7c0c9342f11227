import { plainText } from '../../domain/plain-text.ts';
import type { PullRequest, PullRequestState } from '../../ports.ts';
import { whoClosed } from './closed-by.ts';
import { type PullFacts, readText } from './github-answers.ts';
import type { Call, GitHubClient } from './github-client.ts';
import { unexpectedAnswer } from './github-failure.ts';

/** One repository on GitHub, as one identity sees it. */
export interface Repository {
  readonly client: GitHubClient;
  readonly owner: string;
  readonly name: string;
  /** The login that this identity acts under when that is a user account; null for an App and where it cannot be told. */
  readonly ownLogin: (signal: AbortSignal) => Promise<string | null>;
}

/** The longest commit message that is taken over, in characters. */
const MAX_MESSAGE = 65_536;

/** A call about this repository. */
export function callAbout(
  repository: Repository,
  operation: Call['operation'],
  rest: Pick<Call, 'attempt' | 'signal' | 'parameters'>,
): Call {
  return { ...rest, operation, parameters: { owner: repository.owner, repo: repository.name, ...rest.parameters } };
}

/** True when the pull request's branch lies in this repository and not in a fork of the same name. */
export function isOwn(repository: Repository, facts: PullFacts): boolean {
  return facts.headRepository?.toLowerCase() === `${repository.owner}/${repository.name}`.toLowerCase();
}

/** The port's pull request: asks who closed it where that is the question. */
export async function settle(repository: Repository, facts: PullFacts, signal: AbortSignal): Promise<PullRequest> {
  const state = await stateOf(repository, facts, signal);
  const headMessage = state === 'closed-by-person' ? await messageOf(repository, facts.head, signal) : null;
  const { number, url, branch, head, base, title, body } = facts;
  const mergedAt = state === 'merged' ? facts.mergedAt : null;
  return { number, url, state, branch, head, base, title, body, mergedAt, headMessage };
}

async function stateOf(repository: Repository, facts: PullFacts, signal: AbortSignal): Promise<PullRequestState> {
  if (facts.merged) return 'merged';
  if (facts.open) return 'open';
  const closer = whoClosed(await eventsOf(repository, facts.number, signal));
  // Where it cannot be told it counts as no person's: a rejection that nobody meant would lose a rotation.
  if (closer.kind !== 'person') return 'closed-by-bot';
  const own = await repository.ownLogin(signal);
  return own?.toLowerCase() === closer.login.toLowerCase() ? 'closed-by-bot' : 'closed-by-person';
}

/** Oldest first. Of a long history the last two pages: each push to the branch is an event. */
async function eventsOf(repository: Repository, number: number, signal: AbortSignal): Promise<readonly unknown[]> {
  const attempt = `read who closed pull request #${number}`;
  const page = (number_: number) =>
    repository.client.call(
      callAbout(repository, 'GET /repos/{owner}/{repo}/issues/{issue_number}/events', {
        attempt,
        signal,
        parameters: { issue_number: number, per_page: 100, page: number_ },
      }),
    );
  const entries = (data: unknown): readonly unknown[] => {
    if (!Array.isArray(data)) throw unexpectedAnswer(attempt);
    return data;
  };
  const first = await page(1);
  if (first.lastPage === 1) return entries(first.data);
  const before = first.lastPage === 2 ? first : await page(first.lastPage - 1);
  const last = await page(first.lastPage);
  return [...entries(before.data), ...entries(last.data)];
}

/** Null when the commit is gone. */
async function messageOf(repository: Repository, commit: string, signal: AbortSignal): Promise<string | null> {
  const attempt = `read commit ${plainText(commit, 40)}`;
  const reply = await repository.client.attempt(
    callAbout(repository, 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      attempt,
      signal,
      parameters: { commit_sha: commit },
    }),
  );
  if (reply.kind === 'refusal') {
    if (reply.status === 404) return null;
    throw reply.failure;
  }
  const message = readText(reply.data, 'message');
  if (message === null) throw unexpectedAnswer(attempt);
  return message.slice(0, MAX_MESSAGE);
}
