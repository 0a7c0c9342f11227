import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderOf, isWritablePath, matchesGlob, parseRepoPath } from '../../src/domain/repo-path.ts';

test.each([
  'a',
  'a/b.yaml',
  'clusters/prod/db.yaml',
  '...',
  'a/..b',
  '.hidden/x',
  'ünï/x y',
  '-x',
  'C:/x',
  '.git/config',
])('%j is a path of the repository', (path) => {
  expect(parseRepoPath(path)).toBe(path);
});

test.each([
  '',
  '/',
  '/etc/passwd',
  '.',
  '..',
  './a',
  '../a',
  'a/../b',
  'a/..',
  'a/./b',
  'a//b',
  'a/',
  'a\\b',
  '..\\a',
  'a\u0000',
  'a\nb',
  'a\u007f',
  '\t',
])('%j is none', (path) => {
  expect(parseRepoPath(path)).toBeNull();
});

test('a path has at most 4,096 characters', () => {
  expect(parseRepoPath('a'.repeat(4096))).not.toBeNull();
  expect(parseRepoPath('a'.repeat(4097))).toBeNull();
});

test.each([
  ['clusters/prod/db.yaml', true],
  ['.gitops-reloader/baseline.yaml', false],
  ['.git/config', false],
  ['a/.git/hooks/post-checkout', false],
  ['.GIT/config', false],
  ['.github/workflows/x.yaml', false],
  ['a/.gitattributes', false],
  ['.gitmodules', false],
  ['.git /x', false],
  ['git/x', true],
  ['a.git/x', true],
])('%j may be written: %s', (text, expected) => {
  const path = parseRepoPath(text);
  expect(path !== null && isWritablePath(path)).toBe(expected);
});

test.each([
  ['a/b/c.yaml', 'a/b'],
  ['c.yaml', ''],
  ['', ''],
])('the folder of %j is %j', (path, folder) => {
  expect(folderOf(path)).toBe(folder);
});

test.each<[string, string, boolean]>([
  ['a.yaml', 'a.yaml', true],
  ['a.yaml', 'A.yaml', false],
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'x/a.yaml', false],
  ['*', '.hidden', true],
  ['x/*', 'x', false],
  ['x/*', 'x/y', true],
  ['?.yaml', 'a.yaml', true],
  ['?.yaml', '.yaml', false],
  ['a?', 'a/', false],
  ['**', 'a/b/c', true],
  ['**/c', 'c', true],
  ['**/c', 'a/b/c', true],
  ['a/**', 'a', true],
  ['a/**', 'ab', false],
  ['a/**/c', 'a/c', true],
  ['a/**/c', 'a/b/b/c', true],
  ['a/**/c', 'a/b/c/d', false],
  ['**/b/**/d/**', 'a/b/c/d/e', true],
  ['**/**', 'a', true],
  ['a*b*c', 'aXbXbc', true],
  ['a*b*c', 'aXbXbcX', false],
  ['a.c', 'abc', false],
  ['(a|b)+[c]', '(a|b)+[c]', true],
  ['', '', true],
  ['', 'a', false],
])('%s on %s: %j', (pattern, path, expected) => {
  expect(matchesGlob(pattern, path)).toBe(expected);
});

const part = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), minLength: 1, maxLength: 3 });
const path = fc.array(part, { minLength: 1, maxLength: 5 });
const patternPart = fc.oneof(
  part,
  fc.constant('**'),
  fc
    .string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 3 })
    .filter((one) => !one.includes('**')),
);

test('a glob means what its regular expression means', () => {
  fc.assert(
    fc.property(fc.array(patternPart, { minLength: 1, maxLength: 5 }), path, (pattern, segments) => {
      const expected = new RegExp(`^${pattern.map(toRegExp).join('')}$`).test(`${segments.join('/')}/`);
      expect(matchesGlob(pattern.join('/'), segments.join('/'))).toBe(expected);
    }),
    { numRuns: 200 },
  );
});

test('a path matches itself, and whatever swallows it', () => {
  fc.assert(
    fc.property(path, fc.nat(4), (segments, at) => {
      const text = segments.join('/');
      const swallowing = [...segments.slice(0, at), '**'].join('/');
      expect([text, '**', swallowing, segments.map(() => '*').join('/')].map((one) => matchesGlob(one, text))).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }),
    { numRuns: 100 },
  );
});

test('no pattern on any path takes long', () => {
  const deep = Array.from({ length: 2048 }, () => 'a').join('/');
  expect(matchesGlob(`${'**/'.repeat(170)}b`, deep)).toBe(false);
  expect(matchesGlob(`${'**/a/'.repeat(100)}b`, deep)).toBe(false);
  expect(matchesGlob(`${'*a'.repeat(250)}b`, 'a'.repeat(4096))).toBe(false);
});

function toRegExp(one: string): string {
  if (one === '**') return '(?:[^/]+/)*';
  const escaped = one.replaceAll(/[.-]/g, (sign) => `\\${sign}`);
  return `${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`;
}
