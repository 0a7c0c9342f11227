import { plainText } from '../../../domain/plain-text.ts';
import type { PullRequest, PullRequestDraft } from '../../../ports.ts';
import { type PullFacts, readPull } from '../github-answers.ts';
import type { Reply } from '../github-client.ts';
import { refused, unexpectedAnswer } from '../github-failure.ts';
import { callAbout, isOwn, type Repository } from '../pull-request-state.ts';
import { writeComment } from './conversation.ts';
import { listFacts, readFacts } from './read-pulls.ts';

/** GitHub's limits, in characters. */
const MAX_TITLE = 256;
const MAX_BODY = 65_536;

type Words = Pick<PullRequest, 'number' | 'title' | 'body'>;

/** Opens a pull request, or finds and updates the one that is already open for this branch and base. */
export async function openOrFind(
  repository: Repository,
  draft: PullRequestDraft,
  signal: AbortSignal,
): Promise<PullFacts> {
  const attempt = `open a pull request for ${plainText(draft.branch)}`;
  checkSizes(attempt, draft);
  const reply = await create(repository, draft, signal);
  if (reply.kind === 'answer') return expectOwn(repository, draft, { attempt, data: reply.data });
  if (reply.status !== 422) throw reply.failure;
  const reasons = reply.reasons.join('\n');
  if (/a pull request already exists/i.test(reasons)) {
    const found = await findOpen(repository, draft, signal);
    return (await changeWhereDifferent(repository, { pull: found, draft, signal })) ?? found;
  }
  // Reads lag behind pushes: a branch or a commit that GitHub does not see yet will be there the next time.
  if (/no commits between|^head is /im.test(reasons)) {
    const hint = 'GitHub may not have seen the push yet; it is tried again.';
    throw refused(attempt, `GitHub answered 422: ${plainText(reasons.replaceAll('\n', '; '))}`, 'later', hint);
  }
  throw reply.failure;
}

/**
 * Title and body as the draft has them, in one request; null where they already are and none is needed. `pull` was just
 * listed or read, and so checked to be of this repository.
 */
export async function bringUpToDate(
  repository: Repository,
  { pull, draft, signal }: { pull: PullRequest; draft: PullRequestDraft; signal: AbortSignal },
): Promise<PullFacts | null> {
  const attempt = `update pull request #${pull.number}`;
  checkSizes(attempt, draft);
  if (pull.branch !== draft.branch) {
    throw refused(
      attempt,
      `it is not a pull request of ${plainText(draft.branch)}`,
      'never',
      'This number belongs to somebody else; nothing was changed.',
    );
  }
  return changeWhereDifferent(repository, { pull, draft, signal });
}

/** Closes a pull request where it is open, and comments on it. */
export async function closeAndSay(
  repository: Repository,
  { number, comment, signal }: { number: number; comment: string; signal: AbortSignal },
): Promise<void> {
  const attempt = `close pull request #${number}`;
  const facts = await readFacts(repository, number, signal);
  if (!isOwn(repository, facts)) {
    throw refused(attempt, 'its branch is not in this repository', 'never', 'Nothing was changed.');
  }
  if (facts.open) {
    const parameters = { pull_number: number, state: 'closed' };
    await repository.client.call(
      callAbout(repository, 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { attempt, signal, parameters }),
    );
  }
  // Where nobody may say why, it is closed all the same.
  await writeComment(repository, { number, body: comment }, signal);
}

async function create(repository: Repository, draft: PullRequestDraft, signal: AbortSignal): Promise<Reply> {
  const { branch: head, base, title, body } = draft;
  const ask = (asDraft: boolean) =>
    repository.client.attempt(
      callAbout(repository, 'POST /repos/{owner}/{repo}/pulls', {
        attempt: `open a pull request for ${plainText(head)}`,
        signal,
        parameters: { head, base, title, body, draft: asDraft },
      }),
    );
  const reply = await ask(draft.draft);
  // Plans without drafts refuse them; an ordinary pull request is better than none.
  const noDrafts =
    reply.kind === 'refusal' && reply.status === 422 && /draft pull requests/i.test(reply.reasons.join('\n'));
  return draft.draft && noDrafts ? ask(false) : reply;
}

async function findOpen(repository: Repository, draft: PullRequestDraft, signal: AbortSignal): Promise<PullFacts> {
  const { branch, base } = draft;
  const [found] = (await listFacts(repository, { branch, base, state: 'open', signal })).pulls;
  if (found !== undefined) return found;
  throw refused(
    `open a pull request for ${plainText(branch)}`,
    'GitHub says that one is open, and shows none',
    'later',
    'GitHub may not show it yet; it is tried again.',
  );
}

async function changeWhereDifferent(
  repository: Repository,
  { pull, draft, signal }: { pull: Words; draft: PullRequestDraft; signal: AbortSignal },
): Promise<PullFacts | null> {
  const changes = {
    ...(pull.title === draft.title ? {} : { title: draft.title }),
    ...(unixLines(pull.body) === unixLines(draft.body) ? {} : { body: draft.body }),
  };
  if (Object.keys(changes).length === 0) return null;
  const attempt = `update pull request #${pull.number}`;
  const { data } = await repository.client.call(
    callAbout(repository, 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
      attempt,
      signal,
      parameters: { pull_number: pull.number, ...changes },
    }),
  );
  const facts = expectOwn(repository, draft, { attempt, data });
  if (facts.number !== pull.number) throw unexpectedAnswer(attempt);
  return facts;
}

function expectOwn(
  repository: Repository,
  draft: PullRequestDraft,
  { attempt, data }: { attempt: string; data: unknown },
): PullFacts {
  const facts = readPull(data);
  if (facts === null || !isOwn(repository, facts) || facts.branch !== draft.branch) throw unexpectedAnswer(attempt);
  return facts;
}

function checkSizes(attempt: string, { title, body }: PullRequestDraft): void {
  const hint = 'Shorten the pull-request template.';
  if (title.length > MAX_TITLE) throw refused(attempt, `its title is over ${MAX_TITLE} characters`, 'never', hint);
  if (body.length > MAX_BODY) throw refused(attempt, `its body is over ${MAX_BODY} characters`, 'never', hint);
}

/** Editing in the browser stores CRLF. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
