import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FaultEffect } from '../../../src/demo/faults.ts';
import { primaryRateLimit, secondaryRateLimit } from '../../../src/demo/github/rate-limits.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { draftOf, type Hub, openHub, signal, TOKEN } from './hub.ts';

let hub: Hub;
beforeAll(async () => {
  hub = await openHub();
  await hub.push('x', 'Bump');
});
afterAll(() => hub.close());

const NOW = Date.parse('2026-01-02T03:04:05Z');
const sentNow = { date: new Date(NOW).toUTCString() };

/** What GitHub answers to the opening of a pull request, and what the caller is told. */
async function check(effect: FaultEffect, expected: string): Promise<Failure> {
  hub.faults.plan(/^POST .*\/pulls$/, effect);
  const error: unknown = await hub
    .forge()
    .open(draftOf('x'), signal())
    .then(String, (reason: unknown) => reason);
  hub.faults.clear();
  expect(error).toBeInstanceOf(Failure);
  const { code, retry, retryAfterSeconds, hint } = error as Failure;
  const wait = retryAfterSeconds === null ? '' : ` after ${retryAfterSeconds}`;
  expect(`${code} ${retry}${wait}`).toBe(expected);
  expect(hint).not.toBe('');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN);
  return error as Failure;
}

function says(status: number, message: string, headers: Readonly<Record<string, string>> = {}): FaultEffect {
  return { kind: 'answer', status, body: { message, documentation_url: 'https://docs.github.com' }, headers };
}

function limited(resetIn: number): FaultEffect {
  const effect = primaryRateLimit(NOW / 1000 + resetIn);
  return effect.kind === 'answer' ? { ...effect, headers: { ...effect.headers, ...sentNow } } : effect;
}

test('a bad token', async () => {
  const { message } = await check(says(401, 'Bad credentials'), 'forge-denied never');
  expect(message).toBe('could not open a pull request for x: GitHub answered 401: Bad credentials');
});
test('a permission that is missing', () =>
  check(says(403, 'Resource not accessible by personal access token'), 'forge-denied never'));
test('single sign-on', () =>
  check(says(403, 'Resource protected by organization SAML enforcement.'), 'forge-denied never'));
test('an archived repository', () =>
  check(says(403, 'Repository was archived so is read-only.'), 'forge-denied never'));
test('the hourly budget, by the clock of GitHub', () => check(limited(1234), 'forge-rate-limited later after 1234'));
test('a reset that is past', () => check(limited(-50), 'forge-rate-limited later after 1'));
test('a reset that never comes', () => check(limited(9e9), 'forge-rate-limited later after 3600'));
test('the secondary limit, with a time', () => check(secondaryRateLimit(77), 'forge-rate-limited later after 77'));
test('the secondary limit, with a time that is too short', () =>
  check(secondaryRateLimit(1), 'forge-rate-limited later after 60'));
test('the secondary limit, without a time', () => check(secondaryRateLimit(null), 'forge-rate-limited later after 60'));
test('429', () => check(says(429, 'Too many', { 'retry-after': '5' }), 'forge-rate-limited later after 5'));
test('429 with a date', () =>
  check(
    says(429, 'Too many', { 'retry-after': 'Fri, 02 Jan 2026 03:04:05 GMT' }),
    'forge-rate-limited later after 60',
  ));
test('a validation failure that is a limit', () =>
  check(says(422, 'Validation Failed: was submitted too quickly'), 'forge-rate-limited later after 60'));
test('404', () => check(says(404, 'Not Found'), 'forge-missing never'));
test('410', () => check(says(410, 'Gone'), 'forge-missing never'));
test('451', () => check(says(451, 'Repository access blocked'), 'forge-missing never'));
test('400', () => check(says(400, 'Problems parsing JSON'), 'forge-rejected never'));
test('409', () => check(says(409, 'Conflict'), 'forge-rejected later'));
test('422', () => check(says(422, 'Validation Failed'), 'forge-rejected never'));
test('408', () => check(says(408, 'Timeout'), 'forge-unreachable later'));
test('500', () => check(says(500, 'Server Error'), 'forge-unreachable later'));
test('a page instead of JSON', async () => {
  const { message } = await check(
    { kind: 'answer', status: 502, body: '<html>bad gateway' },
    'forge-unreachable later',
  );
  expect(message).toBe('could not open a pull request for x: GitHub answered 502');
});
test('a cut connection', () => check({ kind: 'drop' }, 'forge-unreachable later'));
test('work that is stopped while GitHub thinks', async () => {
  const stop = new AbortController();
  hub.faults.plan(/^GET .*\/pulls$/, { kind: 'before', act: () => Promise.resolve(stop.abort()) });
  await expect(hub.forge().list('x', 'main', stop.signal)).rejects.toMatchObject({
    code: 'forge-unreachable',
    retry: 'later',
    message: 'could not list the pull requests of x: stopped before the answer came',
  });
});
test('the reasons of a validation failure are told', async () => {
  const errors = [{ resource: 'PullRequest', field: 'base', code: 'invalid' }];
  const answer: FaultEffect = { kind: 'answer', status: 422, body: { message: 'Validation Failed', errors } };
  const { message } = await check(answer, 'forge-rejected never');
  expect(message).toBe('could not open a pull request for x: GitHub answered 422: Validation Failed; base is invalid');
});
test('none of it opened anything', async () => {
  expect(await hub.people.pulls()).toEqual([]);
});

test('a token that was taken back while running', async () => {
  const other = await openHub();
  const forge = other.forge();
  expect(await forge.list('x', 'main', signal())).toEqual([]);
  other.server.revoke(TOKEN);
  await expect(forge.list('x', 'main', signal())).rejects.toMatchObject({ code: 'forge-denied', retry: 'never' });
  await other.close();
});
test('a token that was replaced is taken up', async () => {
  const other = await openHub();
  let token = TOKEN;
  const forge = other.forge({ auth: { kind: 'token', token: () => Promise.resolve(token) } });
  await forge.list('x', 'main', signal());
  other.server.revoke(TOKEN);
  token = 'ghp_second0123456789';
  other.server.addToken(token, { login: 'acme-reloader', type: 'User' });
  expect(await forge.list('x', 'main', signal())).toEqual([]);
  expect(await forge.gitCredentials()).toEqual({ username: 'x-access-token', password: token });
  await other.close();
});
