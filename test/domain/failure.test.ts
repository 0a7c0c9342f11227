import { expect, test } from 'vitest';
import { FAILURE_CODES, Failure, internalFailure, unreachable } from '../../src/domain/failure.ts';

const details = { code: 'git-denied', retry: 'never', hint: 'Check the token.' } as const;

test('a failure says what was attempted, whether to retry, and what to do', () => {
  const failure = new Failure('push to acme/platform refused', details);
  expect(failure).toBeInstanceOf(Error);
  expect(failure.name).toBe('Failure');
  expect(String(failure)).toBe('Failure: push to acme/platform refused');
  expect(failure).toMatchObject({ ...details, retryAfterSeconds: null });
  expect(new Failure('x', { ...details, retryAfterSeconds: 30 }).retryAfterSeconds).toBe(30);
});

test('the cause is kept, and is not serialised', () => {
  const cause = new Error('Authorization: Bearer ghp_token');
  const failure = new Failure('push refused', { ...details, cause });
  expect(failure.cause).toBe(cause);
  expect(JSON.stringify(failure)).not.toContain('ghp_token');
  expect(failure.message).not.toContain('ghp_token');
  expect(JSON.stringify(Object.entries(failure))).not.toContain('ghp_token');
});

test('an impossible state names the invariant and asks for a report', () => {
  const failure = internalFailure('a plan has two edits of one line');
  expect(failure).toMatchObject({ code: 'internal', retry: 'never' });
  expect(failure.message).toBe('internal error: a plan has two edits of one line');
  expect(failure.hint).toMatch(/report/);
  expect(() => unreachable('x' as never)).toThrow('internal error: no case for "x"');
});

test('codes are words that a person can search for, each once', () => {
  expect(FAILURE_CODES.filter((code) => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
  expect(new Set(FAILURE_CODES).size).toBe(FAILURE_CODES.length);
});
