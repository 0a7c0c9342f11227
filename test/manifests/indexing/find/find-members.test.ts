import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FindFilter } from '../../../../src/domain/find/find-filter.ts';
import { fitsName, fitsTags, whyNotTold } from '../../../../src/manifests/indexing/find/find-members.ts';

function filter(part: Partial<FindFilter>): FindFilter {
  return { regexp: null, path: null, tags: [], ...part };
}

test.each<[Partial<FindFilter>, string, boolean]>([
  [{ regexp: 'db' }, 'prod/db-1', true],
  [{ regexp: '^db' }, 'prod/db', false],
  [{ regexp: '(?i)DB$' }, 'prod/db', true],
  [{ regexp: 'DB' }, 'prod/db', false],
  [{ regexp: '' }, 'anything', true],
  [{ regexp: String.raw`\Aprod/[[:alpha:]]+\z` }, 'prod/db', true],
  [{ regexp: String.raw`\Aprod/[[:alpha:]]+\z` }, 'prod/db1', false],
  [{ path: 'prod/', regexp: 'db' }, 'prod/db', true],
  [{ path: 'prod/', regexp: 'db' }, 'x/prod/db', false],
  [{ path: 'Prod/', regexp: 'db' }, 'prod/db', false],
  [{ path: '!prod/', regexp: 'db' }, 'prod/db', false],
  [{ path: '!prod/', regexp: 'db' }, 'dev/db', true],
])('%j and the name %s: %s', (part, name, expected) => {
  expect(fitsName(filter(part), name)).toBe(expected);
});

type Tags = readonly (readonly [string, string])[];

test.each<[Tags, Tags, boolean]>([
  [[['team', 'pay']], [['team', 'payments']], true],
  [
    [['team', 'pay']],
    [
      ['teams', 'x'],
      ['other', 'pay'],
    ],
    true,
  ],
  [[['team', 'pay']], [['team', 'x']], false],
  [[['team', 'pay']], [['a', 'pay']], false],
  [[['team', 'pay']], [['Team', 'pay']], false],
  [[['team', '']], [['team', 'x']], true],
  [[['team', '']], [], false],
  [
    [
      ['team', 'pay'],
      ['env', 'prod'],
    ],
    [
      ['team', 'pay'],
      ['env', 'production'],
    ],
    true,
  ],
  [
    [
      ['team', 'pay'],
      ['env', 'prod'],
    ],
    [['team', 'pay']],
    false,
  ],
  [[['team', '!pay']], [['team', 'x']], true],
  [[['team', '!pay']], [['team', 'payments']], false],
  [[], [], true],
])('the tags %j of a find and %j: %s', (wanted, tags, expected) => {
  expect(fitsTags(filter({ tags: wanted }), new Map(tags))).toBe(expected);
});

test.each<[Partial<FindFilter>, string | null]>([
  [{ regexp: 'a' }, null],
  [{ tags: [['a', 'b']] }, null],
  [{ path: 'a' }, 'External Secrets Operator refuses a path without name or tags.'],
  [{ regexp: '(?=a)' }, 'RE2 does not take its pattern.'],
  [{ regexp: 'a'.repeat(2001) }, 'RE2 does not take its pattern.'],
  [{ regexp: 'a', path: '${x}' }, 'A part of it is filled in later.'],
  [{ tags: [['a', '{{ x }}']] }, 'A part of it is filled in later.'],
  [{ regexp: 'a', path: 'ü' }, 'AWS does not take its path or tags as filters.'],
  [{ tags: [['a\n', 'b']] }, 'AWS does not take its path or tags as filters.'],
])('%j: %s', (part, expected) => {
  expect(whyNotTold(filter(part))).toBe(expected);
});

const pieces = fc.constantFrom('a', 'b', 'A', '/', '!', '', 'prod/', '.*', '^', '[', '\n', '\u0000', '🙂');
const texts = fc.array(pieces, { maxLength: 4 }).map((parts) => parts.join(''));
const pairs = fc.array(fc.tuple(texts, texts), { maxLength: 3 });
const filters = fc.record<FindFilter>({ regexp: fc.option(texts), path: fc.option(texts), tags: pairs });

test('membership is one answer for any filter and any secret, and each condition only narrows it', () => {
  fc.assert(
    fc.property(filters, texts, pairs, (find, name, tags) => {
      whyNotTold(find);
      const all = fitsName(find, name);
      if (all) expect(fitsName({ ...find, path: null }, name) && fitsName({ ...find, regexp: null }, name)).toBe(true);
      const known = new Map(tags);
      const expected = find.tags.every((tag) => fitsTags({ ...find, tags: [tag] }, known));
      expect(fitsTags(find, known)).toBe(expected);
      if (find.regexp === null && find.path === null) expect(all).toBe(true);
    }),
    { numRuns: 400 },
  );
});
