import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GITHUB_OPERATIONS } from '../../../src/adapters/forge/asking/call.ts';
import { DESCRIPTION_FILE, loadDescription } from '../../../src/demo/github/description.ts';
import { sample } from '../../../src/demo/github/sample.ts';

const description = loadDescription();
const PULLS = '/repos/acme/gitops/pulls';

/** The problems of a request; the query stands behind the path. */
function check(method: string, address: string, body?: unknown): readonly string[] {
  const url = new URL(address, 'http://x');
  const match = description.match(method, url.pathname);
  return match === null ? ['no such operation'] : description.checkRequest(match, url.searchParams, body);
}

test('the fixture is small', () => {
  expect(statSync(DESCRIPTION_FILE).size).toBeLessThan(200_000);
});

test('the fixture has every operation that is asked for', () => {
  expect(GITHUB_OPERATIONS.filter((operation) => !description.operations.includes(operation))).toEqual([]);
});

test('the fixture is without prose and without OpenAPI words that no validator knows', () => {
  const text = readFileSync(DESCRIPTION_FILE, 'utf8');
  const words = text.matchAll(/"(nullable|example|examples|externalDocs|x-[a-z-]+)":/g);
  expect([...new Set([...words].map((match) => match[1]))]).toEqual([]);
});

test('a path is found by the longest name that fits', () => {
  const at = (path: string) => description.match('GET', path);
  expect(at('/repos/a/b/commits/feature/x')).toEqual({
    operation: 'GET /repos/{owner}/{repo}/commits/{ref}',
    path: { owner: 'a', repo: 'b', ref: 'feature/x' },
  });
  expect(at('/repos/a/b/commits/feature%2Fx/status')?.path['ref']).toBe('feature/x');
  expect(at('/repos/a%2Fb/c')?.path).toEqual({ owner: 'a/b', repo: 'c' });
  expect(at('/repos/a')).toBeNull();
  expect(description.match('DELETE', '/user')).toBeNull();
});

test.each([
  ['a list', 'GET', `${PULLS}?state=all&head=acme%3Ax&per_page=100&page=2`, undefined],
  ['a pull request', 'POST', PULLS, { title: 't', head: 'x', base: 'main', body: '', draft: false }],
  ['an update', 'PATCH', `${PULLS}/1`, { title: 't' }],
  ['labels', 'POST', '/repos/acme/gitops/issues/1/labels', { labels: ['a'] }],
])('%s is fine', (_, method, address, body) => {
  expect(check(method, address, body)).toEqual([]);
});

test.each([
  ['an unknown state', 'GET', `${PULLS}?state=half`, undefined, /query state .*allowed values/],
  ['a number that is none', 'GET', `${PULLS}?per_page=many`, undefined, /query per_page must be integer/],
  ['a query nobody knows', 'GET', `${PULLS}?branch=x`, undefined, /query branch is not described/],
  ['a path that wants a number', 'GET', `${PULLS}/latest`, undefined, /path pull_number must be integer/],
  ['no body', 'POST', PULLS, undefined, /the body is missing/],
  ['a body that is text', 'POST', PULLS, 'title=x', /body must be object/],
  ['no base', 'POST', PULLS, { title: 't', head: 'x' }, /required property 'base'/],
  ['a draft that is a text', 'POST', PULLS, { head: 'x', base: 'main', draft: 'yes' }, /body\/draft must be boolean/],
  ['a state that does not exist', 'PATCH', `${PULLS}/1`, { state: 'merged' }, /body\/state/],
  ['labels that are numbers', 'POST', '/repos/acme/gitops/issues/1/labels', { labels: [1] }, /body/],
  ['a body where there is none', 'GET', PULLS, {}, /not described/],
] as const)('%s is refused', (...[, method, address, body, expected]) => {
  expect(check(method, address, body).join('\n')).toMatch(expected);
});

test.each([
  ['no list', 200, {}],
  ['a list of something else', 200, [{ number: 1 }]],
  ['a status nobody described', 201, []],
  ['a failure without a message', 500, 'oops'],
])('an answer that is %s is refused', (_, status, body) => {
  expect(description.checkAnswer('GET /repos/{owner}/{repo}/pulls', status, body)).not.toEqual([]);
});

test('the least answer is one that the description allows', () => {
  const pull = { ...sample(description, 'pull-request-simple') };
  expect(description.checkAnswer('GET /repos/{owner}/{repo}/pulls', 200, [pull])).toEqual([]);
  expect(description.checkAnswer('GET /repos/{owner}/{repo}/pulls', 200, [{ ...pull, number: null }])).not.toEqual([]);
});
