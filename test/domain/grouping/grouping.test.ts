import { expect, test } from 'vitest';
import { NO_PART, partOf, partText } from '../../../src/domain/grouping/grouping.ts';
import { readPathPattern } from '../../../src/domain/grouping/path-pattern.ts';

/** The parts of these paths under these patterns, in words. */
function texts(patterns: readonly string[], paths: readonly string[]): readonly (string | null)[] {
  const grouping = { paths: patterns.flatMap((text) => readPathPattern(text) ?? []), named: [] };
  return paths.map((path) => partText(partOf(path, grouping)));
}

test('the first pattern that matches decides; what none matches has no captures', () => {
  const patterns = ['eu/{c}/prod/**', '{region}/{c}/**'];
  expect(texts(patterns, ['eu/a/prod/x', 'eu/a/dev/x', 'x'])).toEqual(['c=a', 'c=a, region=eu', null]);
  expect(partOf('x', { paths: [], named: [] })).toBe(NO_PART);
});

test('the same captures by two patterns are one part, whatever their order', () => {
  const grouping = {
    paths: ['a/{env}/{c}/**', 'b/{c}/{env}/**'].flatMap((text) => readPathPattern(text) ?? []),
    named: [],
  };
  expect(partOf('a/eu/one/x', grouping)).toEqual(partOf('b/one/eu/x', grouping));
});

test('no name of a folder passes for two captures, or for anything but text', () => {
  const names = [
    'prod, env=eu',
    'a b',
    '\u202eprod',
    '`x`',
    '[a](b)',
    '@ana',
    '#1',
    '<b>',
    '..',
    'Zürich',
    '北京',
    '%',
    '😀',
  ];
  const found = texts(
    ['{c}/**'],
    names.map((name) => `${name}/x`),
  );
  expect(found).toEqual([
    'c=prod%2C%20env%3Deu',
    'c=a%20b',
    'c=%E2%80%AEprod',
    'c=%60x%60',
    'c=%5Ba%5D%28b%29',
    'c=%40ana',
    'c=%231',
    'c=%3Cb%3E',
    'c=..',
    'c=Zürich',
    'c=北京',
    'c=%25',
    'c=%F0%9F%98%80',
  ]);
  expect(texts(['{c}/**'], [`${'a'.repeat(200)}/x`])).toEqual([`c=${'a'.repeat(40)}…`]);
});
