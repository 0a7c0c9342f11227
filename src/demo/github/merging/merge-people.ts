import type { Account } from '../identities.ts';
import { mergePull, type Pull, type RepositoryState } from '../world.ts';
import { isFree, standingOf } from './branch-rules.ts';
import type { CheckState, MergeRules, Report, Review } from './merge-rules.ts';
import { autoMergeOf, enqueue, queueEntryOf, setAutoMerge } from './merge-state.ts';

/** What people and machines do about merging. */
export interface MergePeople {
  /** Rules that are not named stay as they are. */
  setRules(rules: Partial<MergeRules>): Promise<void>;
  /** Of the commit that is at its head now. */
  approveAs(number: number, actor: Account, access?: Review['access']): Promise<void>;
  requestChangesAs(number: number, actor: Account): Promise<void>;
  setChecks(number: number, state: CheckState): Promise<void>;
  /** A controller, or a workflow, reports on a commit, whatever pull request it came with. */
  report(commit: string, report: Pick<Report, 'kind' | 'name' | 'state'>): Promise<void>;
  /** A check that runs is no longer shown as running. */
  endCheck(commit: string, name: string): Promise<void>;
  markDraft(number: number, isDraft: boolean): Promise<void>;
  enqueueAs(number: number, actor: Account): Promise<void>;
  setAutoMergeAs(number: number, actor: Account, isOn: boolean): Promise<void>;
  /** The reviews of a pull request, oldest first. */
  reviews(number: number): Promise<readonly Readonly<Review>[]>;
  /** What GitHub does by itself in time: merges what may be merged by itself, and empties the merge queue. The numbers merged. */
  letGitHubGoOn(): Promise<readonly number[]>;
}

/** `on`: apart from requests and from one another, with branches looked at. */
export function createMergePeople(
  on: <T>(act: (repository: RepositoryState) => Promise<T> | T) => Promise<T>,
): MergePeople {
  const onPull = <T>(number: number, act: (repository: RepositoryState, pull: Pull) => Promise<T> | T) =>
    on((repository) => {
      const pull = repository.pulls.get(number);
      if (pull === undefined) throw new Error(`there is no pull request #${number}`);
      return act(repository, pull);
    });
  return {
    setRules: (rules) =>
      on(({ merging }) => {
        merging.rules = { ...merging.rules, ...rules };
      }),
    approveAs: (number, actor, access = 'write') =>
      onPull(number, (repository, pull) => review(repository, pull, { author: actor, access, state: 'APPROVED' })),
    requestChangesAs: (number, actor) =>
      onPull(number, (repository, pull) =>
        review(repository, pull, { author: actor, access: 'write', state: 'CHANGES_REQUESTED' }),
      ),
    setChecks: (number, state) => onPull(number, ({ merging }, { head }) => void merging.checks.set(head, state)),
    report: (commit, report) =>
      on(({ merging, now }) => {
        merging.reports.set(commit, [...(merging.reports.get(commit) ?? []), { ...report, at: now() }]);
      }),
    endCheck: (commit, name) =>
      on(({ merging: { reports } }) => {
        const left = (reports.get(commit) ?? []).filter((one) => one.name !== name || one.state !== 'IN_PROGRESS');
        reports.set(commit, left);
      }),
    markDraft: (number, isDraft) =>
      onPull(number, (_, pull) => {
        pull.draft = isDraft;
      }),
    enqueueAs: (number, actor) =>
      onPull(number, (repository, pull) => {
        if (!repository.merging.rules.hasMergeQueue) throw new Error('there is no merge queue');
        enqueue(repository, pull, actor);
      }),
    setAutoMergeAs: (number, by, isOn) =>
      onPull(number, (repository, pull) => setAutoMerge(repository, pull, isOn ? { by, method: 'merge' } : null)),
    reviews: (number) => onPull(number, ({ merging }) => structuredClone(merging.reviews.get(number) ?? [])),
    letGitHubGoOn: () => on(goOn),
  };
}

function review(
  repository: RepositoryState,
  pull: Pull,
  { author, access, state }: Pick<Review, 'author' | 'access' | 'state'>,
): void {
  if (author.login === pull.author.login) throw new Error('nobody reviews their own pull request');
  repository.lastId += 1;
  const reviews = repository.merging.reviews.get(pull.number) ?? [];
  reviews.push({ id: repository.lastId, author, access, state, commit: pull.head, at: repository.now(), body: '' });
  repository.merging.reviews.set(pull.number, reviews);
}

async function goOn(repository: RepositoryState): Promise<readonly number[]> {
  const merged: number[] = [];
  const { rules, queue } = repository.merging;
  for (const pull of repository.pulls.values()) {
    const wish = autoMergeOf(repository, pull);
    if (wish === null || !isFree(await standingOf(repository, pull))) continue;
    if (rules.hasMergeQueue) {
      enqueue(repository, pull, wish.by);
      setAutoMerge(repository, pull, null);
    } else if ((await mergePull(repository, pull, { actor: wish.by, method: wish.method })) !== null) {
      merged.push(pull.number);
    }
  }
  const waiting = queue.filter(({ number }) => isWaiting(repository, number));
  queue.length = 0;
  for (const { number, by } of waiting) {
    const pull = repository.pulls.get(number);
    if (pull !== undefined && (await mergeQueued(repository, pull, by))) merged.push(number);
  }
  return merged;
}

function isWaiting(repository: RepositoryState, number: number): boolean {
  const pull = repository.pulls.get(number);
  return pull !== undefined && queueEntryOf(repository, pull) !== null;
}

/** Those that fail fall out of the queue. */
async function mergeQueued(repository: RepositoryState, pull: Pull, actor: Account): Promise<boolean> {
  const [method = 'merge'] = repository.merging.rules.methods;
  if (!isFree(await standingOf(repository, pull))) return false;
  return (await mergePull(repository, pull, { actor, method })) !== null;
}
