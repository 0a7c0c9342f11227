import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatWorkloadToken, parseWorkloadToken, workloadTokenName } from '../../src/domain/workload-token.ts';

const D1 = '0123456789ab';
const D2 = 'ba9876543210';

test('entries are sorted by name, not by the text they become', () => {
  const token = new Map([
    ['db-extra', D1],
    ['db', D2],
    ['db.x', D1],
    ['a', D1],
  ]);
  expect(formatWorkloadToken(token)).toBe(`a=${D1} db=${D2} db-extra=${D1} db.x=${D1}`);
  expect(formatWorkloadToken(new Map())).toBe('');
});

test.each([
  null,
  '',
  '1',
  '1729686406',
  '2024-10-23T12:26:46Z',
  `db=${D1} `,
  `db=${D1}  x=${D1}`,
  `db=${D1}\n`,
  `db=${D1} db=${D2}`,
  'db=0123456789a',
  'db=0123456789abc',
  'db=0123456789AB',
  `-db=${D1}`,
  `db-=${D1}`,
  `DB=${D1}`,
  `d_b=${D1}`,
  `=${D1}`,
  `db=${D1},x=${D1}`,
  `db==${D1}`,
])('%j is none of ours', (value) => {
  expect(parseWorkloadToken(value)).toBeNull();
});

test('what is written is read back', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?$/);
  const digest = fc.stringMatching(/^[0-9a-f]{12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, digest), { minLength: 1, maxLength: 5 }), (pairs) => {
      const token = new Map(pairs);
      expect(parseWorkloadToken(formatWorkloadToken(token))).toEqual(token);
    }),
    { numRuns: 200 },
  );
});

test('the largest name Kubernetes allows is read at once', () => {
  const name = 'a'.repeat(253);
  expect(parseWorkloadToken(`${name}=${D1}`)?.get(name)).toBe(D1);
  expect(parseWorkloadToken(`${'a-'.repeat(50_000)}=${D1}`)).toBeNull();
});

test('an inherited name is a name like any other', () => {
  expect(parseWorkloadToken(`constructor=${D1}`)).toEqual(new Map([['constructor', D1]]));
});

test.each(['db', 'db.x-1', '0'])('the name %s is kept', (name) => {
  expect(workloadTokenName(name)).toBe(name);
});

test.each(['', 'DB', '-db', 'a b', `a=${D1} b`, 'a\nb', 'é', '"'])(
  'the name %j becomes a digest that is read back',
  (name) => {
    const plain = workloadTokenName(name);
    expect(plain).toMatch(/^sha256-[0-9a-f]{16}$/);
    expect(parseWorkloadToken(formatWorkloadToken(new Map([[plain, D1]])))).toEqual(new Map([[plain, D1]]));
  },
);
