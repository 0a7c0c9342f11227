import { plainText } from '../../../domain/plain-text.ts';
import { type PullFacts, readPull, readPulls } from '../github-answers.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { callAbout, isOwn, type Repository } from '../pull-request-state.ts';

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

/**
 * The newest hundred pull requests of this branch of this repository. GitHub answers with those of everybody when it does
 * not understand the filter, so each one is checked.
 */
export async function listFacts(
  repository: Repository,
  { branch, base, state, signal }: { branch: string; base: string; state: 'all' | 'open'; signal: AbortSignal },
): Promise<{ readonly pulls: readonly PullFacts[]; readonly seenAt: number }> {
  const attempt = `list the pull requests of ${plainText(branch)}`;
  const head = `${repository.owner}:${branch}`;
  const { data, sentAt } = await repository.client.call(
    callAbout(repository, 'GET /repos/{owner}/{repo}/pulls', {
      attempt,
      signal,
      parameters: { state, head, base, sort: 'created', direction: 'desc', per_page: 100 },
    }),
  );
  const facts = readPulls(data);
  if (facts === null) throw unexpectedAnswer(attempt);
  const pulls = facts
    .filter((one) => isOwn(repository, one) && one.branch === branch && one.base === base)
    .toSorted((left, right) => right.number - left.number);
  return { pulls, seenAt: sentAt };
}
