import { at, readText } from '../github-answers.ts';

/** Who closed a pull request. A branch that was deleted closes it too: that is nobody's judgement of its content. */
export type Closer =
  | { readonly kind: 'person'; readonly login: string }
  | { readonly kind: 'bot' }
  | { readonly kind: 'branch-deleted' }
  /** The events do not say it. */
  | { readonly kind: 'unknown' };

/** Reads a pull request's issue events, oldest first. Entries that make no sense are passed over. */
export function whoClosed(events: readonly unknown[]): Closer {
  let deleted = false;
  let closer: Closer = { kind: 'unknown' };
  for (const event of events) {
    const name = readText(event, 'event');
    if (name === 'head_ref_deleted') deleted = true;
    else if (name === 'head_ref_restored' || name === 'reopened') deleted = false;
    else if (name === 'closed') closer = deleted ? { kind: 'branch-deleted' } : actorOf(event);
  }
  return closer;
}

function actorOf(event: unknown): Closer {
  const login = readText(event, 'actor', 'login');
  const type = at(event, 'actor', 'type');
  if (type === 'Bot') return { kind: 'bot' };
  return type === 'User' && login !== null ? { kind: 'person', login } : { kind: 'unknown' };
}
