import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  atHome,
  bareKey,
  findEntry,
  findKeyed,
  formatToken,
  keepTimes,
  keyElsewhere,
  MAX_TOKEN_LENGTH,
  mergeTokens,
  parseToken,
  sameVersions,
  type Token,
  type TokenEntry,
  tokenKey,
  tokenTime,
  tokenVersion,
  versionsDigest,
} from '../../src/domain/token.ts';

const V1 = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const V2 = '0a1b2c3d-2222-4222-8222-000000000002';
const V3 = '0a1b2c3d-3333-4333-8333-000000000003';
const EARLY = '2024-10-23T12:26:46Z';
const LATE = '2026-03-02T09:12:39Z';

function entry(name: string, version = V1, change: Partial<TokenEntry> = {}): TokenEntry {
  return { account: null, region: null, name, label: null, version, time: EARLY, ...change };
}

// ---------------------------------------------------------------------------------------------------------------------
// Written and read

test.each<[string, Token, string]>([
  ['nothing', [], ''],
  ['one secret', [entry('prod/db')], `prod/db=${V1}@${EARLY}`],
  ['a label', [entry('prod/db', V1, { label: 'canary' })], `prod/db#canary=${V1}@${EARLY}`],
  [
    'another account and Region',
    [entry('db', V1, { account: '012345678901', region: 'eu-west-1' })],
    `012345678901:eu-west-1:db=${V1}@${EARLY}`,
  ],
  ['a place that is half known is left out', [entry('db', V1, { account: '012345678901' })], `db=${V1}@${EARLY}`],
  [
    'entries sorted by key',
    [entry('b'), entry('a', V2), entry('a', V1, { label: 'x' })],
    `a=${V2}@${EARLY} a#x=${V1}@${EARLY} b=${V1}@${EARLY}`,
  ],
  ['every sign of the format in a name', [entry('@=#:% \n')], `%40%3D%23%3A%25%20%0A=${V1}@${EARLY}`],
  ['a name that is not ASCII', [entry('é')], `%C3%A9=${V1}@${EARLY}`],
  [
    'a name that looks like a place',
    [entry('012345678901:eu-west-1:db')],
    `012345678901%3Aeu-west-1%3Adb=${V1}@${EARLY}`,
  ],
  ['the signs that AWS allows', [entry('A/z_0+.@-!')], `A/z_0+.%40-!=${V1}@${EARLY}`],
  ['a key that comes twice', [entry('a', V1), entry('a', V2)], `a=${V2}@${EARLY}`],
])('%s', (_, token, text) => {
  expect(formatToken(token)).toBe(text);
});

test.each([
  ['absent', null],
  ['empty', ''],
  ['somebody counts', '1'],
  ['unix seconds', '1729686406'],
  ['unix seconds with a fraction', '1729686406.123'],
  ['a time', EARLY],
  ["Argo CD's refresh", 'normal'],
  ['a name without a version', `prod/db=@${EARLY}`],
  ['a version without a name', `=${V1}@${EARLY}`],
  ['no time', `prod/db=${V1}`],
  ['a version of 31 signs', `prod/db=${'a'.repeat(31)}@${EARLY}`],
  ['a version of 65 signs', `prod/db=${'a'.repeat(65)}@${EARLY}`],
  ['a version with a dot', `prod/db=${'a'.repeat(31)}.@${EARLY}`],
  ['a digest that is cut', `prod/db=sha256-0123456789abcde@${EARLY}`],
  ['a digest in capitals', `prod/db=sha256-0123456789ABCDEF@${EARLY}`],
  ['a time with a fraction', `prod/db=${V1}@2024-10-23T12:26:46.5Z`],
  ['a time with an offset', `prod/db=${V1}@2024-10-23T12:26:46+00:00`],
  ['month 13', `prod/db=${V1}@2024-13-23T12:26:46Z`],
  ['hour 24', `prod/db=${V1}@2024-10-23T24:26:46Z`],
  ['February 30', `prod/db=${V1}@2024-02-30T00:00:00Z`],
  ['February 29 in a common year', `prod/db=${V1}@2023-02-29T00:00:00Z`],
  ['April 31', `prod/db=${V1}@2024-04-31T12:00:00Z`],
  ['two spaces', `a=${V1}@${EARLY}  b=${V1}@${EARLY}`],
  ['a space at the end', `a=${V1}@${EARLY} `],
  ['a line break at the end', `a=${V1}@${EARLY}\n`],
  ['a tab between', `a=${V1}@${EARLY}\tb=${V1}@${EARLY}`],
  ['one key twice', `a=${V1}@${EARLY} a=${V2}@${EARLY}`],
  ['one bad entry', `a=${V1}@${EARLY} b`],
  ['a sign that has to be encoded', `pröd=${V1}@${EARLY}`],
  ['a percent sign alone', `a%=${V1}@${EARLY}`],
  ['lower-case hex', `a%2f=${V1}@${EARLY}`],
  ['a needless escape', `%61=${V1}@${EARLY}`],
  ['an escape that is not UTF-8', `%FF=${V1}@${EARLY}`],
  ['an escape of a surrogate', `%ED%A0%80=${V1}@${EARLY}`],
  ['an empty label', `a#=${V1}@${EARLY}`],
  ['two labels', `a#b#c=${V1}@${EARLY}`],
  ['an account without a Region', `012345678901:a=${V1}@${EARLY}`],
  ['a Region without an account', `:eu-west-1:a=${V1}@${EARLY}`],
  ['an account of eleven digits', `01234567890:eu-west-1:a=${V1}@${EARLY}`],
  ['an inherited name', '__proto__'],
])('no token: %s', (_, value) => {
  expect(parseToken(value)).toBeNull();
});

test('a token of the largest size is read, a longer one is none', () => {
  expect(long(MAX_TOKEN_LENGTH)).toHaveLength(4096);
  expect(parseToken(long(MAX_TOKEN_LENGTH))).toHaveLength(1);
  expect(parseToken(long(MAX_TOKEN_LENGTH + 1))).toBeNull();
});

test.each(['2024-02-29T00:00:00Z', '2000-02-29T23:59:59Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
  'a time of the calendar is read: %s',
  (time) => {
    expect(parseToken(`a=${V1}@${time}`)).toEqual([entry('a', V1, { time })]);
  },
);

test('unsorted entries are read in order, and written back sorted', () => {
  const token = parseToken(`b=${V1}@${EARLY} a=${V2}@${LATE}`);
  expect(token?.map((one) => one.name)).toEqual(['a', 'b']);
});

test.each([
  ['a UUID', V1, V1],
  [
    "AWS's own example, which is no UUID",
    'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111',
    'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111',
  ],
  ['32 signs', 'a'.repeat(32), 'a'.repeat(32)],
  ['64 signs', 'a'.repeat(64), 'a'.repeat(64)],
])('a version is kept as it is: %s', (_, version, expected) => {
  expect(tokenVersion(version)).toBe(expected);
});

test.each([
  '',
  'v',
  'a'.repeat(31),
  'a'.repeat(65),
  `${V1}\n`,
  `${V1} ${V1}`,
  'x@=#: '.repeat(6),
  'é'.repeat(40),
  '\ud800',
])('the version %j becomes a digest', (version) => {
  expect(tokenVersion(version)).toMatch(/^sha256-[0-9a-f]{16}$/);
  expect(tokenVersion(tokenVersion(version))).toBe(tokenVersion(version));
});

test.each([
  [Date.parse('2024-10-23T12:26:45.001Z'), EARLY],
  [Date.parse('2024-10-23T12:26:46.000Z'), EARLY],
  [Date.parse('2023-12-31T23:59:59.999Z'), '2024-01-01T00:00:00Z'],
  [0, '1970-01-01T00:00:00Z'],
])('%d is written as %s', (milliseconds, expected) => {
  expect(tokenTime(milliseconds)).toBe(expected);
  expect(parseToken(`a=${V1}@${expected}`)).not.toBeNull();
});

// ---------------------------------------------------------------------------------------------------------------------
// Laws

/** Any UTF-16 code unit, lone surrogates included, and the signs that have a meaning in a token more often. */
const unit = fc.oneof(
  fc.constantFrom('@', '=', '#', ':', '%', ' ', '\n', '"', '/'),
  fc.nat(0xffff).map(String.fromCharCode),
);
const text = fc.string({ unit, minLength: 1, maxLength: 20 });
const place = fc.constantFrom(
  { account: null, region: null },
  { account: '111122223333', region: 'eu-west-1' },
  { account: '012345678901', region: 'us-gov-west-1' },
);
const version = fc.oneof(fc.constantFrom(V1, V2), fc.string({ unit, maxLength: 70 })).map(tokenVersion);
const time = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => tokenTime(seconds * 1000));

const entries: fc.Arbitrary<TokenEntry> = fc
  .record({ place, name: text, label: fc.option(text, { nil: null }), version, time })
  .map(({ place: where, ...rest }) => ({ ...where, ...rest }));

/** Tokens over few keys, so that two of them meet. */
const small = fc
  .array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      version: fc.constantFrom(V1, V2),
      time: fc.constantFrom(EARLY, LATE),
    }),
    {
      maxLength: 4,
    },
  )
  .map((list) =>
    mergeTokens(
      [],
      list.map((one) => entry(one.name, one.version, { time: one.time })),
    ),
  );

const tokens = fc.array(entries, { maxLength: 6 });

const HOME = { account: '012345678901', region: 'eu-west-1' };
const FAR = { account: '999988887777', region: 'us-east-1' };

test.each<[string, Token, typeof HOME | null, Token]>([
  ['what is at home needs no place', [entry('a', V1, HOME)], HOME, [entry('a')]],
  ['what is elsewhere keeps it', [entry('a', V1, FAR), entry('b')], HOME, [entry('a', V1, FAR), entry('b')]],
  ['without a home all keep it', [entry('a', V1, HOME)], null, [entry('a', V1, HOME)]],
  [
    'half of a home is none',
    [entry('a', V1, { ...HOME, region: 'x' })],
    HOME,
    [entry('a', V1, { ...HOME, region: 'x' })],
  ],
  ['of both spellings the short one stands', [entry('a', V1), entry('a', V2, HOME)], HOME, [entry('a', V1)]],
])('at home: %s', (_, token, home, expected) => {
  const own = home === null ? null : { ...home, service: 'secretsmanager' as const };
  expect(formatToken(atHome(token, own))).toBe(formatToken(expected));
  expect(atHome(atHome(token, own), own)).toEqual(atHome(token, own));
});

test('a key elsewhere has its place, and finds its entry again', () => {
  const label = entry('é', V1, { label: 'x' });
  const token = [entry('a', V1), entry('a', V2, FAR), label];
  for (const one of token) expect(findKeyed(token, keyElsewhere(one, HOME))).toBe(one);
  expect(keyElsewhere(label, HOME)).toBe('012345678901:eu-west-1:%C3%A9#x');
  expect(keyElsewhere(label, null)).toBe(tokenKey(label));
  expect(bareKey(`${keyElsewhere(label, HOME)}=v`)).toBe('%C3%A9#x=v');
  expect(bareKey('012345678901%3Aeu-west-1%3Adb')).toBe('012345678901%3Aeu-west-1%3Adb');
});

test('an entry of another service than the home says so, and is told from its namesake', () => {
  const parameters = { ...HOME, service: 'ssm' as const };
  const token = [entry('a', V1), { ...entry('a', V2), service: 'ssm' as const }, entry('a', V3, FAR)];
  const value = formatToken(token);
  expect(value.replaceAll(/=\S+/g, '')).toBe('999988887777:us-east-1:a a ssm:a');
  expect(parseToken(value)).toEqual([token[2], token[0], token[1]]);
  expect(tokenKey({ ...entry('/p/a', V1, FAR), service: 'secretsmanager' })).toBe(
    'secretsmanager:999988887777:us-east-1:/p/a',
  );
  expect(formatToken(atHome([{ ...entry('a', V1, HOME), service: 'ssm' }], parameters))).toBe(
    formatToken([entry('a', V1)]),
  );
  expect(formatToken(atHome([{ ...entry('a', V1), service: 'secretsmanager' }], null))).toBe(
    formatToken([entry('a', V1)]),
  );
  expect(parseToken(`sqs:a=${V1}@2026-01-01T00:00:00Z`)).toBeNull();
});

test('a key with its service finds its entry, whichever service the object leaves out', () => {
  const parameter = { ...entry('a', V1), service: 'ssm' as const };
  const secret = { ...entry('a', V2), service: 'secretsmanager' as const };
  const far = { ...entry('a', V3, FAR), service: 'ssm' as const };
  expect(findKeyed([entry('a', V2), parameter, far], 'ssm:a')).toBe(parameter);
  expect(findKeyed([entry('a', V2), parameter, far], 'ssm:012345678901:eu-west-1:a')).toBe(parameter);
  expect(findKeyed([entry('a', V2), parameter, far], 'ssm:999988887777:us-east-1:a')).toBe(far);
  const own = entry('a', V1);
  expect(findKeyed([own, secret], 'ssm:012345678901:eu-west-1:a')).toBe(own);
  expect(findKeyed([own, secret], 'secretsmanager:012345678901:eu-west-1:a')).toBe(secret);
  expect(findKeyed([own, entry('a', V3, FAR)], 'ssm:999988887777:us-east-1:a')).toEqual(entry('a', V3, FAR));
});

function holds<T extends readonly unknown[]>(law: fc.IPropertyWithHooks<T>): void {
  fc.assert(law, { numRuns: 200 });
}

/** What UTF-8 makes of a text: a lone surrogate becomes U+FFFD. */
function throughUtf8(value: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(value));
}

test('what is written is read back, whatever the names, labels and versions', () => {
  holds(
    fc.property(fc.array(entries, { minLength: 1, maxLength: 6 }), (token) => {
      const read = parseToken(formatToken(token));
      const expected = token.map((one) => ({
        ...one,
        name: throughUtf8(one.name),
        label: one.label === null ? null : throughUtf8(one.label),
      }));
      expect(read).toEqual(mergeTokens(expected, []));
      expect(formatToken(read ?? [])).toBe(formatToken(token));
    }),
  );
});

test('what is written needs no escape in YAML, in a trailer or in a shell word', () => {
  holds(
    fc.property(tokens, (token) => {
      expect(formatToken(token)).toMatch(/^[A-Za-z0-9/_+.!%:#=@-]*( [A-Za-z0-9/_+.!%:#=@-]+)*$/);
    }),
  );
});

test('the order of the entries does not matter, and the text is sorted by key', () => {
  holds(
    fc.property(tokens, (token) => {
      const unique = mergeTokens(token, []);
      expect(formatToken(unique.toReversed())).toBe(formatToken(token));
      expect(versionsDigest(unique.toReversed())).toBe(versionsDigest(token));
      expect(unique.map(tokenKey)).toEqual(unique.map(tokenKey).toSorted());
    }),
  );
});

test('any text is either no token, or a token that says the same', () => {
  holds(
    fc.property(
      fc.oneof(
        fc.string({ unit }),
        tokens.map(formatToken),
        tokens.map((token) => `${formatToken(token)}x`),
      ),
      (value) => {
        const token = parseToken(value);
        if (token !== null) expect(formatToken(token).split(' ').toSorted()).toEqual(value.split(' ').toSorted());
      },
    ),
  );
});

test('a digest changes exactly when a version changes', () => {
  holds(
    fc.property(small, small, (left, right) => {
      expect(versionsDigest(left) === versionsDigest(right)).toBe(sameVersions(left, right));
      expect(sameVersions(left, right)).toBe(JSON.stringify(pairs(left)) === JSON.stringify(pairs(right)));
      expect(versionsDigest(left)).toMatch(/^[0-9a-f]{12}$/);
    }),
  );
});

test('times do not count for a digest; version, key and label do', () => {
  const token = [entry('a')];
  expect(versionsDigest([entry('a', V1, { time: LATE })])).toBe(versionsDigest(token));
  for (const other of [
    [],
    [entry('a', V2)],
    [entry('b')],
    [entry('a', V1, { label: 'x' })],
    [entry('a'), entry('b')],
  ]) {
    expect(versionsDigest(other)).not.toBe(versionsDigest(token));
    expect(sameVersions(other, token)).toBe(false);
  }
  const elsewhere = [entry('a', V1, { account: '111122223333', region: 'eu-west-1' })];
  expect(sameVersions(elsewhere, token)).toBe(false);
});

test('merging: the winner stays whole, nothing is lost, and the order of three does not matter', () => {
  holds(
    fc.property(small, small, small, (one, two, three) => {
      const merged = mergeTokens(one, two);
      for (const winner of one) expect(findEntry(merged, tokenKey(winner))).toEqual(winner);
      expect(new Set(merged.map(tokenKey))).toEqual(new Set([...one, ...two].map(tokenKey)));
      expect(mergeTokens(one, mergeTokens(two, three))).toEqual(mergeTokens(merged, three));
      expect(mergeTokens(merged, two)).toEqual(merged);
      expect(mergeTokens(one, one)).toEqual(one);
      expect([mergeTokens(one, []), mergeTokens([], one)]).toEqual([one, one]);
    }),
  );
});

test('keeping times: versions stay, an equal version brings its time, a second time changes nothing', () => {
  holds(
    fc.property(small, small, small, (desired, first, second) => {
      const kept = keepTimes(desired, first, second);
      expect(sameVersions(kept, desired)).toBe(true);
      expect(keepTimes(kept, first, second)).toEqual(kept);
      expect(keepTimes(desired)).toEqual(desired);
      for (const one of kept) {
        const key = tokenKey(one);
        const source = [first, second]
          .map((token) => findEntry(token, key))
          .find((old) => old?.version === one.version);
        expect(one.time).toBe((source ?? findEntry(desired, key))?.time);
      }
    }),
  );
});

test('keeping times against the token itself writes the same text: nothing to commit', () => {
  const committed = [entry('a', V1, { time: EARLY })];
  const fresh = [entry('a', V1, { time: LATE })];
  expect(formatToken(keepTimes(fresh, committed))).toBe(formatToken(committed));
  expect(keepTimes([entry('a', V2, { time: LATE })], committed)).toEqual([entry('a', V2, { time: LATE })]);
});

test('nothing that is handed in is changed', () => {
  const one = Object.freeze([Object.freeze(entry('b')), Object.freeze(entry('a'))]);
  const before = structuredClone(one);
  formatToken(one);
  mergeTokens(one, one);
  keepTimes(one, one);
  expect(one).toEqual(before);
});

function long(length: number): string {
  return `${'a'.repeat(length - V1.length - EARLY.length - 2)}=${V1}@${EARLY}`;
}

function pairs(token: Token): readonly unknown[] {
  return token.map((one) => [one.name, one.version]);
}
