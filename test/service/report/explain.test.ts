import { expect, test } from 'vitest';
import { Failure, type FailureCode } from '../../../src/domain/failure.ts';
import type { Forge } from '../../../src/ports.ts';
import { textReader } from '../../../src/service/propose/draft/draft-edits.ts';
import { readIndex } from '../../../src/service/reading/read-index.ts';
import { explainCheckout, explainSecret } from '../../../src/service/report/explain.ts';
import { ACCOUNT, deployment, externalSecret, REGION, STORE, version } from '../manifests.ts';
import { MAIN, secretId, type World } from '../memory-world.ts';
import {
  branchExplanation,
  createLookWorld,
  explanationOf,
  HOW,
  inShort,
  NEVER,
  rotate,
  SETTLED,
} from './look-world.ts';

test('the life of a rotation, looked at in each step', async () => {
  const world = createLookWorld();
  const process = world.start();
  const look = async () => inShort(await explanationOf(world));
  expect(await look()).toEqual(['db baseline, api not-announced', 'branch none, pulls ', 'next baseline']);
  await rotate(world, 2);
  expect(await look()).toEqual(['db proposed, api not-announced', 'branch open, pulls #1 open', 'next merge-refresh']);
  await world.merge(1, 'delete');
  expect(await look()).toEqual(['db current, api settling', 'branch none, pulls #1 merged', 'next settling']);
  await process.sweep();
  await world.time.pass(SETTLED);
  expect(await look()).toEqual(['db current, api due', 'branch none, pulls #1 merged', 'next restart-due']);
  await process.sweep();
  expect(await look()).toEqual(['db current, api proposed', 'branch none, pulls #1 merged', 'next merge-restart']);
  await world.merge(2, 'delete');
  expect(await look()).toEqual(['db current, api done', 'branch none, pulls #1 merged', 'next nothing']);
  world.rotate('a', version(3));
  expect(await look()).toEqual(['db behind, api done', 'branch none, pulls #1 merged', 'next wait-for-event']);
});

test('what each object is at: in Git, on the branch and in AWS', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.merge(1, 'delete');
  await rotate(world, 3);
  const [db] = (await explanationOf(world)).objects;
  expect(db).toMatchObject({
    path: 'db.yaml',
    line: 2,
    kind: 'ExternalSecret',
    namespace: 'app',
    chain: ['secret a', 'ClusterSecretStore/aws (store.yaml)', 'ExternalSecret/db', 'Secret/db'],
    references: [{ field: 'spec.data[0].remoteRef', line: 17, follows: 'AWSCURRENT' }],
    entries: [
      {
        label: 'AWSCURRENT',
        inGit: { version: version(2), time: '2026-03-02T09:20:00Z' },
        onBranch: version(3),
        inAws: version(3),
        isEqual: false,
      },
    ],
  });
});

test('a person closes it: rejected, with the version and the pull request', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  await world.forge.closeAs(1, 'person');
  const explained = await explanationOf(world);
  expect(inShort(explained)).toEqual([
    'db rejected-by-people, api not-announced',
    'branch rejected, pulls #1 closed-by-person',
    'next rejected',
  ]);
  expect(explained.proposal?.rejected).toMatchObject([{ version: version(2), pullRequest: { number: 1 } }]);
  expect(explained.next.sentence).toContain('reopen that pull request');
  await world.forge.reopen(1);
  expect(inShort(await explanationOf(world)).at(-1)).toBe('next merge-refresh');
});

test('a bot closes it: the sweep opens one more, and then it is left closed', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  const process = world.start();
  await world.forge.closeAs(1, 'bot');
  expect(inShort(await explanationOf(world)).at(-1)).toBe('next open-refresh');
  await process.sweep();
  await world.forge.closeAs(2, 'bot');
  expect(inShort(await explanationOf(world)).slice(1)).toEqual([
    'branch left-closed, pulls #2 closed-by-bot #1 closed-by-bot',
    'next left-closed',
  ]);
});

test("a person's commit on the branch", async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  const [pull] = await world.open();
  const files = new Map([['README.md', '# Mine\n']]);
  world.workspace.commitTo(`refs/heads/${pull?.branch ?? ''}`, files, 'Mine', {
    name: 'Ada',
    email: 'ada@example.com',
  });
  const explained = await explanationOf(world);
  expect(explained.proposal).toMatchObject({ tip: 'shared', author: 'Ada', standing: { kind: 'open' } });
});

test('a restart that people closed, and one that they took back', async () => {
  const world = createLookWorld();
  const process = world.start();
  const before = world.workspace.fileAt(MAIN, 'api.yaml');
  await rotate(world, 2);
  await world.merge(1, 'delete');
  const announced = world.workspace.fileAt(MAIN, 'api.yaml');
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  await world.forge.closeAs(2, 'person');
  const closed = await explanationOf(world);
  expect(closed.objects[0]?.workloads[0]?.restart).toMatchObject({ kind: 'rejected', pullRequest: { number: 2 } });
  expect(closed.next.kind).toBe('restart-held');
  await world.forge.reopen(2);
  await world.merge(2, 'delete');
  world.workspace.commitTo(MAIN, new Map([['api.yaml', announced]]), 'Revert the restart');
  const reverted = await explanationOf(world);
  expect(reverted.objects[0]?.workloads[0]?.restart).toMatchObject({ kind: 'reverted', pullRequest: { number: 2 } });
  expect(before).not.toBe(announced);
});

test('a restart that no merge explains: only the running service knows since when', async () => {
  const world = createLookWorld();
  const due = deployment('api', 'db').replace(
    '  namespace: app\n',
    '  namespace: app\n  annotations:\n    gitops-reloader.dev/restart-due: "db=0123456789ab"\n',
  );
  world.workspace.commitTo(MAIN, new Map([['api.yaml', due]]), 'By hand');
  const [db] = (await explanationOf(world)).objects;
  expect(db?.workloads[0]?.restart).toMatchObject({ kind: 'settling', until: null });
});

test('paused: by the repository, and by the configuration', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/config.yaml', 'paused: true\n']]), 'Stop');
  const paused = await branchExplanation(world);
  expect([paused.paused?.reason, paused.explanation?.next.kind]).toEqual([
    expect.stringContaining('says paused: true'),
    'paused',
  ]);
  const pause = { reason: 'Because.', hint: 'Go on.' };
  expect((await branchExplanation(world, 'a', { ...HOW, pause })).paused).toEqual(pause);
});

test.each([
  ['absent', (world: World) => world.secrets.remove(secretId('a')), 'secret-absent'],
  ['denied', (world: World) => world.secrets.deny(secretId('a')), 'secret-denied'],
  [
    'described',
    (world: World) => world.secrets.set({ secret: secretId('a'), versions: new Map(), deleted: true }),
    'secret-deleted',
  ],
])('what AWS cannot give is told: %s', async (kind, act, code) => {
  const world = createLookWorld();
  act(world);
  const explained = await explanationOf(world);
  expect([explained.aws.kind, explained.objects[0]?.standing.code, explained.next.kind]).toEqual([
    kind,
    code,
    'secret-unreadable',
  ]);
});

test('event mode does not ask AWS, and says so', async () => {
  const world = createLookWorld({ truth: 'event' });
  await rotate(world, 2);
  const open = await branchExplanation(world);
  expect(open.notLooked).toEqual(['which version is current in AWS']);
  expect(open.explanation?.aws.kind).toBe('not-asked');
  expect(inShort(await explanationOf(world))[0]).toBe('db proposed, api not-announced');
  await world.merge(1, 'delete');
  await world.start().sweep();
  await world.time.pass(SETTLED);
  await world.start().sweep();
  expect(inShort(await explanationOf(world))[0]).toMatch(/^db recorded/);
});

test('a host that is down hides nothing of what the others say', async () => {
  const world = createLookWorld();
  await rotate(world, 2);
  const down = failure('git-unreachable');
  const forge: Forge = { ...world.forge, list: () => Promise.reject(failure('forge-unreachable')) };
  const asked = { id: 'a', service: null, account: null, region: null, label: null };
  const served = world.start().served;
  const broken = { ...served, workspace: { ...served.workspace, refs: () => Promise.reject(down) } };
  const branches = [
    broken,
    { ...served, forge },
    { ...served, secretVersions: { ...world.secrets, describe: () => Promise.reject(failure('aws-throttled')) } },
  ];
  const [git, pulls, aws] = await explainSecret(branches, asked, HOW);
  expect(git).toMatchObject({ head: null, explanation: null, troubles: [{ code: 'git-unreachable', hint: 'Wait.' }] });
  expect(pulls).toMatchObject({
    troubles: [{ subject: 'pull requests of platform@main', code: 'forge-unreachable' }],
    explanation: { objects: [{ standing: { kind: 'proposed' } }], proposal: { standing: { kind: 'unknown' } } },
  });
  expect(aws).toMatchObject({ troubles: [{ code: 'aws-throttled' }], explanation: { aws: { kind: 'failed' } } });
});

test('nobody uses it: near names, and what spells its name elsewhere', async () => {
  const store = STORE.replace('name: aws', 'name: other').replace(ACCOUNT, '999988887777');
  const far = externalSecret('far', ['prod/db']).replace('name: aws', 'name: other');
  const world = createLookWorld(
    { files: { 'other.yaml': store, 'far.yaml': far } },
    { db: ['prod/payments/db', 'prod/web'] },
  );
  const near = await explanationOf(world, 'prod/payment/db');
  expect([near.nearNames, near.next.kind]).toEqual([['prod/payments/db'], 'nobody-uses-it']);
  expect(near.next.sentence).toContain('Did you mean prod/payments/db?');
  const elsewhere = await explanationOf(world, 'prod/db');
  expect(elsewhere.elsewhere).toMatchObject([
    {
      path: 'far.yaml',
      line: 15,
      reason: 'spec.data[0].remoteRef: Account 999988887777 is not among the allowed ones.',
    },
  ]);
});

test('not proven: a template that could become it', async () => {
  const world = createLookWorld({ files: { 'open.yaml': externalSecret('open', ['"prod/${NAME}"']) } });
  const { possible, next } = await explanationOf(world, 'prod/x');
  expect([possible.map(({ name, code }) => `${name} ${code}`), next.kind]).toEqual([
    ['open templated-reference'],
    'not-proven',
  ]);
});

test('an object that fetches it and might once more is at both', async () => {
  const both = externalSecret('both', ['a', '"${NAME}a"']);
  const world = createLookWorld({ files: { 'both.yaml': both } });
  const { objects, possible } = await explanationOf(world);
  expect(objects.map(({ name, standing }) => `${name} ${standing.kind}`)).toEqual(['both baseline', 'db baseline']);
  expect(possible).toMatchObject([{ name: 'both', code: 'templated-reference' }]);
});

test('a name that means several secrets is never guessed', async () => {
  const accounts = [ACCOUNT, '444455556666'].map((id) => ({ id, regions: [REGION] }));
  const store = STORE.replace('name: aws', 'name: other').replace(ACCOUNT, '444455556666');
  const far = externalSecret('far', ['a']).replace('name: aws', 'name: other');
  const world = createLookWorld({ accounts, files: { 'other.yaml': store, 'far.yaml': far } });
  expect(await branchExplanation(world)).toMatchObject({
    explanation: null,
    unclear: { message: expect.stringContaining('several places') as string },
  });
  const arn = `arn:aws:secretsmanager:${REGION}:444455556666:secret:a-Ab3dEf`;
  expect((await explanationOf(world, arn)).objects.map(({ name }) => name)).toEqual(['far']);
});

test('a local checkout is Git alone', async () => {
  const world = createLookWorld();
  const { served } = world.start();
  const [base] = await served.workspace.refs([MAIN], NEVER);
  if (base === undefined) throw new Error('main is there');
  const { index, snapshot } = await readIndex(served, base, NEVER);
  const source = {
    base: base.oid,
    index,
    readText: textReader(snapshot),
    accounts: served.settings.accounts,
    notes: [],
  };
  const asked = { id: 'a', service: null, account: null, region: null, label: null };
  const explained = await explainCheckout(source, asked, served.settings.scope);
  expect(explained).toMatchObject({
    name: null,
    explanation: { proposal: null, aws: { kind: 'not-asked' }, next: { kind: 'baseline' } },
  });
  expect(explained.notLooked).toHaveLength(3);
});

function failure(code: FailureCode): Failure {
  return new Failure('it is down', { code, retry: 'later', hint: 'Wait.' });
}
