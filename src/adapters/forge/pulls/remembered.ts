import { hasRetryLabel } from '../../../plan/life/ended/retry-request.ts';
import type { PullRequestState } from '../../../ports.ts';
import type { PullFacts } from '../github-answers.ts';

/** What a pull request came to. */
export interface End {
  readonly state: PullRequestState;
  readonly headMessage: string | null;
  readonly isRetryAsked: boolean;
}

/** Answers that do not change, so that they are asked for once. Bounded: the oldest is forgotten first. */
export interface Remembered {
  /** Undefined where nothing is known of the pull request as it is now. */
  end(facts: PullFacts): End | undefined;
  /** `seenAt`: when GitHub told these facts, by its clock. */
  keepEnd(facts: PullFacts, end: End, seenAt: number): void;
  /** The message of a commit; undefined where it is not known. */
  message(commit: string): string | undefined;
  keepMessage(commit: string, message: string): void;
}

const MAX_ENDS = 5000;
const MAX_MESSAGES = 500;
/** GitHub writes times to the second, and its answers lag a little: before this, an end may be missing what belongs to it. */
const SETTLED_MILLISECONDS = 10_000;

/** Remembers nothing yet. */
export function createRemembered(): Remembered {
  const ends = new Map<string, End>();
  const messages = new Map<string, string>();
  return {
    end: (facts) => ends.get(keyOf(facts)),
    keepEnd: (facts, end, seenAt) => {
      if (seenAt - facts.updatedAt >= SETTLED_MILLISECONDS) keep(ends, MAX_ENDS, [keyOf(facts), end]);
    },
    message: (commit) => messages.get(commit),
    keepMessage: (commit, message) => keep(messages, MAX_MESSAGES, [commit, message]),
  };
}

/** Whatever happens to a pull request moves the time of its last change; deleting a label everywhere may not. */
function keyOf({ number, updatedAt, head, labels }: PullFacts): string {
  return `${number} ${updatedAt} ${head} ${hasRetryLabel(labels)}`;
}

function keep<T>(map: Map<string, T>, most: number, [key, value]: readonly [string, T]): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
