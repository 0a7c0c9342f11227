import { plainText } from '../../domain/plain-text.ts';
import type { PullRequestDraft } from '../../ports.ts';
import { type PullFacts, readPull, readPulls } from './github-answers.ts';
import type { Reply } from './github-client.ts';
import { refused, unexpectedAnswer } from './github-failure.ts';
import { callAbout, isOwn, type Repository } from './pull-request-state.ts';

/** GitHub's limits, in characters. */
const MAX_TITLE = 256;
const MAX_BODY = 65_536;

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
    return changeWhereDifferent(repository, { facts: found, draft, signal });
  }
  // Reads lag behind pushes: a branch or a commit that GitHub does not see yet will be there the next time.
  if (/no commits between|^head is /im.test(reasons)) {
    const hint = 'GitHub may not have seen the push yet; it is tried again.';
    throw refused(attempt, `GitHub answered 422: ${plainText(reasons.replaceAll('\n', '; '))}`, 'later', hint);
  }
  throw reply.failure;
}

/** Title and body as the draft has them; one request less where they already are. */
export async function bringUpToDate(
  repository: Repository,
  { number, draft, signal }: { number: number; draft: PullRequestDraft; signal: AbortSignal },
): Promise<PullFacts> {
  const attempt = `update pull request #${number}`;
  checkSizes(attempt, draft);
  const facts = await readFacts(repository, number, signal);
  if (!isOwn(repository, facts) || facts.branch !== draft.branch) {
    throw refused(
      attempt,
      `it is not a pull request of ${plainText(draft.branch)}`,
      'never',
      'This number belongs to somebody else; nothing was changed.',
    );
  }
  return changeWhereDifferent(repository, { facts, draft, signal });
}

/** A pull request, fresh from GitHub. */
export async function readFacts(repository: Repository, number: number, signal: AbortSignal): Promise<PullFacts> {
  const attempt = `read pull request #${number}`;
  const { data } = await repository.client.call(
    callAbout(repository, 'GET /repos/{owner}/{repo}/pulls/{pull_number}', {
      attempt,
      signal,
      parameters: { pull_number: number },
    }),
  );
  const facts = readPull(data);
  if (facts === null || facts.number !== number) throw unexpectedAnswer(attempt);
  return facts;
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
  await repository.client.call(
    callAbout(repository, 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      attempt: `comment on pull request #${number}`,
      signal,
      parameters: { issue_number: number, body: comment },
    }),
  );
}

/**
 * The newest hundred pull requests of this branch of this repository. GitHub answers with those of everybody when it does
 * not understand the filter, so each one is checked.
 */
export async function listFacts(
  repository: Repository,
  { branch, base, state, signal }: { branch: string; base: string; state: 'all' | 'open'; signal: AbortSignal },
): Promise<readonly PullFacts[]> {
  const attempt = `list the pull requests of ${plainText(branch)}`;
  const head = `${repository.owner}:${branch}`;
  const { data } = await repository.client.call(
    callAbout(repository, 'GET /repos/{owner}/{repo}/pulls', {
      attempt,
      signal,
      parameters: { state, head, base, sort: 'created', direction: 'desc', per_page: 100 },
    }),
  );
  const facts = readPulls(data);
  if (facts === null) throw unexpectedAnswer(attempt);
  return facts
    .filter((one) => isOwn(repository, one) && one.branch === branch && one.base === base)
    .toSorted((left, right) => right.number - left.number);
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
  const [found] = await listFacts(repository, { branch, base, state: 'open', signal });
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
  { facts, draft, signal }: { facts: PullFacts; draft: PullRequestDraft; signal: AbortSignal },
): Promise<PullFacts> {
  const changes = {
    ...(facts.title === draft.title ? {} : { title: draft.title }),
    ...(unixLines(facts.body) === unixLines(draft.body) ? {} : { body: draft.body }),
  };
  if (Object.keys(changes).length === 0) return facts;
  const attempt = `update pull request #${facts.number}`;
  const { data } = await repository.client.call(
    callAbout(repository, 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
      attempt,
      signal,
      parameters: { pull_number: facts.number, ...changes },
    }),
  );
  return expectOwn(repository, draft, { attempt, data });
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
