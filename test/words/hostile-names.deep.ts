import * as fc from 'fast-check';
import { test } from 'vitest';
import { checkEverything, EVERYTHING } from './hostile.ts';
import { HOSTILE } from './sample-plans.ts';

const OWN = { subject: null, title: null, body: null };

test('whatever names hold, a proposal is harmless, said by our own words or by templates of everything', () => {
  const signs = [
    '`',
    '|',
    '-->',
    '</details>',
    '](',
    '@user',
    '#1',
    'fixes #1',
    '```',
    '\n',
    '\r',
    '\u2028',
    '\u202e',
    '\u0000',
    '    ',
    '---',
    '===',
    '1. ',
    '<!--',
  ];
  const part = fc.oneof(fc.constantFrom(...HOSTILE, ...signs), fc.string({ unit: 'binary', maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom(OWN, EVERYTHING), (parts, templates) => {
      checkEverything(parts.join(''), templates);
    }),
    { numRuns: 2000 },
  );
});
