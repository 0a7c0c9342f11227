import type { Log, PullRequestDraft } from '../../ports.ts';
import type { Call, Reply } from './github-client.ts';
import { callAbout, type Repository } from './pull-request-state.ts';

interface Wish {
  readonly what: 'labels' | 'assignees' | 'reviewers' | 'teamReviewers';
  readonly names: readonly string[];
}

/**
 * Labels, assignees and reviewers of a pull request that exists. Best effort: the pull request counts, so whatever goes
 * wrong here is one warning per wish. Where GitHub refuses a list, each name is tried alone: one bad name must not keep
 * the others out.
 */
export async function invite(
  repository: Repository,
  log: Pick<Log, 'warn'>,
  { number, draft, signal }: { number: number; draft: PullRequestDraft; signal: AbortSignal },
): Promise<void> {
  const wishes: readonly Wish[] = [
    { what: 'labels', names: draft.labels },
    { what: 'assignees', names: draft.assignees },
    { what: 'reviewers', names: draft.reviewers },
    { what: 'teamReviewers', names: draft.teamReviewers },
  ];
  for (const wish of wishes.filter((one) => one.names.length > 0)) {
    const refusals = await grant(repository, wish, { number, signal });
    for (const { failure } of refusals) {
      const fields = { pr: number, code: failure.code, error: failure.message };
      log.warn(fields, 'The pull request is open, but not everything asked for could be set on it');
    }
  }
}

async function grant(
  repository: Repository,
  wish: Wish,
  context: { number: number; signal: AbortSignal },
): Promise<readonly Extract<Reply, { kind: 'refusal' }>[]> {
  const ask = (names: readonly string[]) => repository.client.attempt(callFor(repository, { ...wish, names }, context));
  const together = await ask(wish.names);
  if (together.kind === 'answer') return [];
  if (together.status !== 422 || wish.names.length === 1) return [together];
  const refusals = [];
  for (const name of wish.names) {
    const alone = await ask([name]);
    if (alone.kind === 'refusal') refusals.push(alone);
  }
  return refusals;
}

function callFor(
  repository: Repository,
  wish: Wish,
  { number, signal }: { number: number; signal: AbortSignal },
): Call {
  const { what, names } = wish;
  const attempt = `set ${what} on pull request #${number}`;
  switch (what) {
    case 'labels':
      return callAbout(repository, 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
        attempt,
        signal,
        parameters: { issue_number: number, labels: names },
      });
    case 'assignees':
      return callAbout(repository, 'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees', {
        attempt,
        signal,
        parameters: { issue_number: number, assignees: names },
      });
    case 'reviewers':
    case 'teamReviewers':
      return callAbout(repository, 'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
        attempt,
        signal,
        parameters: { pull_number: number, [what === 'reviewers' ? 'reviewers' : 'team_reviewers']: names },
      });
    default:
      return what satisfies never;
  }
}
