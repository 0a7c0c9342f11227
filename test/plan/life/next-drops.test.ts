import { expect, test } from 'vitest';
import { nextDrops } from '../../../src/plan/life/next-drops.ts';
import type { KnownSecret } from '../../../src/plan/truth/wish.ts';
import { EDIT } from '../../words/sample-plans.ts';
import { tok, v } from '../repository.ts';

const SOON = Date.parse('2026-02-01T10:00:30Z');
const LATER = SOON + 86_400_000;
const HERE = 'secretsmanager:111122223333:eu-west-1:';
const KEY = '111122223333:eu-west-1:a';

/** The secret `a`, now at version 2 and before at 1, which AWS rotates soon. */
function known(more: Partial<Extract<KnownSecret, { kind: 'described' }>> = {}): KnownSecret {
  const versions = new Map([
    ['AWSCURRENT', v(2)],
    ['AWSPREVIOUS', v(1)],
  ]);
  const described = { kind: 'described', name: 'a', versions, seenAt: '', deleted: false, tags: new Map() } as const;
  return { ...described, nextRotationAt: SOON, ...more };
}

interface Asked {
  readonly before?: string | null;
  readonly secrets?: readonly string[];
  readonly annotation?: string;
}

function drops(truth: Readonly<Record<string, KnownSecret>>, ...edits: readonly Asked[]): readonly string[] {
  const all = edits.map((edit) => ({ ...EDIT, secrets: [KEY], ...edit }));
  return nextDrops(all, new Map(Object.entries(truth))).map(({ secret, at }) => `${secret} ${at - SOON}`);
}

test('the base has what AWS now calls the version before: the next rotation drops it', () => {
  expect(drops({ [`${HERE}a`]: known() }, { before: tok('a=1@1') })).toEqual([`${KEY} 0`]);
});

test('what has no entry yet is at its baseline, whatever stood there', () => {
  for (const before of [null, '', '1', tok('b=7@1')]) {
    expect(drops({ [`${HERE}a`]: known() }, { before })).toEqual([`${KEY} 0`]);
  }
});

test.each<[string, KnownSecret]>([
  ['is not rotated by itself', { ...known(), nextRotationAt: undefined } as unknown as KnownSecret],
  ['has no version before', known({ versions: new Map([['AWSCURRENT', v(2)]]) })],
  ['is to be deleted', known({ deleted: true })],
  ['is rotated at no time that a calendar has', known({ nextRotationAt: 8.7e15 })],
  ['is rotated before all time', known({ nextRotationAt: -1 })],
  ['is only claimed', { kind: 'claimed', versions: new Map() }],
  ['is absent', { kind: 'absent' }],
])('no date where the secret %s', (_, one) => {
  expect(drops({ [`${HERE}a`]: one }, { before: tok('a=1@1') })).toEqual([]);
});

test('a version that is older still is gone already, and one that is current stays', () => {
  const two = { before: tok('a=2@1') };
  expect(drops({ [`${HERE}a`]: known() }, two)).toEqual([]);
  expect(drops({ [`${HERE}a`]: known() }, { before: tok('a=7@1') })).toEqual([]);
});

test('one secret of a name is not another: account, Region and label count', () => {
  const far = 'secretsmanager:444455556666:us-east-1:a';
  const truth = { [`${HERE}a`]: known(), [far]: known({ nextRotationAt: LATER }) };
  const farKey = '444455556666:us-east-1:a';
  expect(drops(truth, { secrets: [farKey] })).toEqual([`${farKey} 86400000`]);
  expect(drops(truth, { secrets: [`${KEY}#canary`] })).toEqual([]);
  expect(drops(truth, { secrets: ['444455556666:eu-west-1:a'] })).toEqual([]);
});

test('asked for by its ARN, without a home, of a strange name, or beside parameters', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-Ab3dEf';
  expect(drops({ [`${HERE}${arn}`]: known() }, { before: tok('a=1@1') })).toHaveLength(1);
  expect(drops({ [`${HERE}a`]: known() }, { secrets: ['a'], before: tok('a=1@1') })).toEqual(['a 0']);
  const strange = { [`${HERE}x`]: known({ name: 'a @b' }) };
  expect(drops(strange, { secrets: ['a%20%40b'], before: tok('a%20%40b=1@1') })).toEqual(['a%20%40b 0']);
  expect(drops({ [`${HERE}a`]: known() }, { secrets: [`secretsmanager:${KEY}`] })).toHaveLength(1);
});

test('each once, the soonest first; what changes no token counts for nothing', () => {
  const truth = {
    [`${HERE}a`]: known({ nextRotationAt: LATER }),
    [`${HERE}b`]: known({ name: 'b' }),
    [`${HERE}c`]: known({ name: 'c' }),
  };
  expect(drops(truth, { secrets: ['c', 'a'] }, { secrets: ['b', 'a'] })).toEqual(['b 0', 'c 0', 'a 86400000']);
  expect(drops(truth, { secrets: ['a'], annotation: 'gitops-reloader.dev/restart-due' })).toEqual([]);
});
