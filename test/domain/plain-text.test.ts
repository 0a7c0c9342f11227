import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../src/domain/plain-text.ts';

test.each([
  ['prod/payments/db-Ab3dEf', 'prod/payments/db-Ab3dEf'],
  ['“naïve” 日本語 ✓ 🙂 rds!db', '“naïve” 日本語 ✓ 🙂 rds!db'],
  ['a back-slash \\n stays', 'a back-slash \\n stays'],
  ['', ''],
  ['two\nlines\r\n', 'two\\u{a}lines\\u{d}\\u{a}'],
  ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['\u001b]0;title\u0007', '\\u{1b}]0;title\\u{7}'],
  ['C1: \u009b31m', 'C1: \\u{9b}31m'],
  ['\u0000\u0008\u007f', '\\u{0}\\u{8}\\u{7f}'],
  ['turned \u202etxt.exe\u202c', 'turned \\u{202e}txt.exe\\u{202c}'],
  ['isolated \u2066x\u2069', 'isolated \\u{2066}x\\u{2069}'],
  ['marked \u061c\u200e\u200f', 'marked \\u{61c}\\u{200e}\\u{200f}'],
  ['zero \u200b\u200c\u200d\u2060\ufeff width', 'zero \\u{200b}\\u{200c}\\u{200d}\\u{2060}\\u{feff} width'],
  ['soft\u00adhyphen', 'soft\\u{ad}hyphen'],
  ['fillers \u115f\u3164\u034f\u180e', 'fillers \\u{115f}\\u{3164}\\u{34f}\\u{180e}'],
  ['tags \u{e0001}\u{e0041}', 'tags \\u{e0001}\\u{e0041}'],
  ['lines \u2028\u2029\u0085', 'lines \\u{2028}\\u{2029}\\u{85}'],
  ['halves \ud83d \ude42', 'halves \\u{d83d} \\u{de42}'],
])('%j is shown as %j', (text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test('a long text is cut, and says so', () => {
  expect(plainText('x'.repeat(300))).toBe('x'.repeat(300));
  expect(plainText('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`);
  expect(plainText('abcdef', 3)).toBe('abc…');
  expect(plainText('ab🙂', 3)).toBe('ab\\u{d83d}…');
});

test('whatever comes in, one visible line comes out, and is not changed again', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(0xffff).map(String.fromCharCode), maxLength: 100 }), (text) => {
      const shown = plainText(text, 100);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(plainText(shown, shown.length)).toBe(shown);
    }),
    { numRuns: 200 },
  );
});
