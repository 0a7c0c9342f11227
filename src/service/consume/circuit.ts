import type { Failure } from '../../domain/failure.ts';
import { type Outcome, outcome } from '../outcome.ts';

/** A host that does not answer: it is left alone until a time, then one go tries for real. Times in epoch milliseconds. */
export interface Circuit {
  readonly failures: number;
  readonly since: number;
  readonly openUntil: number;
  readonly failure: Failure;
}

const FIRST_PAUSE_MILLISECONDS = 1000;
const LONGEST_PAUSE_MILLISECONDS = 120_000;

/** The circuit after one more go in which the host did not answer: each pause is twice as long, up to two minutes. */
export function opened(before: Circuit | null, failure: Failure, now: number): Circuit {
  const failures = (before?.failures ?? 0) + 1;
  const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MILLISECONDS);
  return { failures, since: before?.since ?? now, openUntil: now + pause, failure };
}

/** What every change comes to while the circuit is open, without a question to the host; null when it is to be tried. */
export function refusal({ failure, since, openUntil }: Circuit, now: number): Outcome | null {
  if (now >= openUntil) return null;
  const reason = `No answer since ${new Date(since).toISOString()}: ${failure.message} [${failure.code}]`;
  const retryAfterSeconds = Math.ceil((openUntil - now) / 1000);
  return outcome('try-later', reason, { hint: failure.hint, retryAfterSeconds, failure });
}

/** What keeps a repository from being served at all: every change failed, and its Git host or its forge is why. */
export function hostFailure(outcomes: readonly Outcome[]): Failure | null {
  const failures = outcomes.map(({ failure }) => failure);
  const isDown = failures.every((failure) => failure !== null && /^(?:git|forge)-/.test(failure.code));
  return isDown ? (failures[0] ?? null) : null;
}
