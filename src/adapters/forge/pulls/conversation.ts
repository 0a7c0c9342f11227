import { plainText } from '../../../domain/plain-text.ts';
import type { Allowed } from '../../../ports.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { callAbout, type Repository } from '../pull-request-state.ts';

type List =
  | 'GET /repos/{owner}/{repo}/issues/{issue_number}/events'
  | 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';

export interface Asked {
  readonly number: number;
  readonly attempt: string;
  readonly signal: AbortSignal;
}

/** What happened to a pull request, oldest first. Of a long history the last two pages: each push to the branch is an event. */
export async function eventsOf(repository: Repository, asked: Asked): Promise<readonly unknown[]> {
  const { first, last } = await pagesOf(repository, 'GET /repos/{owner}/{repo}/issues/{issue_number}/events', asked);
  return last.length === 0 ? first : last;
}

/** What people wrote below a pull request, oldest first. Of very much the first hundred and the last two hundred, at most. */
export async function commentsOf(
  repository: Repository,
  asked: Asked & { readonly since?: number },
): Promise<readonly unknown[]> {
  const operation = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const { first, last } = await pagesOf(repository, operation, asked);
  return [...first, ...last.filter((one) => !first.includes(one))];
}

/** Refused where the conversation is locked. */
export async function writeComment(
  repository: Repository,
  { number, body }: { readonly number: number; readonly body: string },
  signal: AbortSignal,
): Promise<Allowed> {
  const reply = await repository.client.attempt(
    callAbout(repository, 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      attempt: `comment on pull request #${number}`,
      signal,
      parameters: { issue_number: number, body },
    }),
  );
  if (reply.kind === 'answer') return { kind: 'done' };
  const words = reply.reasons.join('; ');
  if (reply.status === 403 && /\blocked\b/i.test(words)) return { kind: 'refused', reason: plainText(words) };
  throw reply.failure;
}

/** The first page, and the last two where there are more; those hold the first one's entries again where there are two. */
async function pagesOf(repository: Repository, operation: List, asked: Asked & { readonly since?: number }) {
  const { number, attempt, signal, since } = asked;
  const from = since === undefined ? {} : { since: new Date(since).toISOString().replace(/\.\d+Z$/, 'Z') };
  const page = async (at: number) => {
    const parameters = { issue_number: number, per_page: 100, page: at, ...from };
    const { data, lastPage } = await repository.client.call(
      callAbout(repository, operation, { attempt, signal, parameters }),
    );
    if (!Array.isArray(data)) throw unexpectedAnswer(attempt);
    return { entries: data.slice(0, 100) as readonly unknown[], lastPage };
  };
  const { entries: first, lastPage } = await page(1);
  if (lastPage === 1) return { first, last: [] };
  const before = lastPage === 2 ? first : (await page(lastPage - 1)).entries;
  return { first, last: [...before, ...(await page(lastPage)).entries] };
}
