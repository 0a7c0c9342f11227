import { expect, test } from 'vitest';
import { type Claim, newestClaim } from '../../../src/plan/truth/newest-claim.ts';
import type { KnownSecret, Wish } from '../../../src/plan/truth/wish.ts';
import { claimed, described, FAR, HOME, moved, ref, short, t } from '../repository.ts';

function claim(known: KnownSecret, wish: Wish = moved('db')): Claim {
  return { wish, known };
}

/** `label=version@time` of all labels, whichever way round the claims come. */
function check(claims: readonly Claim[], expected: string | null, asked = ref('db')): void {
  for (const ordered of [claims, claims.toReversed()]) {
    const known = newestClaim(asked, ordered);
    expect(known === null ? null : said(known)).toBe(expected);
  }
}

/** The ARN of a secret at home that ends like this. */
const arnOf = (end: string) => `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:${end}`;

function said(known: KnownSecret): string {
  if (known.kind !== 'claimed') return known.kind === 'unnamed' ? short(`unnamed@${known.seenAt}`) : known.kind;
  const all = [...known.versions].map(([label, { version, seenAt }]) => short(`${label}=${version}@${seenAt}`));
  return all.toSorted().join(' ');
}

test('nobody claims anything', () => {
  check([], null);
});

test('the newest claim counts', () => {
  check([claim(claimed(2, 5)), claim(claimed(3, 4)), claim(claimed(1, 1))], 'AWSCURRENT=2@5');
});

test('of one second, every replica chooses the same one', () => {
  check([claim(claimed(2, 5)), claim(claimed(3, 5))], 'AWSCURRENT=3@5');
  const odd = { kind: 'claimed' as const, versions: new Map([['AWSCURRENT', { version: 'odd one', seenAt: t(5) }]]) };
  check([claim(odd), claim(claimed(3, 5))], newestClaim(ref('db'), [claim(odd)]) === null ? null : said(odd));
});

test('each label has its own newest claim, with its own time', () => {
  check(
    [claim(claimed(2, 5, 'canary')), claim(claimed(1, 3)), claim(claimed(9, 2, 'canary'))],
    'AWSCURRENT=1@3 canary=2@5',
  );
});

test('another account, Region, service or name is another secret', () => {
  check([claim(claimed(2), moved('db', FAR))], null);
  check([claim(claimed(2), moved('db', { region: FAR.region }))], null);
  check([claim(claimed(2), moved('db', { service: 'ssm' }))], null);
  check([claim(claimed(2), moved('db2'))], null);
  check([claim(claimed(2), moved('db', FAR))], 'AWSCURRENT=2@2', ref('db', FAR));
});

test('an ARN is asked for under each name it can mean', () => {
  const arn = `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:my-secret`;
  check([claim(claimed(2), moved('my-secret'))], 'AWSCURRENT=2@2', ref(arn));
  check([claim(claimed(2), moved('my'))], 'AWSCURRENT=2@2', ref(arn));
  check([claim(claimed(2), moved('secret'))], null, ref(arn));
});

test('the ARN of a secret that was deleted and made again is no longer the secret that moved', () => {
  const fresh = claim(claimed(2), moved('db', { suffix: 'NewNew' }));
  check([fresh], 'AWSCURRENT=2@2', ref(arnOf('db-NewNew')));
  check([fresh], 'replaced', ref(arnOf('db-OldOld')));
  check([fresh, claim(claimed(1), moved('db', { suffix: 'OldOld' }))], 'AWSCURRENT=1@1', ref(arnOf('db-OldOld')));
  check([fresh, claim(claimed(3))], 'AWSCURRENT=3@3', ref(arnOf('db-OldOld')));
  for (const id of ['db', arnOf('db')]) check([fresh], 'AWSCURRENT=2@2', ref(id));
});

test('a partial ARN that looks like a full one is the secret it names', () => {
  const partial = `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:my-secret`;
  check([claim(claimed(2), moved('my-secret', { suffix: 'AbCdEf' }))], 'AWSCURRENT=2@2', ref(partial));
  check([claim(claimed(2), moved('my', { suffix: 'AbCdEf' }))], 'replaced', ref(partial));
});

test('a version with a name says more than a move without one', () => {
  const unnamed = (n: number) => claim({ kind: 'unnamed', seenAt: t(n) });
  check([unnamed(2), unnamed(4), unnamed(3)], 'unnamed@4');
  check([unnamed(9), claim(claimed(2, 5))], 'AWSCURRENT=2@5');
});

test('what is no claim is no claim', () => {
  check([claim(described('db', 2)), claim({ kind: 'denied' }), claim({ kind: 'absent' })], null);
});

test('what a person stated stands before every claim', () => {
  check([claim(claimed(2, 5)), claim({ kind: 'stated', versions: new Map(), seenAt: t(1) })], 'stated');
});
