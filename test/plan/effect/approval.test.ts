import { expect, test } from 'vitest';
import { findLoose, refreshesByItself } from '../../../src/plan/effect/approval.ts';
import { everything } from '../../../src/plan/scope.ts';
import { es, indexOf } from '../repository.ts';

test.each<[string, Readonly<Record<string, unknown>>, readonly string[], string | null]>([
  ['nothing said', { refreshInterval: undefined }, ['a'], '1h0m0s'],
  ['an interval', { refreshInterval: '15m' }, ['a'], '15m'],
  ['Periodic', { refreshPolicy: 'Periodic', refreshInterval: '15m' }, ['a'], '15m'],
  ['OnChange', { refreshPolicy: 'OnChange', refreshInterval: '15m' }, ['a'], null],
  ['every version pinned', { refreshInterval: '15m' }, ['a#uuid/one', 'b#uuid/two'], null],
  ['one version pinned', { refreshInterval: '15m' }, ['a#uuid/one', 'b'], '15m'],
])('%s', (_, spec, keys, interval) => {
  const index = indexOf({ 'a.yaml': es('a', [...keys], { spec }) });
  expect(index.externalSecrets.map(refreshesByItself)).toEqual([interval]);
});

test('what no bump refreshes, or may not be touched, is not counted', () => {
  const index = indexOf({
    'loose.yaml': es('loose', ['a']),
    'waits.yaml': es('waits', ['a'], { spec: { refreshPolicy: 'OnChange' } }),
    'never.yaml': es('never', ['a'], { spec: { refreshPolicy: 'CreatedOnce' } }),
    'elsewhere/other.yaml': es('other', ['a']),
  });
  const { all, loose } = findLoose(index, { ...everything('staged'), exclude: ['elsewhere/**'] });
  expect(all).toBe(2);
  expect(loose.map(({ object }) => object.name)).toEqual(['loose']);
});
