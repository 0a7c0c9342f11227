import { expect, test } from 'vitest';
import { effectOfBump } from '../../../src/plan/effect/effect-of-bump.ts';
import { es, indexOf } from '../repository.ts';

/** Null where a bump makes External Secrets Operator refresh, else the code. */
function check(spec: object, expected: string | null): void {
  const [user] = indexOf({ 'x.yaml': es('x', ['db'], { spec }) }).externalSecrets;
  expect(user === undefined ? 'not read' : (effectOfBump(user.object)?.code ?? null)).toBe(expected);
}

const POSITIVE = [
  '1h',
  '1h0m0s',
  '1.5h',
  '0h1m',
  '0.5s',
  '.5s',
  '5.s',
  '1ns',
  '+1s',
  '1us',
  '1µs',
  '1μs',
  '0s1ms',
  '2562047h',
];
const NEVER = [
  '0',
  '0s',
  '0h0m',
  '0.0s',
  '.0s',
  '0.s',
  '00s',
  '+0',
  '-0',
  '+0s',
  '-0s',
  '-5m',
  '-1.5h',
  '-1h30m',
  '0.1ns',
  '0.0000000001s',
];
// Kubernetes takes none of these for a duration, so no such object is ever applied.
const NONE = [
  '',
  ' ',
  ' 0s',
  '0s ',
  '0x',
  '0d',
  '1',
  '00',
  '0.0',
  '.',
  '.s',
  's',
  '-',
  '+',
  '--5m',
  '0 s',
  '0s,',
  'abc',
  '0s\n',
  '٠s',
  '-5',
  '-x',
];

test.each(POSITIVE)('Periodic every %j: a bump refreshes', (refreshInterval) => {
  check({ refreshInterval }, null);
  check({ refreshInterval, refreshPolicy: 'Periodic' }, null);
});

test.each(NEVER)('Periodic every %j: a bump does nothing', (refreshInterval) => {
  check({ refreshInterval }, 'interval-zero');
  check({ refreshInterval, refreshPolicy: 'Periodic' }, 'interval-zero');
});

test.each(NONE)('%j is no duration, and not judged', (refreshInterval) => {
  check({ refreshInterval }, null);
});

test('no interval is the default of an hour; a number zero is zero', () => {
  check({}, null);
  check({ refreshPolicy: 'Periodic' }, null);
  check({ refreshInterval: 0 }, 'interval-zero');
});

test.each(['0', '0s', '-5m', '1h', undefined])('OnChange refreshes whatever the interval: %j', (refreshInterval) => {
  check({ refreshInterval, refreshPolicy: 'OnChange' }, null);
});

test.each(['0', '1h', undefined])('CreatedOnce never refreshes: %j', (refreshInterval) => {
  check({ refreshInterval, refreshPolicy: 'CreatedOnce' }, 'created-once');
});

test('what is written is not rewritten: immutable, and creationPolicy None', () => {
  check({ target: { immutable: true } }, 'immutable-target');
  check({ target: { immutable: false } }, null);
  check({ target: { creationPolicy: 'None' }, refreshPolicy: 'OnChange' }, 'creation-policy-none');
  for (const creationPolicy of ['Owner', 'Orphan', 'Merge', 'CreateOrMerge'])
    check({ target: { creationPolicy } }, null);
});

test('a generator would make new credentials, whatever the policy', () => {
  const dataFrom = [
    {
      sourceRef: {
        generatorRef: { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'p' },
      },
    },
  ];
  for (const refreshPolicy of ['OnChange', 'CreatedOnce', undefined]) check({ dataFrom, refreshPolicy }, 'generator');
});

test('each reason has a next step, and a long interval is cut in it', () => {
  const zeros = `0.${'0'.repeat(5000)}s`;
  const [user] = indexOf({ 'x.yaml': es('x', ['db'], { spec: { refreshInterval: zeros } }) }).externalSecrets;
  const found = user === undefined ? null : effectOfBump(user.object);
  expect(found).toMatchObject({ code: 'interval-zero', hint: 'Set refreshPolicy: OnChange.' });
  expect(found?.reason.length).toBeLessThan(200);
});

test.each([
  ['zeros without a unit', '0'.repeat(1_000_000), null],
  ['zeros and a wrong end', `${'0'.repeat(1_000_000)}!`, null],
  ['zero seconds and a wrong end', `${'0s'.repeat(500_000)}!`, null],
  ['zero seconds again and again', '0s'.repeat(500_000), 'interval-zero'],
  ['points', `0${'.'.repeat(1_000_000)}s`, null],
  ['signs', '-'.repeat(1_000_000), null],
])('a million of %s is read at once', (_, refreshInterval, expected) => {
  const [user] = indexOf({ 'x.yaml': es('x', ['db']) }).externalSecrets;
  if (user === undefined) throw new Error('not read');
  expect(effectOfBump({ ...user.object, refreshInterval })?.code ?? null).toBe(expected);
});
