import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  capturesOf,
  isShadowed,
  neverMeets,
  type PathPattern,
  readPathPattern,
} from '../../../src/domain/grouping/path-pattern.ts';

function pattern(text: string): PathPattern {
  const found = readPathPattern(text);
  if (found === null) throw new Error(`no pattern: ${text}`);
  return found;
}

/** What is captured, as `name=value`; null where the path does not match. */
function check(text: string, path: string, expected: readonly string[] | null): void {
  const captures = capturesOf(pattern(text), path);
  expect(captures?.map(({ name, value }) => `${name}=${value}`) ?? null).toEqual(expected);
}

test('a capture is one segment, or what stands between letters of one', () => {
  check('clusters/{c}/**', 'clusters/prod/a/b.yaml', ['c=prod']);
  check('clusters/{c}/**', 'clusters/prod', ['c=prod']);
  check('clusters/{c}/**', 'clusters', null);
  check('clusters/{c}/**', 'x/clusters/prod/a.yaml', null);
  check('{env}/{c}/*.yaml', 'eu/prod/a.yaml', ['env=eu', 'c=prod']);
  check('{env}/{c}/*.yaml', 'eu/prod/a.json', null);
  check('env-{env}-x/*', 'env-eu-x/a', ['env=eu']);
  check('env-{env}-x/*', 'env--x/a', null);
  check('secrets/{env}.yaml', 'secrets/eu.yaml', ['env=eu']);
  check('secrets/{env}.yaml', 'secrets/.yaml', null);
});

test('** takes as little as it can', () => {
  check('**/clusters/{c}/**', 'clusters/a/clusters/b/x', ['c=a']);
  check('**/clusters/{c}/x', 'clusters/a/clusters/b/x', ['c=b']);
  check('**/{c}', 'a', ['c=a']);
  check('{a}/**/{b}', 'x/y', ['a=x', 'b=y']);
});

test('names of folders are taken as they are', () => {
  for (const name of [
    'a b',
    'é',
    'e\u0301',
    '..prod',
    'a..b',
    '{c}',
    '*',
    '😀',
    '\u202eprod',
    'x'.repeat(300),
    '-',
    '%2e',
  ]) {
    check('clusters/{c}/**', `clusters/${name}/a.yaml`, [`c=${name}`]);
  }
});

test('a hostile path cannot hang it', () => {
  const path = Array.from({ length: 2000 }, () => 'a').join('/');
  const text = `${Array.from({ length: 20 }, () => '**/a').join('/')}/{c}/b`;
  check(text, path, null);
  check('{c}/**', path, ['c=a']);
});

test('what was put in is what comes out', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
    .filter((text) => !/[/\\\p{Cc}]/u.test(text));
  fc.assert(
    fc.property(word, word, fc.array(word, { maxLength: 4 }), (env, cluster, rest) => {
      const path = ['top', env, `c-${cluster}`, ...rest].join('/');
      const captures = capturesOf(pattern('top/{env}/c-{cluster}/**'), path);
      expect(captures?.map(({ value }) => value)).toEqual([env, cluster]);
    }),
  );
});

const PATTERNS = [
  '{a}/**',
  'x/{a}/**',
  'x/{a}',
  '{a}/{b}/**',
  'x/{a}/{b}',
  '**/{a}',
  'x-{a}/**',
  '{a}/x/*',
  '**/x/{a}/**',
];
const paths = fc.array(fc.constantFrom('x', 'y', 'x-y', 'long.name'), { minLength: 1, maxLength: 4 });

test('what is shadowed is never the first to match, and what never meets has no path in common', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PATTERNS), fc.constantFrom(...PATTERNS), paths, (one, other, segments) => {
      const [earlier, later, path] = [pattern(one), pattern(other), segments.join('/')];
      const [first, second] = [capturesOf(earlier, path), capturesOf(later, path)];
      if (isShadowed(earlier, later) && second !== null) expect(first).not.toBeNull();
      const glob = other.replaceAll(/\{[ab]\}/g, '*');
      if (neverMeets(earlier, glob)) expect(first !== null && second !== null).toBe(false);
    }),
    { numRuns: 500 },
  );
});
