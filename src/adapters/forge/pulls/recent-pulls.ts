import { plainText } from '../../../domain/plain-text.ts';
import { hasRetryLabel } from '../../../plan/life/ended/retry-request.ts';
import type { PullRequest, RecentPulls } from '../../../ports.ts';
import { type PullFacts, readPulls } from '../github-answers.ts';
import { refused, unexpectedAnswer } from '../github-failure.ts';
import { callAbout, isOwn, type Repository } from '../pull-request-state.ts';
import { settleList } from './settle-pull.ts';

const HOUR = 3_600_000;
const MAX_PAGES = 10;

interface Page {
  readonly pulls: readonly PullFacts[];
  readonly lastPage: number;
  readonly sentAt: number;
}

interface Ask {
  readonly state: 'all' | 'open' | 'closed';
  readonly attempt: string;
  readonly signal: AbortSignal;
}

/** The pull requests of all branches below a folder: one call where the repository never had more than a hundred. */
export async function recentPulls(repository: Repository, folder: string, signal: AbortSignal): Promise<RecentPulls> {
  const attempt = `list the pull requests of ${plainText(folder)}`;
  const newest = await page(repository, { state: 'all', attempt, signal }, 1);
  const hourAgo = newest.sentAt - HOUR;
  const isWhole = newest.lastPage === 1;
  const lately = await pagesFrom(repository, newest, {
    ask: { state: 'all', attempt, signal },
    isEnough: (one) => isWhole || one.pulls.some(({ createdAt }) => createdAt <= hourAgo),
  });
  const open = isWhole ? lately : await openOnes(repository, { state: 'open', attempt, signal });
  const ours = ownBelow(repository, folder);
  const times = ours(lately).map(({ createdAt }) => createdAt);
  return {
    open: ours(open)
      .filter((one) => one.open)
      .map(shown),
    createdAt: times.filter((time) => time > hourAgo).toSorted((left, right) => right - left),
  };
}

const WEEK = 7 * 24 * HOUR;
const MAX_UNSETTLED = 10;

/**
 * Ended ones of the last hundred that changed, and within a week. What they came to is asked for once, as long as nothing happens
 * to them: most of it is remembered.
 */
export async function unsettledPulls(
  repository: Repository,
  folder: string,
  signal: AbortSignal,
): Promise<readonly PullRequest[]> {
  const attempt = `list the ended pull requests of ${plainText(folder)}`;
  const { pulls, sentAt } = await page(repository, { state: 'closed', attempt, signal }, 1);
  const ended = ownBelow(
    repository,
    folder,
  )(pulls)
    .filter(({ open, updatedAt }) => !open && updatedAt > sentAt - WEEK)
    .filter((pull) => !pull.merged || mayBeAskedFor(pull))
    .toSorted((left, right) => right.updatedAt - left.updatedAt)
    .slice(0, MAX_UNSETTLED);
  const settled = await settleList(repository, { pulls: ended, seenAt: sentAt }, signal);
  return settled.filter(({ state, isRetryAsked }) => state === 'closed-by-bot' || isRetryAsked);
}

/** Whoever asks changes it after its end; what is merged is only looked into then. */
function mayBeAskedFor({ labels, updatedAt, closedAt }: PullFacts): boolean {
  return hasRetryLabel(labels) || (closedAt !== null && updatedAt > closedAt);
}

function shown({ number, branch, base, createdAt }: PullFacts): RecentPulls['open'][number] {
  return { number, branch, base, createdAt };
}

async function openOnes(repository: Repository, ask: Ask): Promise<readonly PullFacts[]> {
  return pagesFrom(repository, await page(repository, ask, 1), { ask, isEnough: () => false });
}

/** Page by page until it is enough, or all. */
async function pagesFrom(
  repository: Repository,
  first: Page,
  { ask, isEnough }: { readonly ask: Ask; readonly isEnough: (page: Page) => boolean },
): Promise<readonly PullFacts[]> {
  const pulls = [...first.pulls];
  let current = first;
  for (let number = 2; !isEnough(current) && number <= first.lastPage; number += 1) {
    if (number > MAX_PAGES) {
      const hint = 'Close what nobody needs any more, or raise fewer pull requests at once.';
      throw refused(ask.attempt, `there are more than ${MAX_PAGES * 100}, which is as far as it counts`, 'later', hint);
    }
    current = await page(repository, ask, number);
    pulls.push(...current.pulls);
  }
  return pulls;
}

/** What ended long ago may have changed just now. */
const SORTED = { all: 'created', open: 'created', closed: 'updated' } as const;

async function page(repository: Repository, { state, attempt, signal }: Ask, number: number): Promise<Page> {
  const { data, lastPage, sentAt } = await repository.client.call(
    callAbout(repository, 'GET /repos/{owner}/{repo}/pulls', {
      attempt,
      signal,
      parameters: { state, sort: SORTED[state], direction: 'desc', per_page: 100, page: number },
    }),
  );
  const pulls = readPulls(data);
  if (pulls === null) throw unexpectedAnswer(attempt);
  return { pulls, lastPage, sentAt };
}

/** Newest first, none twice: what is opened between two pages moves the others on. */
function ownBelow(repository: Repository, folder: string) {
  return (pulls: readonly PullFacts[]) => {
    const own = pulls.filter((one) => isOwn(repository, one) && one.branch.startsWith(`${folder}/`));
    const byNumber = new Map(own.map((one) => [one.number, one]));
    return [...byNumber.values()].toSorted((left, right) => right.number - left.number);
  };
}
