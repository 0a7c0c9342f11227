import { hasRetryLabel } from '../../../plan/life/ended/retry-request.ts';
import type { PullRequestState } from '../../../ports.ts';
import type { PullFacts } from '../github-answers.ts';

/** What a pull request came to. */
export interface End {
  readonly state: PullRequestState;
  /** The last paragraph of it. */
  readonly headMessage: string | null;
  readonly isRetryAsked: boolean;
}

/** Answers that do not change, so that they are asked for once. Bounded: the oldest is forgotten first. */
export interface Remembered {
  /** Undefined where nothing is known of the pull request as it is now. */
  end(facts: PullFacts): End | undefined;
  /** `seenAt`: when GitHub told these facts, by its clock. */
  keepEnd(facts: PullFacts, end: End, seenAt: number): void;
  /** The last paragraph of a commit's message; undefined where it is not known. */
  message(commit: string): string | undefined;
  keepMessage(commit: string, message: string): void;
}

const MAX_ENDS = 5000;
const MAX_MESSAGES = 500;
/** Of all messages of either together: the commit of a storm names hundreds of secrets. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** GitHub writes times to the second, and its answers lag a little: before this, an end may be missing what belongs to it. */
const SETTLED_MILLISECONDS = 10_000;

interface Kept {
  readonly state: string;
  readonly end: End;
}

/** Remembers nothing yet. */
export function createRemembered(): Remembered {
  // One for each pull request: what it was before its last change is never asked for again.
  const ends = createShelf<Kept>(MAX_ENDS, ({ end }) => end.headMessage?.length ?? 0);
  const messages = createShelf<string>(MAX_MESSAGES, ({ length }) => length);
  return {
    end: (facts) => {
      const kept = ends.get(String(facts.number));
      return kept?.state === stateOf(facts) ? kept.end : undefined;
    },
    keepEnd: (facts, end, seenAt) => {
      if (seenAt - facts.updatedAt >= SETTLED_MILLISECONDS)
        ends.keep(String(facts.number), { state: stateOf(facts), end });
    },
    message: (commit) => messages.get(commit),
    keepMessage: (commit, message) => messages.keep(commit, message),
  };
}

/** Whatever happens to a pull request moves the time of its last change; deleting a label everywhere may not. */
function stateOf({ updatedAt, head, labels }: PullFacts): string {
  // Joined it is one text; a template would be kept as the parts that it is made of.
  return [updatedAt, head, hasRetryLabel(labels)].join(' ');
}

interface Shelf<T> {
  get(key: string): T | undefined;
  keep(key: string, value: T): void;
}

/** Holds so many values, and so many characters of them; the oldest goes first. */
function createShelf<T>(most: number, lengthOf: (value: T) => number): Shelf<T> {
  const values = new Map<string, T>();
  let characters = 0;
  const drop = (key: string) => {
    const value = values.get(key);
    if (value === undefined) return;
    characters -= lengthOf(value);
    values.delete(key);
  };
  return {
    get: (key) => values.get(key),
    keep: (key, value) => {
      drop(key);
      values.set(key, value);
      characters += lengthOf(value);
      for (const oldest of values.keys()) {
        if (values.size <= most && characters <= MAX_CHARACTERS) break;
        drop(oldest);
      }
    },
  };
}
