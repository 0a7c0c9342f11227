import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { BranchStatus } from '../../../src/plan/report/branch-status.ts';
import { readOnly } from '../../../src/service/report/look/read-only.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import { deployment, externalSecret, version } from '../manifests.ts';
import { BOT, MAIN, type World } from '../memory-world.ts';
import { createLookWorld, HOW, NEVER, rotate, SETTLED, statusOf } from './look-world.ts';

function inShort({ ownBranches, restarts, rejected }: BranchStatus): readonly string[] {
  return [
    ...ownBranches.map(
      ({ stage, tip, standing, pullRequest }) => `${stage} ${tip} ${standing.kind} #${pullRequest?.number ?? '-'}`,
    ),
    ...restarts.map(({ name, standing }) => `${name} ${standing.kind} ${standing.until ?? '-'}`),
    ...rejected.map(({ name, pullRequest }) => `rejected ${name.split('=')[0]} #${pullRequest.number}`),
  ];
}

const look = async (world: World) => inShort(await statusOf(world));

test('the life of a rotation', async () => {
  const world = createLookWorld();
  const process = world.start();
  expect(await look(world)).toEqual([]);
  await rotate(world, 2);
  expect(await statusOf(world)).toMatchObject({
    name: 'platform@main',
    head: world.workspace.tip(MAIN),
    paused: null,
    troubles: [],
    ownBranches: [
      {
        branch: expect.stringMatching(/^gitops-reloader\/acme\/a-[0-9a-f]{8}\/refresh$/) as string,
        stage: 'refresh',
        tip: 'ours',
        author: BOT.name,
        group: 'a',
        rotations: [`a=${version(2)}`],
        restarts: [],
        pullRequest: { number: 1, state: 'open', url: 'https://forge.invalid/pull/1', names: [`a=${version(2)}`] },
        standing: { kind: 'open' },
      },
    ],
  });
  await world.merge(1, 'keep');
  expect(await look(world)).toEqual(['refresh ours nothing-left #1', 'api settling 2026-03-02T09:26:00Z']);
  await process.sweep();
  await world.time.pass(SETTLED);
  expect(await look(world)).toEqual(['api due -']);
  await process.sweep();
  expect(await look(world)).toEqual(['restart ours open #2', 'api proposed -']);
  await world.merge(2, 'keep');
  expect(await look(world)).toEqual(['restart ours nothing-left #2']);
  await process.sweep();
  expect(await look(world)).toEqual([]);
});

test('what people rejected, of both stages', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.forge.closeAs(1, 'person');
  expect(await look(world)).toEqual(['refresh ours rejected #1', 'rejected a #1']);
  await world.forge.reopen(1);
  await world.merge(1, 'delete');
  await world.start().sweep();
  await world.time.pass(SETTLED);
  await world.start().sweep();
  await world.forge.closeAs(2, 'person');
  expect(await look(world)).toEqual([
    'restart ours rejected #2',
    'api rejected -',
    'rejected api.yaml:Deployment/app/api db #2',
  ]);
});

test('what bots close, what others push on, and what is not shown yet', async () => {
  const world = createLookWorld({ files: { 'other.yaml': externalSecret('other', ['b']) } });
  world.rotate('b', version(1));
  await rotate(world, 2);
  await world.forge.closeAs(1, 'bot');
  expect(await look(world)).toEqual(['refresh ours to-be-opened #1']);
  await world.start().sweep();
  await world.forge.closeAs(2, 'bot');
  expect(await look(world)).toEqual(['refresh ours left-closed #2']);
  const [own] = (await statusOf(world)).ownBranches;
  const person = { name: 'Ada', email: 'ada@example.com' };
  world.workspace.commitTo(`refs/heads/${own?.branch ?? ''}`, new Map([['x', 'y']]), 'Mine', person);
  expect((await statusOf(world)).ownBranches).toMatchObject([
    {
      tip: 'shared',
      author: 'Ada',
      standing: { kind: 'left-closed' },
    },
  ]);
});

test('a branch whose secrets meet others now, and one whose objects are gone', async () => {
  const world = createLookWorld({ files: { 'other.yaml': externalSecret('other', ['b']) } });
  for (const number of [1, 2]) world.rotate('b', version(number));
  world.tell('b', version(2));
  await world.drain();
  world.workspace.commitTo(MAIN, new Map([['both.yaml', externalSecret('both', ['a', 'b'])]]), 'Join them');
  expect(await look(world)).toEqual(['refresh ours regrouped #1']);
  world.workspace.commitTo(
    MAIN,
    new Map([
      ['both.yaml', null],
      ['other.yaml', null],
    ]),
    'Remove them',
  );
  expect(await look(world)).toEqual(['refresh ours nothing-left #1']);
});

test('other branches are no business of ours', async () => {
  const world = createLookWorld();
  world.workspace.moveRef('refs/heads/gitops-reloader/other/x-12345678/refresh', world.workspace.tip(MAIN));
  world.workspace.moveRef('refs/heads/feature', world.workspace.tip(MAIN));
  expect(await look(world)).toEqual([]);
});

test('what is never bumped, by code, the commonest first', async () => {
  const files = {
    'once.yaml': externalSecret('once', ['a'], '  refreshPolicy: CreatedOnce\n'),
    'twice.yaml': externalSecret('twice', ['b'], '  refreshPolicy: CreatedOnce\n'),
    'open.yaml': externalSecret('open', ['"${NAME}"']),
    'broken.yaml': 'spec: {secretStoreRef: [\n',
    'foreign.yaml': deployment('foreign', 'db').replace(
      '  namespace: app\n',
      '  namespace: app\n  annotations: {gitops-reloader.dev/restart-due: mine}\n',
    ),
  };
  const { leftAlone } = await statusOf(createLookWorld({ files }));
  expect(leftAlone.map(({ code, objects }) => `${code}: ${objects.map(({ path }) => path).join(' ')}`)).toEqual([
    'created-once: once.yaml twice.yaml',
    'not-editable: foreign.yaml',
    'templated-reference: open.yaml',
    'unreadable-file: broken.yaml',
  ]);
});

test('a host that is down does not hide the others, and a forge that is down hides no branch', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  const { served } = world.start();
  let asked = 0;
  const list = () => {
    asked += 1;
    return down('forge-unreachable');
  };
  const [git, forge, well] = await readStatus(
    [
      { ...served, name: 'a@main', workspace: { ...served.workspace, refs: () => down('git-unreachable') } },
      { ...served, name: 'b@main', forge: { ...served.forge, list } },
      served,
    ],
    HOW,
  );
  expect(git).toMatchObject({ head: null, troubles: [{ subject: 'repository a@main', code: 'git-unreachable' }] });
  expect(forge).toMatchObject({
    troubles: [{ subject: 'pull requests of b@main', code: 'forge-unreachable', hint: 'Wait.' }],
    ownBranches: [{ pullRequest: null, standing: { kind: 'unknown' } }],
  });
  expect(asked).toBe(1);
  expect(well).toMatchObject({ troubles: [], ownBranches: [{ standing: { kind: 'open' } }] });
});

test('a base branch that is missing, and one that is paused', async () => {
  const world = createLookWorld();
  world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/config.yaml', 'paused: maybe\n']]), 'Stop');
  expect((await statusOf(world)).paused?.reason).toContain('counts as paused');
  world.workspace.moveRef(MAIN, null);
  expect(await statusOf(world)).toMatchObject({ head: null, troubles: [{ code: 'git-missing' }] });
});

test('a report cannot write, by whatever way', async () => {
  const { workspace, forge } = readOnly(createLookWorld().start().served);
  const [ref = { name: MAIN, oid: '' }] = await workspace.refs([MAIN], NEVER);
  await expect(workspace.publish({ ref: MAIN, expected: ref.oid, to: null }, NEVER)).rejects.toThrow('never writes');
  await expect(forge.close(1, 'x', NEVER)).rejects.toThrow('never writes');
});

test('a bug of ours is no trouble of a host', async () => {
  const { served } = createLookWorld().start();
  const broken = { ...served, workspace: { ...served.workspace, refs: () => Promise.reject(new TypeError('x')) } };
  await expect(readStatus([broken], HOW)).rejects.toThrow(TypeError);
});

function down(code: 'git-unreachable' | 'forge-unreachable'): Promise<never> {
  return Promise.reject(new Failure('it is down', { code, retry: 'later', hint: 'Wait.' }));
}
