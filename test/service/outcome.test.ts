import { expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import {
  backOffSeconds,
  failureOf,
  OUTCOMES,
  type Outcome,
  type OutcomeKind,
  outcome,
  outcomeOfFailure,
  type Verb,
  verbOf,
} from '../../src/service/outcome.ts';

test('the table is the documented one', () => {
  expect(OUTCOMES).toEqual({
    published: { verb: 'delete', level: 'info', counts: 'success' },
    'already-current': { verb: 'delete', level: 'info', counts: 'success' },
    waiting: { verb: 'delete', level: 'info', counts: 'success' },
    'used-but-not-bumped': { verb: 'delete', level: 'warn', counts: 'success' },
    'nobody-uses-it': { verb: 'delete', level: 'info', counts: 'success' },
    'not-proven': { verb: 'delete', level: 'warn', counts: 'success' },
    'rejected-by-people': { verb: 'delete', level: 'info', counts: 'success' },
    ignored: { verb: 'delete', level: 'debug', counts: 'ignored' },
    malformed: { verb: 'leave', level: 'warn', counts: 'malformed' },
    'blocked-by-person': { verb: 'slow', level: 'info', counts: 'blocked' },
    'try-later': { verb: 'later', level: 'info', counts: 'retried' },
    'needs-operator': { verb: 'slow', level: 'error', counts: 'blocked' },
  });
});

function checkVerb(kinds: readonly OutcomeKind[], expected: Verb): void {
  expect(verbOf(kinds.map((kind) => outcome(kind, 'why')))).toBe(expected);
}

function checkBackOff(verb: Verb, receiveCount: number, outcomes: readonly Outcome[], expected: number): void {
  const waits = Array.from({ length: 40 }, (_, at) => backOffSeconds(verb, { id: `m${at}`, receiveCount }, outcomes));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(expected);
  const most = verb === 'later' ? Math.ceil(expected * 1.25) : expected;
  expect(Math.max(...waits)).toBeLessThanOrEqual(Math.min(most, 43_200));
}

function asked(retryAfterSeconds: number): Outcome {
  return outcome('try-later', 'why', { retryAfterSeconds });
}

function throttled(retry: 'later' | 'never'): Failure {
  return new Failure('could not ask', { code: 'aws-throttled', retry, hint: 'Wait.', retryAfterSeconds: 7 });
}

test('a message gets the most conservative verb of its outcomes', () => {
  checkVerb(['published'], 'delete');
  checkVerb(['published', 'nobody-uses-it', 'ignored'], 'delete');
  checkVerb(['published', 'malformed'], 'leave');
  checkVerb(['malformed', 'needs-operator', 'published'], 'slow');
  checkVerb(['needs-operator', 'try-later'], 'later');
  checkVerb(['try-later', 'malformed', 'already-current'], 'later');
  // Nothing is implied by silence: what came to no outcome is not deleted.
  checkVerb([], 'leave');
  for (const kind of Object.keys(OUTCOMES) as OutcomeKind[]) checkVerb([kind], OUTCOMES[kind].verb);
});

test('back-off doubles within its bounds, and waits as long as the other side asked', () => {
  checkBackOff('later', 1, [], 15);
  checkBackOff('later', 2, [], 30);
  checkBackOff('later', 6, [], 480);
  checkBackOff('later', 7, [], 900);
  checkBackOff('later', 1_000_000, [], 900);
  checkBackOff('later', 0, [], 15);
  checkBackOff('slow', 1, [], 60);
  checkBackOff('slow', 6, [], 1920);
  checkBackOff('slow', 7, [], 3600);
  checkBackOff('later', 1, [asked(5)], 15);
  checkBackOff('later', 1, [asked(120), outcome('published', 'why')], 120);
  checkBackOff('later', 5, [asked(90), asked(1200)], 1200);
  checkBackOff('slow', 1, [asked(1e9)], 43_200);
});

test('messages that were turned away together come back one by one, each always at the same time', () => {
  const waits = Array.from({ length: 40 }, (_, at) => backOffSeconds('later', { id: `m${at}`, receiveCount: 4 }, []));
  expect(new Set(waits).size).toBeGreaterThan(15);
  expect(backOffSeconds('later', { id: 'm7', receiveCount: 4 }, [])).toBe(waits[7]);
});

test('a failure is tried again where that may help, and shown with its code', () => {
  const failure = throttled('later');
  expect(outcomeOfFailure(failure)).toEqual({
    failure,
    kind: 'try-later',
    reason: 'could not ask [aws-throttled]',
    hint: 'Wait.',
    secret: null,
    branch: null,
    pullRequest: null,
    retryAfterSeconds: 7,
  });
  expect(outcomeOfFailure(throttled('never')).kind).toBe('needs-operator');
});

test('whatever else is thrown is a bug of ours, without its words', () => {
  const known = new Failure('known', { code: 'git-denied', retry: 'never', hint: 'x' });
  expect(failureOf(known)).toBe(known);
  expect(failureOf(new TypeError('token=hunter2'))).toMatchObject({
    code: 'internal',
    retry: 'never',
    message: 'internal error: unexpected TypeError',
  });
  expect(failureOf('hunter2').message).toBe('internal error: unexpected rejection');
});
