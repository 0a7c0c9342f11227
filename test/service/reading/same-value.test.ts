import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameValue } from '../../../src/service/reading/same-value.ts';

const VALUE = fc.anything({ maxDepth: 3, withMap: true, withNullPrototype: false });

test('it says what Node says of plain data', () => {
  fc.assert(
    fc.property(VALUE, VALUE, (left, right) => {
      expect(sameValue(left, structuredClone(left))).toBe(isDeepStrictEqual(left, structuredClone(left)));
      expect(sameValue(left, right)).toBe(isDeepStrictEqual(left, right));
    }),
  );
});

test.each([
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [[1], { 0: 1 }, false],
  [new Map([['a', [1]]]), new Map([['a', [1]]]), true],
  [new Map([['a', 1]]), { a: 1 }, false],
  [null, {}, false],
])('%o and %o: %s', (left, right, expected) => {
  expect(sameValue(left, right)).toBe(expected);
});
