import { expect, test } from 'vitest';
import { parseToken } from '../../../src/domain/token.ts';
import { baselineKeyOf } from '../../../src/manifests/baseline/baseline-entry.ts';
import { objectKey } from '../../../src/plan/plan.ts';
import { beyondBase } from '../../../src/plan/truth/beyond-base.ts';
import { es, FAR, HOME, indexOf, short, tok } from '../repository.ts';

/** The claims of a branch that has this token for `x`, whose base has that one: `account/name label=version@time moved`. */
function check(
  base: string | null,
  tip: string | null,
  rotations: readonly string[],
  expected: readonly string[],
): void {
  const token = base === null ? {} : { token: tok(base) };
  const index = indexOf({ 'x.yaml': es('x', ['a', 'b', 'far:c'], token) });
  const tokens = new Map(
    index.externalSecrets.flatMap(({ object }) => (tip === null ? [] : [[objectKey(object), tok(tip)] as const])),
  );
  const named = rotations.map((one) => tok(`${one}@1`).replace(/@.*/, ''));
  const beyond = beyondBase(index, { tokens, rotations: new Set(named) });
  const claims = beyond.claims.map(({ wish, known }) => {
    const versions = known.kind === 'claimed' ? [...known.versions] : [];
    const said = versions.map(([label, { version, seenAt }]) => `${label}=${version}@${seenAt}`).join();
    return short(`${wish.account}/${wish.names.join()} ${said}${wish.moved ? ' moved' : ''}`);
  });
  expect(claims).toEqual(expected);
}

const A = `${HOME.account}/a AWSCURRENT=2@2`;

test('a branch without tokens carries nothing', () => {
  check(null, null, [], []);
  check('a=1@1', null, [], []);
});

test('an entry that the base has not: it moved', () => {
  check(null, 'a=2@2', ['a=2'], [`${A} moved`]);
});

test('an entry that the base has with another version: due by itself', () => {
  check('a=1@1', 'a=2@2', ['a=2'], [A]);
});

test('an entry that the base has with the same version is merged already', () => {
  check('a=2@2', 'a=2@2', ['a=2'], []);
  check('a=2@1 b=1@1', 'a=2@2 b=3@3', ['a=2', 'b=3'], [`${HOME.account}/b AWSCURRENT=3@3`]);
});

/** Whether a moved claim follows from `a=2` at the tip, where the object had this at adoption. */
function movedAt(baseline: string): readonly boolean[] {
  const index = indexOf({ 'x.yaml': es('x', ['a', 'b', 'far:c']), 'y.yaml': es('y', ['b']) });
  const [x] = index.externalSecrets.filter(({ object }) => object.name === 'x');
  if (x === undefined) throw new Error('no x');
  const joined = new Map([[baselineKeyOf(x.object), parseToken(tok(baseline)) ?? []]]);
  const tokens = new Map([[objectKey(x.object), tok('a=2@2')]]);
  const rotations = new Set([tok('a=2@1').replace(/@.*/, '')]);
  return beyondBase({ ...index, baseline: joined }, { tokens, rotations }).claims.map(({ wish }) => wish.moved);
}

test('an entry that the base has not, in an object whose baseline is another version: due by itself', () => {
  expect(movedAt('a=1@1')).toEqual([false]);
  expect(movedAt('a=2@1')).toEqual([true]);
  expect(movedAt('b=1@1')).toEqual([true]);
});

test('an entry that only came along is not claimed', () => {
  check(null, 'a=2@2 b=5@2', ['a=2'], [`${A} moved`]);
  check(null, 'a=2@2', ['a=1'], []);
});

test('the long form and labels', () => {
  const far = `${FAR.account}:${FAR.region}:c`;
  check(null, `${far}=2@2`, [`${far}=2`], [`${FAR.account}/c AWSCURRENT=2@2 moved`]);
  check(null, 'a#canary=2@2', ['a#canary=2'], [`${HOME.account}/a canary=2@2 moved`]);
});

test('a foreign value on the tip carries nothing', () => {
  for (const value of ['1', '1729686406', '']) check(null, value, ['a=2'], []);
});

test('the tip of an object that left the base carries nothing', () => {
  const beyond = beyondBase(indexOf({}), { tokens: new Map([['gone', tok('a=2@2')]]), rotations: new Set() });
  expect(beyond).toEqual({ tokens: new Map(), claims: [], parts: new Map() });
});

test('tokens are handed on, so that their times are kept', () => {
  const index = indexOf({ 'x.yaml': es('x', ['a', 'b']) });
  const [key = ''] = index.externalSecrets.map(({ object }) => objectKey(object));
  const beyond = beyondBase(index, { tokens: new Map([[key, tok('a=2@2 b=5@2')]]), rotations: new Set() });
  expect(beyond.tokens.get(key)?.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('what many objects say of one secret is one claim', () => {
  const names = ['x', 'y', 'z'];
  const index = indexOf(Object.fromEntries(names.map((name) => [`${name}.yaml`, es(name, ['a'])])));
  const tokens = new Map(index.externalSecrets.map(({ object }) => [objectKey(object), tok('a=2@2')]));
  const beyond = beyondBase(index, { tokens, rotations: new Set([tok('a=2@2').replace(/@.*/, '')]) });
  expect([beyond.tokens.size, beyond.claims.length]).toEqual([3, 1]);
});
