import type { Account } from '../identities.ts';
import type { Pull, RepositoryState } from '../world.ts';
import type { AutoMerge, Method, QueueEntry, Review } from './merge-rules.ts';

/** Null where nobody asked for it, or where the pull request was closed since. */
export function autoMergeOf({ merging }: RepositoryState, pull: Pull): AutoMerge | null {
  const found = merging.autoMerges.get(pull.number);
  return found === undefined || pull.state !== 'open' || wasClosed(pull, found.after) ? null : found;
}

/** Has it merged as soon as it may; null: no longer. */
export function setAutoMerge(
  repository: RepositoryState,
  pull: Pull,
  wish: { readonly by: Account; readonly method: Method } | null,
): void {
  const { autoMerges } = repository.merging;
  if (wish === null) autoMerges.delete(pull.number);
  else autoMerges.set(pull.number, { ...wish, at: repository.now(), after: repository.lastId });
}

/** Null where it does not wait in the merge queue. */
export function queueEntryOf({ merging }: RepositoryState, pull: Pull): QueueEntry | null {
  const found = merging.queue.find((one) => one.number === pull.number && one.head === pull.head);
  return found === undefined || pull.state !== 'open' || wasClosed(pull, found.after) ? null : found;
}

/** Puts it at the end of the merge queue. */
export function enqueue(repository: RepositoryState, pull: Pull, by: Account): void {
  if (queueEntryOf(repository, pull) !== null) return;
  repository.merging.queue.push({ number: pull.number, head: pull.head, by, after: repository.lastId });
}

/** What each person thought last, dismissed reviews included. */
export function latestReviews({ merging }: RepositoryState, pull: Pull, access: 'any' | 'write'): readonly Review[] {
  const latest = new Map<string, Review>();
  for (const review of merging.reviews.get(pull.number) ?? []) {
    if (access === 'any' || review.access === 'write') latest.set(review.author.login, review);
  }
  return [...latest.values()];
}

function wasClosed(pull: Pull, after: number): boolean {
  return pull.events.some(({ event, id }) => event === 'closed' && id > after);
}
