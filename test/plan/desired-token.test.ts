import { expect, test } from 'vitest';
import { FORCE_SYNC } from '../../src/domain/policy.ts';
import { refKey } from '../../src/domain/secret-id.ts';
import { parseToken, type Token } from '../../src/domain/token.ts';
import { objectKey } from '../../src/plan/plan.ts';
import type { KnownSecret } from '../../src/plan/truth/wish.ts';
import {
  type Ask,
  applied,
  check,
  claimed,
  described,
  es,
  FAR,
  HOME,
  indexOf,
  lines,
  looked,
  moved,
  planOf,
  ref,
  short,
  t,
  tok,
  v,
} from './repository.ts';

/** One ExternalSecret `x` with these keys and this token, and the one line that the plan has for it. */
function one(keys: readonly string[], token: string | undefined, ask: Ask, expected: string): void {
  const text = token === undefined ? es('x', keys) : es('x', keys, { token: tok(token) });
  check({ 'x.yaml': text }, ask, [expected]);
}

const DB = { wishes: [moved('db')], truth: { db: 2 } };
const EDIT = '1 ExternalSecret/x: token ';
/** What secrets are called outside of their object, since more than one place is allowed here. */
const AT_HOME = `${HOME.account}:${HOME.region}:`;

// ---------------------------------------------------------------------------------------------------------------------
// Due, or not

test('no entry, and it moved: due', () => {
  one(['db'], undefined, DB, `${EDIT}db=2@2`);
});

test('no entry, and it did not move: at its baseline', () => {
  one(['db'], undefined, { wishes: [looked('db')], truth: { db: 2 } }, 'ExternalSecret/x: at-baseline');
});

test('the entry is equal: current, however often it is asked', () => {
  one(['db'], 'db=2@1', DB, 'ExternalSecret/x: already-current');
  one(
    ['db'],
    'db=2@1',
    { ...DB, wishes: [moved('db'), looked('db'), moved('db')] },
    'ExternalSecret/x: already-current',
  );
});

test('the entry is older: due, asked for or merely looked at', () => {
  one(['db'], 'db=1@1', DB, `${EDIT}db=2@2`);
  one(['db'], 'db=1@1', { wishes: [looked('db')], truth: { db: 2 } }, `${EDIT}db=2@2`);
});

test('AWS was rolled back to an earlier version: due again', () => {
  one(['db'], 'db=2@2', { wishes: [moved('db')], truth: { db: described('db', 1, { at: 3 }) } }, `${EDIT}db=1@3`);
});

test.each(['1', '1729686406', '2026-01-01T00:00:00Z', 'true', `db=${v(1)}`, `db=${v(1)}@2026-02-30T00:00:00Z`])(
  'the foreign value %j is no token: a move overwrites it, a look does not',
  (value) => {
    const files = { 'x.yaml': es('x', ['db'], { token: value }) };
    const { plan } = check(files, DB, [`${EDIT}db=2@2`]);
    expect(plan.edits[0]?.before).toBe(value);
    check(files, { wishes: [looked('db')], truth: { db: 2 } }, ['ExternalSecret/x: at-baseline']);
  },
);

test('of two wishes for one secret, one that moved is enough, in any order', () => {
  for (const wishes of [
    [looked('db'), moved('db')],
    [moved('db'), looked('db')],
  ]) {
    one(['db'], undefined, { wishes, truth: { db: 2 } }, `${EDIT}db=2@2`);
  }
});

// ---------------------------------------------------------------------------------------------------------------------
// Entries

test('a refresh fetches all: every secret of the object gets an entry', () => {
  const { plan } = planOf(
    { 'x.yaml': es('x', ['db', 'api', 'db']) },
    { wishes: [moved('db')], truth: { db: 2, api: 7 } },
  );
  expect(lines(plan)).toEqual([`${EDIT}api=7@7 db=2@2`]);
  expect(plan.edits[0]?.secrets).toEqual([`${AT_HOME}db`]);
});

test('a secret that moved unnoticed is due with the one that was asked for', () => {
  const { plan } = planOf(
    { 'x.yaml': es('x', ['db', 'api'], { token: tok('api=6@6 db=1@1') }) },
    { wishes: [moved('db')], truth: { db: 2, api: 7 } },
  );
  expect(plan.edits[0]?.secrets).toEqual([`${AT_HOME}api`, `${AT_HOME}db`]);
});

test("the place of the object's own store is left out, another store's is written, whatever comes first", () => {
  const far = `${FAR.account}:${FAR.region}:`;
  const truth = { db: 2, 'far:db': described('db', 3) };
  one(['db', 'far:db'], undefined, { wishes: [moved('db')], truth }, `${EDIT}${far}db=3@3 db=2@2`);
  one(
    ['far:db', 'far:api'],
    undefined,
    { wishes: [moved('db', FAR)], truth: { 'far:db': 3, 'far:api': 4 } },
    `${EDIT}${far}api=4@4 ${far}db=3@3`,
  );
});

test('an ARN before the other entries does not change how they are written', () => {
  const arn = `arn:aws:secretsmanager:${FAR.region}:${FAR.account}:secret:api-AbCdEf`;
  const token = `${FAR.account}:${FAR.region}:api=4@4 db=2@2`;
  const truth = new Map(
    Object.entries({ db: HOME, [arn]: FAR }).map(([id, place]) => [
      refKey(ref(id, place)),
      described(id === 'db' ? 'db' : 'api', id === 'db' ? 2 : 4),
    ]),
  );
  for (const keys of [
    [arn, 'db'],
    ['db', arn],
  ])
    one(keys, undefined, { wishes: [moved('db')], truth }, `${EDIT}${token}`);
});

test('an entry is the same in either spelling: nothing is due, and its time is kept', () => {
  one(['db'], `${AT_HOME}db=2@1`, DB, 'ExternalSecret/x: already-current');
  one(
    ['db', 'api'],
    `${AT_HOME}db=2@1 api=3@3`,
    { wishes: [moved('api')], truth: { db: 2, api: 4 } },
    `${EDIT}api=4@4 db=2@1`,
  );
  one(['db'], `${AT_HOME}db=1@1 db=2@2`, DB, 'ExternalSecret/x: already-current');
});

test('where the own store is not told, every entry says where it is', () => {
  const arn = `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:db`;
  const gone = { secretStoreRef: { kind: 'ClusterSecretStore', name: 'gone' } };
  check({ 'x.yaml': es('x', [arn], { spec: gone }) }, { ...DB, truth: { [arn]: 2 } }, [`${EDIT}${AT_HOME}db=2@2`]);
});

test('people who turned down a version turned it down in one place', () => {
  const far = `${FAR.account}:${FAR.region}:db`;
  const ask = { wishes: [moved('db'), moved('db', FAR)], truth: { db: 2, 'far:db': 2 } };
  const near = { 'x.yaml': es('x', ['db']) };
  const both = { 'x.yaml': es('x', ['far:db']) };
  check(near, { ...ask, rejected: [`${far}=2`] }, [`${EDIT}db=2@2`]);
  check(near, { ...ask, rejected: [`${AT_HOME}db=2`] }, ['ExternalSecret/x: rejected-by-people']);
  check(both, { ...ask, rejected: [`${far}=2`] }, ['ExternalSecret/x: rejected-by-people']);
  check(both, { ...ask, rejected: [`${AT_HOME}db=2`, 'db=2'] }, [`${EDIT}${far}=2@2`]);
});

test('a wish for one account does not move its namesake in the other', () => {
  const truth = { db: 2, 'far:db': 3 };
  const { plan } = planOf({ 'x.yaml': es('x', ['db', 'far:db']) }, { wishes: [moved('db', FAR)], truth });
  expect(plan.edits[0]?.secrets).toEqual([`${FAR.account}:${FAR.region}:db`]);
});

test('labels have entries of their own', () => {
  const truth = { db: described('db', 2, { labels: { AWSPREVIOUS: 1, canary: 3 } }) };
  one(
    ['db', 'db#AWSPREVIOUS', 'db#canary'],
    undefined,
    { wishes: [moved('db')], truth },
    `${EDIT}db=2@2 db#AWSPREVIOUS=1@2 db#canary=3@2`,
  );
});

test('times are kept where versions are equal: those of the base first, then those of the own branch', () => {
  const files = { 'x.yaml': es('x', ['api', 'db', 'web'], { token: tok('api=7@1') }) };
  const [user] = indexOf(files).externalSecrets;
  const earlier = new Map<string, Token>([
    [user === undefined ? '' : objectKey(user.object), parseToken(tok('api=7@2 db=2@3 web=8@4')) ?? []],
  ]);
  const truth = { api: described('api', 7, { at: 9 }), db: described('db', 2, { at: 9 }), web: described('web', 9) };
  const ask = { wishes: [moved('db')], truth, earlier };
  check(files, ask, [`${EDIT}api=7@1 db=2@3 web=9@9`]);
});

test('names that are no longer referenced are dropped at the next real bump, not before', () => {
  one(['db'], 'db=2@2 gone=5@1', DB, 'ExternalSecret/x: already-current');
  one(['db'], 'db=1@1 gone=5@1', DB, `${EDIT}db=2@2`);
});

test('an unusual version is written as a digest', () => {
  const known: KnownSecret = {
    kind: 'described',
    name: 'db',
    versions: new Map([['AWSCURRENT', 'x" y\n@=#']]),
    seenAt: t(2),
    deleted: false,
    tags: new Map(),
  };
  const { plan } = planOf({ 'x.yaml': es('x', ['db']) }, { wishes: [moved('db')], truth: { db: known } });
  expect(plan.edits[0]?.after).toMatch(/^db=sha256-[0-9a-f]{16}@/);
});

test('a hostile name is encoded, and read back from the base', () => {
  const name = 'pröd db@#="\n%';
  const hostile = { 'x.yaml': es('x', [], { spec: { dataFrom: [{ extract: { key: name } }] } }) };
  const ask = { wishes: [moved(name)], truth: { [name]: 2 } };
  const { plan } = planOf(hostile, ask);
  expect(lines(plan)).toEqual([`${EDIT}pr%C3%B6d%20db%40%23%3D%22%0A%25=2@2`]);
  check(applied(hostile, plan.edits), ask, ['ExternalSecret/x: already-current']);
});

test('a token over 4 KiB is not written', () => {
  const keys = Array.from({ length: 60 }, (_, at) => `team/service-${at}`);
  const truth = Object.fromEntries(keys.map((key) => [key, 2]));
  one(keys, undefined, { wishes: [moved('team/service-1')], truth }, 'ExternalSecret/x: token-too-long');
  const fits = keys.slice(0, 40);
  expect(planOf({ 'x.yaml': es('x', fits) }, { wishes: [moved('team/service-1')], truth }).plan.edits).toHaveLength(1);
});

// ---------------------------------------------------------------------------------------------------------------------
// What an ARN means

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

test('name, partial ARN and full ARN of one secret have one entry', () => {
  const keys = ['my-secret', `${ARN}my-secret`, `${ARN}my-secret-AbCdEf`];
  const truth = Object.fromEntries(keys.map((key) => [key, described('my-secret', 2)]));
  one(keys, undefined, { wishes: [moved('my-secret')], truth }, `${EDIT}my-secret=2@2`);
});

test('where AWS told that an ARN means another secret, a wish for its namesake does not move it', () => {
  const key = `${ARN}my-secret`;
  const ask = { wishes: [moved('my')], truth: { [key]: described('my-secret', 2) } };
  one([key], undefined, ask, 'ExternalSecret/x: at-baseline');
});

test('where AWS cannot be asked, the entry that is there tells which name was meant', () => {
  const keys = ['db', `${ARN}my-secret`];
  one(
    keys,
    'db=1@1 my-secret=5@1',
    { wishes: [moved('db')], truth: { db: claimed(2) } },
    `${EDIT}db=2@2 my-secret=5@1`,
  );
});

test('where AWS cannot be asked and no entry is there, the event tells which name was meant', () => {
  const key = `${ARN}my-secret`;
  one([key], undefined, { wishes: [moved('my-secret')], truth: { [key]: claimed(2) } }, `${EDIT}my-secret=2@2`);
});

// ---------------------------------------------------------------------------------------------------------------------
// Secrets that cannot be told

const TROUBLES: readonly (readonly [string, KnownSecret | undefined, string])[] = [
  ['not asked', undefined, 'version-unknown'],
  ['absent', { kind: 'absent' }, 'secret-absent'],
  ['denied', { kind: 'denied' }, 'secret-denied'],
  ['deleted', described('api', 7, { deleted: true }), 'secret-deleted'],
];

test.each(TROUBLES)('%s: skipped with the reason', (_, known, code) => {
  const truth = known === undefined ? {} : { api: known };
  one(['api'], undefined, { wishes: [moved('api')], truth }, `ExternalSecret/x: ${code}`);
  one(['api'], 'api=5@1', { wishes: [moved('api')], truth }, `ExternalSecret/x: ${code}`);
});

test.each(TROUBLES)('%s beside a secret that moved: that one is bumped, the entry of this one stays', (_, known) => {
  const truth = known === undefined ? { db: 2 } : { db: 2, api: known };
  one(['api', 'db'], 'api=5@1 db=1@1', { wishes: [moved('db')], truth }, `${EDIT}api=5@1 db=2@2`);
  one(['api', 'db'], undefined, { wishes: [moved('db')], truth }, `${EDIT}db=2@2`);
});

test.each(TROUBLES.slice(1))('%s beside a secret that moved: the reason says that the refresh may fail', (_, known) => {
  const { plan } = planOf(
    { 'x.yaml': es('x', ['api', 'db']) },
    { wishes: [moved('db')], truth: { db: 2, api: known ?? 0 } },
  );
  expect(plan.edits[0]?.reason).toContain('may fail: ');
});

test.each(TROUBLES)('%s beside a secret that moved: the wish for this one is not done', (_, known) => {
  const files = { 'x.yaml': es('x', ['api', 'db'], { token: tok('api=5@1 db=1@1') }) };
  const truth = known === undefined ? { db: 2 } : { db: 2, api: known };
  expect(planOf(files, { wishes: [moved('api'), moved('db')], truth }).verdicts).toEqual(['not-bumped', 'edited']);
});

test('a label that no version carries', () => {
  one(
    ['db#canary'],
    undefined,
    { wishes: [moved('db', { label: 'canary' })], truth: { db: 2 } },
    'ExternalSecret/x: version-unknown',
  );
});

test('labels are own names, not inherited ones', () => {
  one(
    ['db#constructor'],
    undefined,
    { wishes: [moved('db', { label: 'constructor' })], truth: { db: 2 } },
    'ExternalSecret/x: version-unknown',
  );
});

// ---------------------------------------------------------------------------------------------------------------------
// Rejected versions

const AB = { 'x.yaml': es('x', ['a', 'b'], { token: tok('a=1@1 b=1@1') }) };

test('a rejected version is not proposed, the next one is', () => {
  check(AB, { wishes: [moved('a')], truth: { a: 2, b: 1 }, rejected: ['a=2'] }, [
    'ExternalSecret/x: rejected-by-people',
  ]);
  check(AB, { wishes: [moved('a')], truth: { a: 3, b: 1 }, rejected: ['a=2'] }, [`${EDIT}a=3@3 b=1@1`]);
});

test('a rejected version holds the object, and both secrets are shown', () => {
  const ask = { wishes: [moved('b')], truth: { a: 2, b: 2 }, rejected: ['a=2'] };
  const { plan, verdicts } = check(AB, ask, ['ExternalSecret/x: rejected-by-people']);
  expect(short(plan.skips[0]?.reason ?? '')).toBe(
    'A person closed the pull request for a=2. One refresh would fetch it with b=2: both wait.',
  );
  expect(verdicts).toEqual(['rejected-by-people']);
});

test('so it does where it has no entry yet: the refresh would fetch it all the same', () => {
  const files = { 'x.yaml': es('x', ['a', 'b']) };
  check(files, { wishes: [moved('b')], truth: { a: 2, b: 2 }, rejected: ['a=2'] }, [
    'ExternalSecret/x: rejected-by-people',
  ]);
});

test('a rejected version that the base has by now holds nothing', () => {
  check(AB, { wishes: [moved('b')], truth: { a: 1, b: 2 }, rejected: ['a=1', 'b=1'] }, [`${EDIT}a=1@1 b=2@2`]);
});

// ---------------------------------------------------------------------------------------------------------------------
// Event mode

test('a newer event wins, an older or equally old one does not', () => {
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: claimed(2, 4) } }, `${EDIT}db=2@4`);
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: claimed(2, 3) } }, 'ExternalSecret/x: older-event');
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: claimed(2, 2) } }, 'ExternalSecret/x: older-event');
});

test('what a person states counts, however new the entry is', () => {
  const stated: KnownSecret = { kind: 'stated', versions: new Map([['AWSCURRENT', v(2)]]), seenAt: t(3) };
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: stated } }, `${EDIT}db=2@3`);
  one(['db'], 'db=2@3', { wishes: [moved('db')], truth: { db: stated } }, 'ExternalSecret/x: already-current');
  const other = { ...stated, versions: new Map([['canary', v(2)]]) };
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: other } }, 'ExternalSecret/x: version-unknown');
});

test('a replay of the version that is there is current, whatever its time', () => {
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: claimed(1, 2) } }, 'ExternalSecret/x: already-current');
  one(['db'], 'db=1@3', { wishes: [moved('db')], truth: { db: claimed(1, 4) } }, 'ExternalSecret/x: already-current');
});

test('an event that names another label says nothing about this one', () => {
  const truth = { db: claimed(2, 4, 'canary') };
  one(['db', 'db#canary'], undefined, { wishes: [moved('db', { label: 'canary' })], truth }, `${EDIT}db#canary=2@4`);
  one(
    ['db#AWSPREVIOUS'],
    undefined,
    { wishes: [moved('db')], truth: { db: claimed(2) } },
    'ExternalSecret/x: version-unknown',
  );
});

test('a move to a version that nobody can name is bumped once', () => {
  const files = { 'x.yaml': es('x', ['db']) };
  const ask: Ask = { wishes: [moved('db')], truth: { db: { kind: 'unnamed', seenAt: t(2) } } };
  const { plan } = planOf(files, ask);
  expect(plan.edits[0]?.after).toMatch(/^db=sha256-[0-9a-f]{16}@2026-01-02T00:00:00Z$/);
  const written = applied(files, plan.edits);
  expect(written['x.yaml']).toContain(`${FORCE_SYNC}: "db=sha256-`);
  check(written, ask, ['ExternalSecret/x: version-unknown']);
  check(written, { wishes: [moved('db')], truth: { db: 2 } }, [`${EDIT}db=2@2`]);
});
