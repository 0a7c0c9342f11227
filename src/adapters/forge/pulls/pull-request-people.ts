import type { Log, PullRequestDraft } from '../../../ports.ts';
import type { Call } from '../asking/call.ts';
import { readLabels } from '../github-answers.ts';
import type { Answer, Reply } from '../github-client.ts';
import { callAbout, type Repository } from '../pull-request-state.ts';

interface Wish {
  readonly what: 'labels' | 'assignees' | 'reviewers' | 'teamReviewers';
  readonly names: readonly string[];
}

/** How a label looks that did not exist before; people may change it. */
const NEW_LABEL = { color: '5319e7', description: 'Set by gitops-reloader' };
/** GitHub's word for labels that it would have to create first, where adding one does not include the right to. */
const MUST_EXIST = /permission to create labels/i;

/**
 * Labels, assignees and reviewers of a pull request that exists. Best effort: the pull request counts, so whatever goes
 * wrong here is one warning per wish. Where GitHub refuses a list, each name is tried alone: one bad name must not keep
 * the others out. The labels that it has now; null where none was set.
 */
export async function invite(
  repository: Repository,
  log: Pick<Log, 'warn'>,
  { number, draft, signal }: { number: number; draft: PullRequestDraft; signal: AbortSignal },
): Promise<readonly string[] | null> {
  const wishes: readonly Wish[] = [
    { what: 'labels', names: draft.labels },
    { what: 'assignees', names: draft.assignees },
    { what: 'reviewers', names: draft.reviewers },
    { what: 'teamReviewers', names: draft.teamReviewers },
  ];
  let labels: readonly string[] | null = null;
  for (const wish of wishes.filter((one) => one.names.length > 0)) {
    const { refusals, answer } = await grant(repository, wish, { number, signal });
    if (wish.what === 'labels' && answer !== null) labels = readLabels(answer.data);
    for (const { failure } of refusals) {
      const fields = { pr: number, code: failure.code, error: failure.message };
      log.warn(fields, 'The pull request is open, but not everything asked for could be set on it');
    }
  }
  return labels;
}

interface Granted {
  readonly refusals: readonly Extract<Reply, { kind: 'refusal' }>[];
  /** The last one. */
  readonly answer: Answer | null;
}

async function grant(
  repository: Repository,
  wish: Wish,
  context: { number: number; signal: AbortSignal },
): Promise<Granted> {
  const ask = (names: readonly string[]) => repository.client.attempt(callFor(repository, { ...wish, names }, context));
  const together = await ask(wish.names);
  if (together.kind === 'answer') return { refusals: [], answer: together };
  const mustExist = wish.what === 'labels' && MUST_EXIST.test(together.reasons.join('\n'));
  if (mustExist) await createLabels(repository, wish.names, context);
  else if (together.status !== 422 || wish.names.length === 1) return { refusals: [together], answer: null };
  const refusals = [];
  let answer: Answer | null = null;
  for (const name of wish.names) {
    const alone = await ask([name]);
    if (alone.kind === 'refusal') refusals.push(alone);
    else answer = alone;
  }
  return { refusals, answer };
}

/** Those that are there already are refused, and no label that cannot be created is missed here: adding it tells why. */
async function createLabels(
  repository: Repository,
  names: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<void> {
  for (const name of names) {
    const attempt = 'create a label';
    const parameters = { name, ...NEW_LABEL };
    await repository.client.attempt(
      callAbout(repository, 'POST /repos/{owner}/{repo}/labels', { attempt, signal, parameters }),
    );
  }
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
