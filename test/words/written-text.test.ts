import { expect, test } from 'vitest';
import { writtenText } from '../../src/words/written-text.ts';

function check(before: string, after: string, edits: number, expected: string): void {
  expect(writtenText([{ path: 'a.yaml', before, after }], edits)).toBe(`1 file(s) written: ${expected}`);
}

test('lines are counted as a diff shows them', () => {
  expect(writtenText([], 0)).toBe(
    '0 file(s) written: 0 edit(s), 0 line(s) changed or added, 0 of them parent keys that were missing',
  );
  const none = '0 of them parent keys that were missing';
  check('a: 1\nb: 2\n', 'a: 3\nb: 2\n', 1, `1 edit(s), 1 line(s) changed or added, ${none}`);
  const parents = 'a: 1\n- metadata:\n    "annotations":\r\n      x: "1"\n';
  check('a: 1\n', parents, 1, '1 edit(s), 3 line(s) changed or added, 2 of them parent keys that were missing');
  check('a: 1', 'a: 1\nb: 2', 1, `1 edit(s), 2 line(s) changed or added, ${none}, 1 that only end otherwise`);
  check(
    '{\n"a": 1\n}',
    '{\n"a": 1,\n"b": 2\n}',
    1,
    `1 edit(s), 2 line(s) changed or added, ${none}, 1 that only end otherwise`,
  );
});
