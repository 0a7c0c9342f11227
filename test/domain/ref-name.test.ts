import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafeRefName } from '../../src/domain/repo-path.ts';

function check(short: string, expected: boolean) {
  expect(isSafeRefName(`refs/heads/${short}`)).toBe(expected);
}

test.each([
  'main',
  'a/b/c',
  'gitops-reloader/acme/prod-db/1',
  'grüße/値',
  'a.b',
  'a@b',
  '@',
  'x{y}',
  'a-',
  'release/1.0',
])('%j is a branch', (name) => {
  check(name, true);
});

const REFUSED = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.a',
  'a/.b',
  'a..b',
  'a.',
  'a/b.',
  'a.lock',
  'a.lock/b',
  'a b',
  'a\tb',
  'a\nb',
  'a\u007f',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a@{1}',
  '-a',
  'HEAD',
  'a\ud800',
  'x'.repeat(250),
];
test.each(REFUSED)('%j is no branch', (name) => {
  check(name, false);
});

test('only branches are', () => {
  for (const name of ['main', 'HEAD', 'refs/tags/v1', 'refs/heads', 'heads/main', 'refs/headsx/a', 'refs/notes/x']) {
    expect(isSafeRefName(name)).toBe(false);
  }
});

test('whatever passes, Git allows too', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '.', '@', '{', '-', '~', ' ', 'é', '.lock', '..', '\u0001'),
  });
  const names = fc.sample(letters, { numRuns: 60, seed: 7 }).filter((name) => isSafeRefName(`refs/heads/${name}`));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) execFileSync('git', ['check-ref-format', `refs/heads/${name}`]);
});
