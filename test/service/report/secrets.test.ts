import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { BranchStatus } from '../../../src/plan/report/branch-status.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import { secretsTable } from '../../../src/words/secrets-table.ts';
import { finder } from '../found-world.ts';
import { ACCOUNT, deployment, externalSecret, REGION, STORE, version } from '../manifests.ts';
import { createWorld, MAIN, secretId, type World } from '../memory-world.ts';
import { BASELINE_BRANCH, openBaseline, reconcile } from '../reconcile/reconcile-world.ts';
import { branchExplanation, createLookWorld, explanationOf, HOW, rotate, SETTLED, statusOf } from './look-world.ts';

/** `secret state #pull: next` of every secret. */
function inShort({ secrets }: BranchStatus): readonly string[] {
  return secrets.map(
    ({ name, state, pullRequest, next }) =>
      `${name} ${state}${pullRequest === null ? '' : ` #${pullRequest.number}`}: ${next}`,
  );
}

const look = async (world: World) => inShort(await statusOf(world));

test('the life of a rotation in one word each, and explain says the same', async () => {
  const world = createLookWorld();
  const process = world.start();
  const states: string[] = [];
  const note = async () => {
    await explanationOf(world);
    states.push(...(await look(world)));
  };
  await note();
  await rotate(world, 2);
  await note();
  await world.merge(1, 'delete');
  await note();
  await process.sweep();
  await world.time.pass(SETTLED);
  await note();
  await process.sweep();
  await note();
  await world.merge(2, 'delete');
  await note();
  world.rotate('a', version(3));
  await note();
  expect(states).toEqual([
    'a no-baseline: record its baseline',
    'a proposed #1: merge #1',
    'a restart: settles until 2026-03-02T09:26:00Z',
    'a restart: the sweep proposes the restart',
    'a restart #2: merge #2, which restarts',
    'a current: nothing',
    'a behind: an event or reconcile proposes it',
  ]);
  expect((await statusOf(world)).behind).toEqual([
    { path: 'db.yaml', kind: 'ExternalSecret', namespace: 'app', name: 'db', lacks: `a=${version(3)}`, branch: null },
  ]);
});

test('what people rejected, though its branch is gone', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.merge(1, 'delete');
  await rotate(world, 3);
  await world.forge.closeAs(2, 'person');
  expect(await look(world)).toEqual(['a rejected #2: a new version, or reopen #2']);
  world.workspace.moveRef(`refs/heads/${(await statusOf(world)).ownBranches[0]?.branch ?? ''}`, null);
  await explanationOf(world);
  const status = await statusOf(world);
  expect(inShort(status)).toEqual(['a rejected #2: a new version, or reopen #2']);
  expect(status.ownBranches).toEqual([]);
  expect(status.rejected).toMatchObject([{ name: `a=${version(3)}`, pullRequest: { number: 2 } }]);
});

test('a rotation that was taken back, where a version stood before', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.merge(1, 'delete');
  const [db, api] = ['db.yaml', 'api.yaml'].map((path) => world.workspace.fileAt(MAIN, path));
  await rotate(world, 3);
  await world.merge(2, 'delete');
  world.workspace.commitTo(
    MAIN,
    new Map([
      ['db.yaml', db ?? null],
      ['api.yaml', api ?? null],
    ]),
    'Revert it',
  );
  const status = await statusOf(world);
  expect(inShort(status)).toEqual(['a reverted #2: a new version, or retry on #2']);
  expect(status.reverted).toMatchObject([{ name: `a=${version(3)}`, pullRequest: { number: 2 } }]);
  const { objects } = await explanationOf(world);
  expect(objects[0]?.stages[0]).toMatchObject({ stage: 'refresh', kind: 'held' });
});

test("in other hands, left closed by bots, and what can't be had", async () => {
  const world = createLookWorld({
    files: { 'b.yaml': externalSecret('b', ['b']), 'c.yaml': externalSecret('c', ['c']) },
  });
  world.rotate('b', version(1));
  world.secrets.set({ secret: secretId('b'), versions: new Map([['AWSCURRENT', version(1)]]), deleted: true });
  await rotate(world, 2);
  const [pull] = await world.open();
  const ada = { name: 'Ada', email: 'ada@example.com' };
  const ref = `refs/heads/${pull?.branch ?? ''}`;
  world.workspace.commitTo(ref, new Map([['db.yaml', externalSecret('db', ['a'])]]), 'Mine', ada);
  world.rotate('a', version(3));
  for (const id of ['a', 'b', 'c']) await explanationOf(world, id);
  const states = await look(world);
  expect(states.slice(1)).toEqual(['b deleted: restore it in AWS', 'c absent: make it in AWS, or mend the key']);
  expect(states[0]).toMatch(/^a (blocked|proposed) #1/);
});

test('objects of one secret that have other versions are told apart', async () => {
  const world = createLookWorld({
    files: { 'once.yaml': externalSecret('once', ['a'], '  refreshPolicy: CreatedOnce\n') },
  });
  await rotate(world, 2);
  await world.merge(1, 'delete');
  const status = await statusOf(world);
  expect(status.secrets).toMatchObject([
    {
      name: 'a',
      service: 'secretsmanager',
      account: ACCOUNT,
      region: REGION,
      inAws: [{ label: 'AWSCURRENT', version: version(2) }],
      state: 'restart',
      versions: [
        {
          inGit: [{ label: 'AWSCURRENT', version: version(2), baseline: null }],
          state: 'restart',
          objects: [{ name: 'db' }],
        },
        { inGit: [{ label: 'AWSCURRENT', version: null, baseline: null }], state: 'no-effect', next: 'created-once' },
      ],
    },
  ]);
  expect(secretsTable([status]).split('\n').slice(1, 4)).toEqual([
    'SECRET        IN GIT    IN AWS    STATE      NEXT',
    `a [app/db]    ${version(2).slice(0, 8)}  ${version(2).slice(0, 8)}  restart    settles until 2026-03-02T09:26:00Z`,
    `a [app/once]  none      ${version(2).slice(0, 8)}  no-effect  created-once`,
  ]);
});

test('the baseline: missing, proposed with its URL, recorded, and then behind it', async () => {
  const world = createLookWorld();
  const baseline = async () => {
    const { withoutBaseline } = await statusOf(world);
    return `${withoutBaseline.objects} ${withoutBaseline.kind} ${withoutBaseline.pullRequest}`;
  };
  expect(await baseline()).toBe('1 missing null');
  await reconcile(world);
  const open = await openBaseline(world);
  expect(open?.branch).toBe(BASELINE_BRANCH);
  expect(await baseline()).toBe(`1 proposed https://forge.invalid/pull/${open?.number}`);
  await world.forge.closeAs(open?.number ?? 0, 'person');
  expect(await baseline()).toBe(`1 rejected https://forge.invalid/pull/${open?.number}`);
  await world.forge.reopen(open?.number ?? 0);
  await world.merge(open?.number ?? 0, 'delete');
  expect(await baseline()).toBe('0 complete null');
  expect(await look(world)).toEqual(['a current: nothing']);
  const { objects, next } = await explanationOf(world);
  expect(objects[0]?.entries[0]?.baseline).toMatchObject({ version: version(1) });
  expect([next.kind, next.sentence]).toEqual(['baseline', expect.stringContaining('its baseline is recorded')]);
  world.rotate('a', version(2));
  expect(await look(world)).toEqual(['a behind: an event or reconcile proposes it']);
});

test('without AWS: nothing is asked, and what that hides is said', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.merge(1, 'delete');
  world.rotate('a', version(3));
  const { served } = world.start();
  let asked = 0;
  const ask = () => {
    asked += 1;
    return Promise.reject(new TypeError('it was asked'));
  };
  const quiet = { ...served, secretVersions: { describe: ask, list: ask, listParameters: ask } };
  const [status] = await readStatus([quiet], HOW, 'leave');
  expect(asked).toBe(0);
  expect(status).toMatchObject({ behind: [], withoutBaseline: { objects: null, kind: 'missing' } });
  expect(status?.notLooked).toContain('which versions are current in AWS');
});

test('what is as it should be costs one list and nothing else', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`s${at}.yaml`, externalSecret(`s${at}`, [`s${at}`])]),
  );
  const world = createWorld({ files: { 'store.yaml': STORE, ...files } });
  for (let at = 0; at < 30; at += 1) world.rotate(`s${at}`, version(1));
  const { served } = world.start();
  const calls: string[] = [];
  const counted = {
    ...served,
    secretVersions: {
      describe: (...args: Parameters<typeof world.secrets.describe>) => {
        calls.push('describe');
        return world.secrets.describe(...args);
      },
      list: (...args: Parameters<typeof world.secrets.list>) => {
        calls.push('list');
        return world.secrets.list(...args);
      },
      listParameters: (...args: Parameters<typeof world.secrets.listParameters>) =>
        world.secrets.listParameters(...args),
    },
    forge: {
      ...served.forge,
      list: (...args: Parameters<typeof served.forge.list>) => {
        calls.push('pulls');
        return served.forge.list(...args);
      },
    },
  };
  const [status] = await readStatus([counted], HOW);
  expect(status?.secrets).toHaveLength(30);
  expect(calls).toEqual(['list', 'pulls']);
});

test.each(['a failure', 'no answer in time'])(
  'AWS: %s hides nothing else, and nothing is concluded from it',
  async (what) => {
    const world = createLookWorld();
    await rotate(world, 2);
    await world.merge(1, 'delete');
    const { served } = world.start();
    const stop = new AbortController();
    const fail = () => {
      if (what !== 'a failure') stop.abort();
      return Promise.reject(new Failure('it is down', { code: 'aws-unreachable', retry: 'later', hint: 'Wait.' }));
    };
    const broken = { ...served, secretVersions: { describe: fail, list: fail, listParameters: fail } };
    const [status] = await readStatus([broken], { ...HOW, signal: stop.signal });
    expect(status?.troubles[0]).toMatchObject({ code: 'aws-unreachable' });
    expect(status).toMatchObject({
      secrets: [{ name: 'a', state: 'restart', inAws: [] }],
      withoutBaseline: { objects: null },
      restarts: [{ name: 'api' }],
    });
  },
);

test('parameters and finds are lines of their own, and what may not be listed is asked for one by one', async () => {
  const parameters = STORE.replace('name: aws', 'name: params').replace('SecretsManager', 'ParameterStore');
  const files = {
    'store.yaml': STORE,
    'params.yaml': parameters,
    'find.yaml': finder('find', '{name: {regexp: "^team/"}}'),
    'p.yaml': externalSecret('p', ['/prod/url']).replace('name: aws', 'name: params'),
  };
  const world = createWorld({ files });
  world.rotate('team/a', version(1));
  world.secrets.set({
    secret: { ...secretId('/prod/url'), service: 'ssm', suffix: null },
    versions: new Map([['AWSCURRENT', version(4)]]),
    deleted: false,
  });
  const told = async () =>
    (await statusOf(world)).secrets.map(({ service, name, state }) => `${service} ${name} ${state}`);
  const listed = await told();
  expect(listed).toEqual([expect.stringMatching(/^find \S+ no-baseline$/), 'ssm /prod/url no-baseline']);
  world.secrets.denyList();
  expect(await told()).toEqual([expect.stringMatching(/^find /), 'ssm /prod/url no-baseline']);
  await explanationOf(world, '/prod/url');
});

test('a copy in another Region: whose, and whether it is in sync', async () => {
  const accounts = [{ id: ACCOUNT, regions: [REGION, 'us-east-1'] }];
  const world = createLookWorld({ accounts });
  world.secrets.replicate(secretId('a'), [{ region: 'us-east-1', status: 'InProgress' }]);
  const { explanation } = await branchExplanation(world);
  expect(explanation?.aws).toMatchObject({
    replication: { primaryRegion: REGION, status: null, replicas: [{ region: 'us-east-1', status: 'InProgress' }] },
  });
});

test('a secret that is a copy: of which Region, and what its primary says of it', async () => {
  const accounts = [{ id: ACCOUNT, regions: [REGION, 'us-east-1'] }];
  const east = STORE.replace('name: aws', 'name: east').replace(REGION, 'us-east-1');
  const files = {
    'store.yaml': STORE,
    'east.yaml': east,
    'e.yaml': externalSecret('e', ['x']).replace('name: aws', 'name: east'),
  };
  const world = createWorld({ files, accounts });
  world.rotate('x', version(1));
  world.secrets.replicate(secretId('x'), [{ region: 'us-east-1', status: 'Failed' }]);
  const { explanation } = await branchExplanation(world, 'x');
  expect(explanation?.aws).toMatchObject({ replication: { primaryRegion: REGION, status: 'Failed', replicas: [] } });
});

test('each stage of an object, and what has to happen for it', async () => {
  const world = createLookWorld({ files: { 'two.yaml': deployment('two', 'db') } });
  const stages = async () => {
    const { objects } = await explanationOf(world);
    return objects[0]?.stages.map(({ stage, kind }) => `${stage} ${kind}`).join(', ');
  };
  expect(await stages()).toBe('refresh done, evidence none, restart none');
  await rotate(world, 2);
  expect(await stages()).toBe('refresh next, evidence later, restart later');
  expect((await explanationOf(world)).objects[0]?.stages[1]?.sentence).toContain('360 s after the merge');
  await world.merge(1, 'delete');
  expect(await stages()).toBe('refresh done, evidence next, restart later');
  await world.start().sweep();
  await world.time.pass(SETTLED);
  expect(await stages()).toBe('refresh done, evidence done, restart next');
  await world.start().sweep();
  await world.merge(2, 'delete');
  expect(await stages()).toBe('refresh done, evidence done, restart done');
});
