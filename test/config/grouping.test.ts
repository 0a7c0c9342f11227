import { expect, test } from 'vitest';
import { groupingOf } from '../../src/config/grouping/grouping-of.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { load, MINIMAL, swap } from './samples.ts';

/** Text of the only repository, at line 14. */
const repository = (text: string) => swap(MINIMAL, 'branches: [{base: main}]', text);

function check(text: string, expected: readonly string[]): void {
  const loaded = loadConfig(repository(text), 'c.yaml');
  expect(loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : ['it loads']).toEqual(expected);
}

const patterns = (path: string, more = '') => `{branches: [{base: main${more}}], group: {path: ${path}}}`;
const grouped = (path: string, more = '') => patterns(path, more).slice(1, -1).replace('], group', ']\n      group');
const named = (entries: string) => `branches: [{base: main}]\n      groups: [${entries}]`;
const SHAPE = 'spec.repositories[0].group.path must be a path pattern with captures such as clusters/{cluster}/**';

test.each<[string, string]>([
  ['clusters/**', 'name what tells the parts apart in braces, as in clusters/{cluster}/**'],
  ['clusters/{}/**', 'a capture is named by lower-case letters, digits and hyphens, as in {cluster}'],
  ['clusters/{Cluster}/**', 'a capture is named by lower-case letters, digits and hyphens, as in {cluster}'],
  ['clusters/{cluster/**', 'a segment has one capture, with no * and no ? beside it, as in env-{env}'],
  ['clusters/{a}{b}/**', 'a segment has one capture, with no * and no ? beside it, as in env-{env}'],
  ['clusters/{a}-*/**', 'a segment has one capture, with no * and no ? beside it, as in env-{env}'],
  ['clusters/{{a}}/**', 'a segment has one capture, with no * and no ? beside it, as in env-{env}'],
  ['{a}/{a}/**', 'two captures have one name'],
  ['/clusters/{a}/**', 'start at the top of the repository, without a slash'],
  ['../{a}/**', 'leave out . and ..'],
  ['clusters/{a}/', 'for everything in a folder write folder/**'],
  ['clusters/{a}/x**', '** stands alone between slashes'],
])('a pattern %s is refused', (pattern, hint) => {
  check(grouped(`"${pattern}"`), [`c.yaml:15:21: ${SHAPE} (${hint})`]);
});

test('one pattern or several, of the repository or of a branch', () => {
  const text =
    'branches: [{base: main}, {base: next, group: {path: "env/{env}/**"}}]\n      group: {path: ["a/{a}/**", "b/{b}/**"]}';
  const [found] = load(repository(text)).repositories;
  const paths = found?.branches.map((branch) => groupingOf(found, branch).paths.map((pattern) => pattern.text));
  expect(paths).toEqual([['a/{a}/**', 'b/{b}/**'], ['env/{env}/**']]);
});

test.each<[string, string, string]>([
  [
    '["clusters/{c}/**", "clusters/{c}/{ns}/**"]',
    '',
    'group.path[1] can never match: spec.repositories[0].group.path[0] takes all that it could (put the narrower pattern first)',
  ],
  [
    '["{a}/**", "{a}/**"]',
    '',
    'group.path[1] can never match: spec.repositories[0].group.path[0] takes all that it could (put the narrower pattern first)',
  ],
  [
    '"cluster/{c}/**"',
    ', paths: ["clusters/**"]',
    'group.path can never match: nothing that branches[].paths allows looks like it (begin it at the top of the repository, as paths do)',
  ],
])('%s can never match', (path, more, expected) => {
  const loaded = loadConfig(repository(grouped(path, more)), 'c.yaml');
  const problems = loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : [];
  expect(problems).toEqual([expect.stringContaining(`: spec.repositories[0].${expected}`)]);
});

test.each<[string, string]>([
  ['["clusters/{c}/{ns}/**", "clusters/{c}/**"]', ''],
  ['["clusters/prod-{c}/**", "clusters/{c}/**"]', ''],
  ['"**/{env}/kustomization.yaml"', ', paths: ["clusters/**"]'],
  ['"clusters/{c}/**"', ', paths: ["apps/**", "cl*/eu/**"]'],
  ['"{c}.yaml"', ', paths: ["*.yaml"]'],
])('%s may match', (path, more) => check(grouped(path, more), ['it loads']));

test('named groups say what is in them, each once, by names that are safe in a branch', () => {
  check(named('{name: a, secrets: [/prod/db]}, {name: b, paths: ["apps/**"]}'), ['it loads']);
  check(named('{name: a}'), [
    'c.yaml:15:16: spec.repositories[0].groups[0] fits nothing (give it secrets or paths; for single objects the annotation gitops-reloader.dev/group is enough)',
  ]);
  check(named('{name: a, paths: [x]}, {name: a, paths: [y]}'), [
    'c.yaml:15:46: spec.repositories[0].groups[1].name is there twice (put all its patterns into one entry)',
  ]);
  check(named('{name: ../a, paths: [x]}'), [
    'c.yaml:15:23: spec.repositories[0].groups[0].name must be lower-case letters, digits and hyphens, at most 63',
  ]);
  check(named('{name: a, secrets: [^prod/]}'), [
    'c.yaml:15:36: spec.repositories[0].groups[0].secrets[0] must be a pattern on names of secrets such as prod/payments/* (only *, ? and ** are understood, on the whole name)',
  ]);
});
