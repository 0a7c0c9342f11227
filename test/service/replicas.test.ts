import { expect, test } from 'vitest';
import type { Replica } from '../../src/domain/described/described-secret.ts';
import { Failure } from '../../src/domain/failure.ts';
import { ACCOUNT, externalSecret, REGION, STORE, version } from './manifests.ts';
import {
  createWorld,
  MAIN,
  type Process,
  refOf,
  secretId,
  told,
  type World,
  type WorldOptions,
} from './memory-world.ts';

const FAR = 'us-east-1';
const ACCOUNTS = [{ id: ACCOUNT, regions: [REGION, FAR] }];
const FAR_STORE = STORE.replace('name: aws', 'name: far').replace(REGION, FAR);
const through = (text: string) => text.replace('    name: aws\n', '    name: far\n');
const HERE = externalSecret('here', ['db']);
const THERE = through(externalSecret('there', ['db']));
const BOTH = { 'here.yaml': HERE, 'there.yaml': THERE };

function replicaWorld(files: Readonly<Record<string, string>> = BOTH, more: Partial<WorldOptions> = {}): World {
  const stores = { 'stores/aws.yaml': STORE, 'stores/far.yaml': FAR_STORE };
  const world = createWorld({ accounts: ACCOUNTS, ...more, files: { ...stores, ...files } });
  world.rotate('db', version(1));
  copy(world, 'InSync');
  return world;
}

/** The copy follows its primary, or stays as it is with this status. */
function copy(world: World, status: Replica['status'], region = FAR): void {
  world.secrets.replicate(secretId('db'), [{ region, status }]);
}

/** AWSCURRENT of the primary moves, what its copy makes of it, and the event of the primary arrives. */
function move(world: World, to: number, status: Replica['status'] = 'InSync'): void {
  world.rotate('db', version(to));
  copy(world, status);
  world.tell('db', version(to));
}

/** The outcomes of the next batch, each with its reason. */
async function handle(process: Process): Promise<readonly string[]> {
  const earlier = told(process).length;
  await process.batch();
  return told(process, 'outcome', 'reason').slice(earlier);
}

/** The version in each object's token as an open pull request changes it, else as it is on `main`. */
async function proposed(world: World): Promise<Readonly<Record<string, string>>> {
  const refs = (await world.open()).map(refOf);
  const versions = ['here', 'there'].flatMap((name) => {
    const tokens = [...refs, MAIN].map((ref) => {
      const text = world.workspace.fileAt(ref, `${name}.yaml`) ?? '';
      return /force-sync: "(.*)"/.exec(text)?.[1];
    });
    const token = tokens.find((one) => one !== tokens.at(-1)) ?? tokens.at(-1);
    return token === undefined ? [] : [[name, token.replace(/0a1b2c3d-0000-4000-8000-0*(\d+)@.*/, 'v$1')]];
  });
  return Object.fromEntries(versions) as Readonly<Record<string, string>>;
}

test('a copy that is in sync is proposed with its primary, from the one event', async () => {
  const world = replicaWorld();
  const process = world.start();
  move(world, 2);
  await handle(process);
  expect(told(process, 'outcome')).toEqual(['published']);
  expect(await proposed(world)).toEqual({ here: 'db=v2', there: 'db=v2' });
  expect((await world.open()).map(({ title }) => title).toSorted()).toEqual([
    `Refresh ${ACCOUNT}:${REGION}:db`,
    `Refresh ${ACCOUNT}:${FAR}:db`,
  ]);
  expect(world.inbox.bodies()).toEqual([]);
});

test('a copy that lags is waited for; its primary is proposed at once', async () => {
  const world = replicaWorld();
  const process = world.start();
  move(world, 2, 'InProgress');
  const [first = ''] = await handle(process);
  expect(first).toBe('try-later Its replica in us-east-1 is not in sync yet.');
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
  // Half an hour later it is still not there: no event is too old to wait for that.
  await world.time.pass(1_800_000);
  expect(await handle(process)).toEqual([first]);
  copy(world, 'InSync');
  await world.drain(process);
  expect(await proposed(world)).toEqual({ here: 'db=v2', there: 'db=v2' });
  expect(await world.open()).toHaveLength(2);
  expect(world.inbox.bodies()).toEqual([]);
});

test('a copy that is said to be in sync is believed when it shows the version; after five minutes its own answer counts', async () => {
  const world = replicaWorld();
  const process = world.start();
  world.rotate('db', version(2));
  const old = { ...secretId('db'), region: FAR };
  copy(world, 'InSync');
  world.secrets.set({
    secret: old,
    versions: new Map([['AWSCURRENT', version(1)]]),
    deleted: false,
    primaryRegion: REGION,
  });
  world.tell('db', version(2));
  expect(await handle(process)).toEqual(['try-later Its replica in us-east-1 is not in sync yet.']);
  await world.time.pass(300_000);
  expect(await handle(process)).toEqual([expect.stringMatching(/^already-current /)]);
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
});

test('a replication that failed needs somebody, and holds back nothing else', async () => {
  const world = replicaWorld();
  const process = world.start();
  move(world, 2, 'Failed');
  expect(await handle(process)).toEqual([
    'needs-operator Its replication to us-east-1 failed: the replica there keeps its old value.',
  ]);
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
  expect(world.inbox.bodies()).toHaveLength(1);
  copy(world, 'InSync');
  await world.drain(process);
  expect(await proposed(world)).toEqual({ here: 'db=v2', there: 'db=v2' });
  expect(world.inbox.bodies()).toEqual([]);
});

test('a rollback in AWS reaches the copy as well', async () => {
  const world = replicaWorld();
  move(world, 2);
  await world.drain();
  for (const pull of await world.open()) await world.merge(pull.number, 'delete');
  move(world, 1);
  await world.drain();
  expect(await proposed(world)).toEqual({ here: 'db=v1', there: 'db=v1' });
});

test('a copy that is no longer one is not waited for', async () => {
  const world = replicaWorld();
  const process = world.start();
  move(world, 2, 'InProgress');
  await handle(process);
  world.secrets.replicate(secretId('db'), []);
  world.secrets.remove({ ...secretId('db'), region: FAR });
  await world.drain(process);
  expect(told(process, 'outcome').at(-1)).toBe('already-current');
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
  expect(world.inbox.bodies()).toEqual([]);
});

test('only the copy is used: whatever becomes of it is what becomes of the event', async () => {
  const world = replicaWorld({ 'there.yaml': THERE });
  const process = world.start();
  move(world, 2, 'InProgress');
  expect(await handle(process)).toEqual(['try-later Its replica in us-east-1 is not in sync yet.']);
  copy(world, 'InSync');
  await world.drain(process);
  expect(told(process, 'outcome').at(-1)).toBe('published');
  expect(await proposed(world)).toEqual({ there: 'db=v2' });
});

test('a copy that nobody uses is neither asked for nor waited for', async () => {
  const world = replicaWorld({ 'here.yaml': HERE });
  const process = world.start();
  move(world, 2, 'Failed');
  await handle(process);
  expect(told(process, 'outcome')).toEqual(['published']);
  expect(await world.open()).toHaveLength(1);
});

test('a region that is not allowed is told of, and left alone', async () => {
  const world = replicaWorld(BOTH, { accounts: [{ id: ACCOUNT, regions: [REGION] }] });
  const process = world.start();
  move(world, 2, 'Failed');
  const [line] = await handle(process);
  expect(line).toMatch(/^published .* It has a replica in us-east-1, which spec\.aws\.accounts does not allow\.$/);
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
});

test('an event without a version, and several events of one rotation, ask for the copy once', async () => {
  const world = replicaWorld();
  let asked = 0;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      secretVersions: {
        ...world.secrets,
        describe: (ref, signal) => {
          asked += ref.region === FAR ? 1 : 0;
          return world.secrets.describe(ref, signal);
        },
      },
    }),
  });
  move(world, 2);
  for (const id of ['a', 'b']) world.tell('db', version(2), { id });
  await handle(process);
  expect(told(process, 'outcome')).toEqual(['published', 'published', 'published']);
  expect(asked).toBe(1);
});

test('a copy that cannot be asked for is tried again; one that may not be asked for needs somebody', async () => {
  const world = replicaWorld();
  const down = new Failure('down', { code: 'aws-unreachable', retry: 'later', hint: '' });
  let isDown = true;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      secretVersions: {
        ...world.secrets,
        describe: (ref, signal) =>
          isDown && ref.region === FAR ? Promise.reject(down) : world.secrets.describe(ref, signal),
      },
    }),
  });
  move(world, 2);
  expect(await handle(process)).toEqual(['try-later down [aws-unreachable]']);
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
  isDown = false;
  world.secrets.deny({ ...secretId('db'), region: FAR });
  await world.time.pass(60_000);
  await handle(process);
  expect(told(process, 'outcome').at(-1)).toBe('needs-operator');
});

test('a label that is followed in the region of a copy alone is looked at', async () => {
  const blue = THERE.replace('        key: db\n', '        key: db\n        version: blue\n');
  const world = replicaWorld({ 'here.yaml': HERE, 'there.yaml': blue });
  const labelled = (to: number) =>
    world.secrets.set({
      secret: secretId('db'),
      versions: new Map([
        ['AWSCURRENT', version(1)],
        ['blue', version(to)],
      ]),
      deleted: false,
    });
  const process = world.start();
  labelled(3);
  copy(world, 'InSync');
  world.tell('db', version(3), { detail: { name: 'db', labelUpdated: 'blue', versionId: version(3) } });
  await handle(process);
  expect(told(process, 'outcome')).toEqual(['published']);
  expect(await proposed(world)).toEqual({ there: 'db#blue=v3' });
  // Without the copy nobody cares.
  world.secrets.replicate(secretId('db'), []);
  labelled(4);
  world.tell('db', version(4), { detail: { name: 'db', labelUpdated: 'blue', versionId: version(4) } });
  expect(await handle(process)).toEqual(['ignored No reference in this repository follows its label blue.']);
});

test('in event mode nobody tells of copies', async () => {
  const world = replicaWorld(BOTH, { truth: 'event' });
  move(world, 2);
  await world.drain();
  expect(await proposed(world)).toEqual({ here: 'db=v2' });
});

test('an event in the region of a copy is about the copy alone', async () => {
  const world = replicaWorld();
  world.rotate('db', version(2));
  copy(world, 'InSync');
  const resources = [`arn:aws:secretsmanager:${FAR}:${ACCOUNT}:secret:db-Ab3dEf`];
  world.tell('db', version(2), { region: FAR, resources });
  await world.drain();
  expect(await proposed(world)).toEqual({ there: 'db=v2' });
});
