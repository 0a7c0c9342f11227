import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDigest, membersVersion, tagsVersion } from '../../src/domain/find/find-filter.ts';
import { type Meant, meantBy, slotOf } from '../../src/domain/find/token-slot.ts';
import { parseToken, tokenKey } from '../../src/domain/token.ts';

const DIGEST = '0123456789abcdef';
const PLACE = { account: null, region: null };

test.each<[Meant, string]>([
  [{ kind: 'label', name: 'db', label: 'AWSCURRENT' }, 'db'],
  [{ kind: 'label', name: 'db', label: 'blue' }, 'db#blue'],
  [{ kind: 'tags', name: 'db' }, 'db#tags'],
  [{ kind: 'label', name: 'db', label: 'tags' }, 'db#%25tags'],
  [{ kind: 'label', name: 'db', label: '%tags' }, 'db#%25%25tags'],
  [{ kind: 'find', digest: DIGEST }, `find#${DIGEST}`],
  [{ kind: 'label', name: 'find', label: DIGEST }, `find#%25${DIGEST}`],
  [{ kind: 'tags', name: 'find' }, 'find#tags'],
])('%j', (meant, key) => {
  expect(tokenKey({ ...PLACE, ...slotOf(meant) })).toBe(key);
  const [entry] = parseToken(`${key}=${'0'.repeat(32)}@2026-01-01T00:00:00Z`) ?? [];
  expect(entry === undefined ? null : meantBy(entry)).toEqual(meant);
});

const words = fc.oneof(
  fc.constantFrom('tags', '%tags', '%%tags', DIGEST, `%${DIGEST}`, 'find', 'AWSCURRENT', '%', 'db'),
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
);
const meanings: fc.Arbitrary<Meant> = fc.oneof(
  fc.record({ kind: fc.constant('label'), name: words, label: words }),
  fc.record({ kind: fc.constant('tags'), name: words }),
  fc.record({ kind: fc.constant('find'), digest: fc.constantFrom(DIGEST, 'fedcba9876543210') }),
);

test('every meaning has a slot of its own, and comes back', () => {
  fc.assert(
    fc.property(meanings, meanings, (left, right) => {
      expect(meantBy(slotOf(left))).toEqual(left);
      const isSame = JSON.stringify(left) === JSON.stringify(right);
      expect(JSON.stringify(slotOf(left)) === JSON.stringify(slotOf(right))).toBe(isSame);
    }),
    { numRuns: 500 },
  );
});

test('digests do not depend on the order, and nothing slips from one part into another', () => {
  const filter = {
    regexp: 'a',
    path: 'b',
    tags: [
      ['k', 'v'],
      ['l', 'w'],
    ] as [string, string][],
  };
  expect(findDigest({ ...filter, tags: filter.tags.toReversed() })).toBe(findDigest(filter));
  const others = [{ regexp: 'b', path: 'a' }, { path: null }, { tags: [['kv', ''] as [string, string]] }];
  for (const other of others) expect(findDigest({ ...filter, ...other })).not.toBe(findDigest(filter));
  const members = [
    ['a', '1'],
    ['b', '2'],
  ] as [string, string][];
  expect(membersVersion(new Map(members.toReversed()))).toBe(membersVersion(new Map(members)));
  expect(
    membersVersion(
      new Map([
        ['a', '2'],
        ['b', '1'],
      ]),
    ),
  ).not.toBe(membersVersion(new Map(members)));
  expect(tagsVersion(new Map([['a1', '']]))).not.toBe(tagsVersion(new Map([['a', '1']])));
});
