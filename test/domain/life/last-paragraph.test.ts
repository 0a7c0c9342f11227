import { expect, test } from 'vitest';
import { lastParagraph } from '../../../src/domain/life/last-paragraph.ts';

test.each([
  ['', ''],
  [' \r\n\n', ''],
  ['Bump', 'Bump'],
  ['Bump\n\nWhy\nso\n\nA: b\nC: d\n', 'A: b\nC: d'],
  ['Bump\r\n\r\nA: b\r\nC: d \r\n\r\n', 'A: b\r\nC: d'],
  ['Bump\n\n\nA: b', '\nA: b'],
  ['Bump\n \nA: b', 'Bump\n \nA: b'],
])('of %j the last paragraph is %j', (message, expected) => {
  expect(lastParagraph(message)).toBe(expected);
  expect(lastParagraph(expected)).toBe(expected);
});
