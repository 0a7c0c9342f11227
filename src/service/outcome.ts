import { sha256Hex } from '../domain/digest.ts';
import { Failure, internalFailure } from '../domain/failure.ts';
import type { InboxMessage } from '../ports.ts';

/**
 * Room `service`: the order of things. It asks ports for text, calls the pure rooms, hands results back to ports, and turns
 * outcomes into queue verbs. It knows no SDK, no file system and no YAML; decisions about secrets, manifests and pull
 * requests live in the pure rooms.
 *
 * One outcome per (message, repository); this table is the only place that says what happens to the message.
 */
export const OUTCOMES = {
  published: { verb: 'delete', level: 'info', counts: 'success' },
  'already-current': { verb: 'delete', level: 'info', counts: 'success' },
  waiting: { verb: 'delete', level: 'info', counts: 'success' },
  'used-but-not-bumped': { verb: 'delete', level: 'warn', counts: 'success' },
  'nobody-uses-it': { verb: 'delete', level: 'info', counts: 'success' },
  'not-proven': { verb: 'delete', level: 'warn', counts: 'success' },
  'rejected-by-people': { verb: 'delete', level: 'info', counts: 'success' },
  ignored: { verb: 'delete', level: 'debug', counts: 'ignored' },
  malformed: { verb: 'leave', level: 'warn', counts: 'malformed' },
  // Nothing else keeps its version until the person's branch is gone.
  'blocked-by-person': { verb: 'slow', level: 'info', counts: 'blocked' },
  'try-later': { verb: 'later', level: 'info', counts: 'retried' },
  'needs-operator': { verb: 'slow', level: 'error', counts: 'blocked' },
} as const satisfies Record<string, Treatment>;

export type OutcomeKind = keyof typeof OUTCOMES;

/** `leave` counts as a delivery, so that a dead-letter queue gets it; `later` and `slow` give it back with a back-off. */
export type Verb = 'delete' | 'leave' | 'slow' | 'later';

interface Treatment {
  readonly verb: Verb;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly counts: 'success' | 'ignored' | 'malformed' | 'retried' | 'blocked';
}

/** What became of one message in one repository, with a reason that a person can read. */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly reason: string;
  readonly hint: string | null;
  /** Which secret it was about, where that is known. */
  readonly secret: string | null;
  readonly branch: string | null;
  readonly pullRequest: string | null;
  readonly retryAfterSeconds: number | null;
  /** What kept it from its end, where a port failed. */
  readonly failure: Failure | null;
}

/** An outcome with nothing but its kind and reason; `more` adds what is known. */
export function outcome(kind: OutcomeKind, reason: string, more: Partial<Outcome> = {}): Outcome {
  const unknown = { hint: null, secret: null, branch: null, pullRequest: null, retryAfterSeconds: null, failure: null };
  return { ...unknown, ...more, kind, reason };
}

/** A failure of a port as an outcome: what may go through later is retried, the rest needs a person. */
export function outcomeOfFailure(failure: Failure, more: Partial<Outcome> = {}): Outcome {
  const kind = failure.retry === 'later' ? 'try-later' : 'needs-operator';
  const reason = `${failure.message} [${failure.code}]`;
  const { hint, retryAfterSeconds } = failure;
  return outcome(kind, reason, { ...more, hint, retryAfterSeconds, failure });
}

/** What was thrown, as a failure: ports throw nothing else, so anything else is a bug of ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return internalFailure(error instanceof Error ? `unexpected ${error.name}` : 'unexpected rejection');
}

/** The one verb for a message: the most conservative of its outcomes. A message without any is left alone. */
export function verbOf(outcomes: readonly Outcome[]): Verb {
  const order: readonly Verb[] = ['delete', 'leave', 'slow', 'later'];
  const ranks = outcomes.map(({ kind }) => order.indexOf(OUTCOMES[kind].verb));
  return order[ranks.length === 0 ? 1 : Math.max(...ranks)] ?? 'leave';
}

/** Of outcomes whose messages are treated alike, the one that says most comes first. */
const SAYS_MOST: readonly OutcomeKind[] = [
  'published',
  'waiting',
  'rejected-by-people',
  'already-current',
  'used-but-not-bumped',
  'not-proven',
  'nobody-uses-it',
];

/** What became of a change that asked for several things: the most conservative of it; null where it asked for none. */
export function joinOutcomes(outcomes: readonly Outcome[]): Outcome | null {
  const verb = verbOf(outcomes);
  const decisive = outcomes.filter(({ kind }) => OUTCOMES[kind].verb === verb);
  const said = SAYS_MOST.flatMap((kind) => decisive.find((one) => one.kind === kind) ?? []);
  const first = said[0] ?? decisive[0] ?? null;
  const branches = new Set(outcomes.flatMap(({ branch }) => branch ?? [])).size;
  if (first === null || branches < 2) return first;
  return { ...first, reason: `${first.reason} It concerns ${branches} branches; this is one of them.` };
}

/**
 * Seconds until a message is delivered again: doubling with each delivery, at most 15 minutes (an hour for what needs a
 * person), and never before the time the other side asked for. To what a host has turned away up to a quarter is added, by the
 * message's id and delivery, so that not all of it comes back at once.
 */
export function backOffSeconds(
  verb: Verb,
  { id, receiveCount }: Pick<InboxMessage, 'id' | 'receiveCount'>,
  outcomes: readonly Outcome[],
): number {
  const [first, most] = verb === 'slow' ? [60, 3600] : [15, 900];
  const doubled = Math.min(first * 2 ** Math.min(Math.max(receiveCount - 1, 0), 10), most);
  const asked = Math.max(0, ...outcomes.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0));
  const spread = verb === 'later' ? Number.parseInt(sha256Hex(`${id} ${receiveCount}`, 8), 16) / 2 ** 32 : 0;
  return Math.min(Math.ceil(Math.max(doubled, asked) * (1 + spread / 4)), 43_200);
}
