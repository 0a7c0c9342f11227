import { expect, test } from 'vitest';
import { claimsOfEnded } from '../../../../src/plan/life/ended/asked-again.ts';
import { es, FAR, indexOf, short, t, tok } from '../../repository.ts';

const index = indexOf({ 'x.yaml': es('x', ['a', 'far:c']), 'y.yaml': es('y', ['a', 'a#canary']) });

/** `account/name label=version@time` of what these names, as trailers have them, ask for. */
function asked(names: readonly string[]): readonly string[] {
  const claims = claimsOfEnded(index, [{ names, createdAt: Date.parse(t(5)) }]);
  return claims.map(({ wish, known }) => {
    expect(wish.moved).toBe(true);
    const versions = known.kind === 'claimed' ? [...known.versions] : [];
    return short(
      `${wish.account}/${wish.names.join()} ${versions.map(([key, one]) => `${key}=${one.version}@${one.seenAt}`).join()}`,
    );
  });
}

const named = (text: string): string => tok(`${text}@1`).replace(/@.*/, '');

test('each secret once, however many objects fetch it, as of when the pull request was opened', () => {
  expect(asked([named('a=2')])).toEqual(['111122223333/a AWSCURRENT=2@5']);
  expect(asked([named('a#canary=2')])).toEqual(['111122223333/a canary=2@5']);
  expect(asked([named(`${FAR.account}:${FAR.region}:c=3`)])).toEqual([`${FAR.account}/c AWSCURRENT=3@5`]);
});

test('what nobody fetches any more asks for nothing', () => {
  expect(asked([named('gone=2'), named('c=2')])).toEqual([]);
});

test('what a stranger wrote into a trailer asks for nothing', () => {
  const hostile = [
    '',
    'a',
    'a=',
    '=',
    'a=1 b=2',
    'a=2\u0000',
    '__proto__=1',
    `a=${'9'.repeat(5000)}`,
    'x'.repeat(100_000),
  ];
  expect(asked(hostile)).toEqual([]);
  expect(asked([...Array.from({ length: 5000 }, () => 'x'), named('a=2')])).toEqual([]);
});
