import { expect, test } from 'vitest';
import { formatToken, tokenTime } from '../../../src/domain/token.ts';
import { runLua } from './run-lua.ts';
import { answerOf, argoPatch, type Checked, fluxKustomizations, luaOf } from './shipped-checks.ts';

const VERSION = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const TIME = '2024-10-23T12:26:46Z';
const BEFORE = '2024-10-23T12:26:45Z';
const AFTER = '2024-10-23T12:26:47Z';
const READY = [{ type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' }];

interface Made {
  /** The value of `force-sync`; null for no annotations at all. */
  readonly token: string | null;
  readonly refreshTime?: string;
  readonly conditions?: readonly object[];
}

function object({ token: value, refreshTime, conditions = READY }: Made): Checked {
  return {
    metadata: value === null ? {} : { annotations: { 'force-sync': value, other: 'x' } },
    spec: { refreshInterval: '1h0m0s' },
    status: { conditions, ...(refreshTime === undefined ? {} : { refreshTime }), syncedResourceVersion: '1-abc' },
  };
}

/** A token of entries `<name>` seen at a time; names are written as the service writes them. */
function token(...entries: readonly (readonly [string, string])[]): string {
  const at = { account: null, region: null, label: null, version: VERSION };
  return formatToken(entries.map(([name, time]) => ({ ...at, name, time })));
}

const ONE = token(['prod/db', TIME]);

test.each([
  ['refreshed after', { token: ONE, refreshTime: AFTER }, 'Healthy'],
  [
    'refreshed in the very second: both ends are rounded to the safe side',
    { token: ONE, refreshTime: TIME },
    'Healthy',
  ],
  ['refreshed before', { token: ONE, refreshTime: BEFORE }, 'Progressing'],
  ['never refreshed', { token: ONE }, 'Progressing'],
  ['no time that can be read', { token: ONE, refreshTime: '2024-10-23T12:26:4XZ' }, 'Progressing'],
  ['a fraction after', { token: ONE, refreshTime: '2024-10-23T12:26:46.000001Z' }, 'Healthy'],
  ['a fraction before', { token: ONE, refreshTime: '2024-10-23T12:26:45.999999Z' }, 'Progressing'],
  [
    'years, leap days and months',
    { token: token(['a', '2024-02-29T23:59:59Z']), refreshTime: '2024-03-01T00:00:00Z' },
    'Healthy',
  ],
  [
    'the end of a year',
    { token: token(['a', '2025-01-01T00:00:00Z']), refreshTime: '2024-12-31T23:59:59Z' },
    'Progressing',
  ],
] as const)('a token of one secret: %s', (_, made, status) => {
  expect(answerOf(object(made)).status).toBe(status);
});

test.each([
  ['False', 'Degraded'],
  ['True', 'Healthy'],
  ['Unknown', 'Progressing'],
])('Ready %s', (status, health) => {
  const conditions = [
    { type: 'Deleted', status: 'True' },
    { type: 'Ready', status, message: 'why' },
  ];
  expect(answerOf(object({ token: ONE, refreshTime: AFTER, conditions }))).toMatchObject({ status: health });
  expect(answerOf(object({ token: null, conditions })).status).toBe(health);
});

test('what has no status yet is waited for', () => {
  expect(answerOf(object({ token: ONE, refreshTime: AFTER, conditions: [] })).status).toBe('Progressing');
  expect(answerOf({ metadata: { annotations: { 'force-sync': ONE } }, status: {} }).status).toBe('Progressing');
  expect(answerOf({ metadata: { annotations: { 'force-sync': ONE } } }).status).toBe('Progressing');
  expect(answerOf({ metadata: {}, status: {} }).status).toBe('Progressing');
});

test('a failure that stands since the refresh before is a failure', () => {
  const conditions = [{ type: 'Ready', status: 'False', message: 'could not get secret data from provider' }];
  const failed = answerOf(object({ token: ONE, refreshTime: BEFORE, conditions }));
  expect(failed).toEqual({ status: 'Degraded', message: 'could not get secret data from provider' });
});

test('of several entries the newest decides, wherever it stands', () => {
  const several = (middle: string) => token(['a/1', BEFORE], ['b', middle], ['c#x', BEFORE]);
  expect(answerOf(object({ token: several(TIME), refreshTime: TIME })).status).toBe('Healthy');
  expect(answerOf(object({ token: several(TIME), refreshTime: BEFORE })).status).toBe('Progressing');
  const first = token(['a', AFTER], ['b', BEFORE], ['c', BEFORE]);
  expect(answerOf(object({ token: first, refreshTime: TIME })).status).toBe('Progressing');
  expect(answerOf(object({ token: first, refreshTime: AFTER })).status).toBe('Healthy');
});

test.each([
  ['a find', `find#0123456789abcdef=${VERSION}@${TIME}`],
  ['another label', `prod/db#AWSPREVIOUS=${VERSION}@${TIME}`],
  ['tags', `prod/db#tags=sha256-0123456789abcdef@${TIME}`],
  ['another place', `444455556666:us-east-1:prod/db=${VERSION}@${TIME}`],
  ['a parameter', `ssm:444455556666:us-east-1:/prod/db=${VERSION}@${TIME}`],
  ['every character of a name', token(['a/_+.!-Z9 @=:#%\u{1F511}é', TIME])],
])('every key is a key: %s', (_, value) => {
  expect(answerOf(object({ token: value, refreshTime: BEFORE })).status).toBe('Progressing');
  expect(answerOf(object({ token: value, refreshTime: TIME })).status).toBe('Healthy');
});

test.each([
  ['nothing', ''],
  ['a number', '1'],
  ['unix seconds', '1729686406'],
  ["Argo CD's refresh button", '2030-10-23T12:26:46Z'],
  ['a date alone', 'x=y@2030-10-23'],
  ['a month that is none', `a=${VERSION}@2030-13-01T00:00:00Z`],
  ['an hour that is none', `a=${VERSION}@2030-12-01T24:00:00Z`],
  ['a fraction', `a=${VERSION}@2030-12-01T00:00:00.5Z`],
  ['two spaces', `a=${VERSION}@2030-12-01T00:00:00Z  b=${VERSION}@2030-12-01T00:00:00Z`],
  ['a space at the end', `a=${VERSION}@2030-12-01T00:00:00Z `],
  ['one entry of ours among others', `a=${VERSION}@2030-12-01T00:00:00Z by hand`],
  ['a line of its own', `a=${VERSION}@2030-12-01T00:00:00Z\nx`],
  ['control characters', `a\u0000\u001b[2J=${VERSION}@2030-12-01T00:00:00Z`],
  ['patterns of both languages', '%a+[^(*.)]$ ^('],
  ['quotes', `"';return{status="Healthy"}--]]`],
  [
    'a token that is too long to be one',
    Array.from({ length: 90 }, (_, at) => `a${at}=${VERSION}@2030-12-01T00:00:00Z`).join(' '),
  ],
  ['very much', `${'9'.repeat(70_000)} ${'='.repeat(70_000)}`],
])('a value that somebody else wrote never blocks: %s', (_, value) => {
  expect(answerOf(object({ token: value, refreshTime: BEFORE }))).toEqual({
    status: 'Healthy',
    message: 'secret synced',
  });
  expect(answerOf(object({ token: value })).status).toBe('Healthy');
});

test('annotations without ours count as none', () => {
  expect(answerOf({ ...object({ token: null }), metadata: { annotations: { other: ONE } } }).status).toBe('Healthy');
});

test('a clock behind: waits, as long as the tolerance is not raised to what it is behind', () => {
  const late = { token: ONE, refreshTime: '2024-10-23T12:26:16Z' };
  expect(answerOf(object(late)).status).toBe('Progressing');
  expect(answerOf(object(late), 29).status).toBe('Progressing');
  expect(answerOf(object(late), 30).status).toBe('Healthy');
  expect(answerOf(object({ token: ONE, refreshTime: '2024-10-23T12:26:15.999Z' }), 30).status).toBe('Progressing');
  expect(
    answerOf(object({ token: token(['a', '2024-03-01T00:00:10Z']), refreshTime: '2024-02-29T23:59:50Z' }), 20).status,
  ).toBe('Healthy');
});

test('the roundings: what began before the time that the token was made of never counts', () => {
  // metav1.Time is cut to the second; a token's time is AWS's whole second and one more.
  for (const seen of [0, 1, 999]) {
    const date = Date.parse(TIME) + seen;
    const header = Math.floor(date / 1000) * 1000 + 1000;
    const value = token(['a', tokenTime(header)]);
    for (let began = date - 2500; began <= date + 2500; began += 500) {
      const refreshTime = new Date(Math.floor(began / 1000) * 1000).toISOString().replace('.000Z', 'Z');
      const { status } = answerOf(object({ token: value, refreshTime }));
      if (began <= date) expect([seen, began - date, status]).toEqual([seen, began - date, 'Progressing']);
      if (began >= date + 1000) expect([seen, began - date, status]).toEqual([seen, began - date, 'Healthy']);
    }
  }
});

test('without the string library Argo CD is told what to set, and nothing else is blocked', () => {
  const script = luaOf('ExternalSecret');
  const waiting = runLua(script, object({ token: ONE, refreshTime: AFTER }), 'closed');
  expect(waiting.status).toBe('Progressing');
  expect(waiting.message).toContain('useOpenLibs.external-secrets.io_ExternalSecret');
  expect(Object.keys(argoPatch.data)).toContain(
    'resource.customizations.useOpenLibs.external-secrets.io_ExternalSecret',
  );
  for (const value of [null, '1', '1729686406']) {
    expect(runLua(script, object({ token: value }), 'closed').status).toBe('Healthy');
  }
  const failed = object({ token: ONE, conditions: [{ type: 'Ready', status: 'False', message: 'no' }] });
  expect(runLua(script, failed, 'closed')).toEqual({ status: 'Degraded', message: 'no' });
});

test('the scripts use nothing that Lua 5.1 lacks', () => {
  for (const kind of ['ExternalSecret', 'ClusterExternalSecret']) {
    const code = luaOf(kind)
      .replaceAll(/--.*$/gm, '')
      .replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
    expect(code).not.toMatch(
      /\/\/|[&|~](?!=)|<<|>>|\bgoto\b|\butf8\b|string\.(?:pack|unpack)|table\.(?:pack|unpack|move)|\bos\.|\bio\./,
    );
    expect(code).not.toBe('');
  }
});

test('the ConfigMap is a patch of argocd-cm, with texts alone', () => {
  expect([argoPatch.kind, argoPatch.metadata]).toEqual(['ConfigMap', { name: 'argocd-cm' }]);
  for (const value of Object.values(argoPatch.data)) expect(value).toEqual(expect.any(String));
});

test('the Kustomizations wait: checks in the first, and the second depends on it from one source', () => {
  const [secrets, apps] = fluxKustomizations;
  expect(fluxKustomizations).toHaveLength(2);
  expect(secrets?.spec.wait).toBe(true);
  expect(apps?.spec.dependsOn).toEqual([{ name: secrets?.metadata.name }]);
  expect(apps?.spec.sourceRef).toEqual(secrets?.spec.sourceRef);
});
