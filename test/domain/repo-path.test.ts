import { expect, test } from 'vitest';
import { folderOf, isWritablePath, parseRepoPath } from '../../src/domain/repo-path.ts';

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
