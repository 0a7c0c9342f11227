import { expect, test } from 'vitest';
import { tooLargeProblems, useOfEntry } from '../../../src/manifests/indexing/tree-entry.ts';
import { repoPath } from '../repository.ts';

function check(path: string, mode: string, expected: string): void {
  const use = useOfEntry({ path, mode });
  expect(use.kind === 'problem' ? `${use.problem.code} ${use.problem.path}` : use.kind).toBe(expected);
}

test('manifests are read by their name', () => {
  check('a/b.yaml', '100644', 'read');
  check('a/b.YML', '100755', 'read');
  check('a.json', '100644', 'read');
  check('a/Kustomization', '100644', 'read');
  check('a/README.md', '100644', 'ignore');
  check('a/xKustomization', '100644', 'ignore');
});

test('links and submodules are problems, not followed', () => {
  check('a/b.yaml', '120000', 'symlink a/b.yaml');
  check('a/b', '120000', 'ignore');
  check('vendor', '160000', 'submodule vendor');
});

test('an unsafe path is named harmlessly', () => {
  check('a/../b.yaml', '100644', 'not-utf8-path a/?/b.yaml');
  check('/b.yaml', '100644', 'not-utf8-path ?/b.yaml');
  check('a\u001b[2J.yaml', '100644', 'not-utf8-path a?u{1b}[2J.yaml');
  check(`${'x'.repeat(5000)}.yaml`, '100644', `not-utf8-path ${'x'.repeat(1000)}…`);
});

test.each([
  ['a/all.yaml', ['too-large a/all.yaml null']],
  ['state.json', ['too-large state.json null']],
  ['a/film.mp4', []],
])('what is too long to be read is a problem where it may be a manifest: %s', (path, expected) => {
  expect(tooLargeProblems(repoPath(path)).map((one) => `${one.code} ${one.path} ${one.text}`)).toEqual(expected);
});
