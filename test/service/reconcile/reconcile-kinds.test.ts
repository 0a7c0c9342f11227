import { expect, test } from 'vitest';
import { finder, put, tokenAt } from '../found-world.ts';
import { ACCOUNT, deployment, externalSecret, REGION, STORE, version } from '../manifests.ts';
import { createWorld, MAIN, refOf, START, secretId, type World } from '../memory-world.ts';
import { baselineAt, reconcile, toldOf } from './reconcile-world.ts';

/** What every object had when its baseline was merged, by the manifests in these files. */
async function adopted(files: Readonly<Record<string, string>>, prepare: (world: World) => void): Promise<World> {
  const world = createWorld({ files: { 'store.yaml': STORE, ...files } });
  prepare(world);
  await reconcile(world);
  expect(await world.merge(1, 'delete')).toBe(true);
  expect(toldOf(await reconcile(world))).toEqual([]);
  return world;
}

/** An ExternalSecret with one reference in flow style. */
function fetching(name: string, remoteRef: string): string {
  return externalSecret(name, []).replace(/ {2}data:\n$/, `  data:\n    - {secretKey: k, remoteRef: ${remoteRef}}\n`);
}

/** A secret with versions under three labels. */
function labels(current: number, previous: number, blue: number): (world: World) => void {
  return (world) => put(world, 's', current, { labels: { AWSPREVIOUS: version(previous), BLUE: version(blue) } });
}

test('AWSPREVIOUS and labels of their own follow their labels, and a pin follows none', async () => {
  const files = {
    'previous.yaml': fetching('previous', '{key: s, version: AWSPREVIOUS}'),
    'blue.yaml': fetching('blue', '{key: s, version: BLUE}'),
    'pinned.yaml': fetching('pinned', `{key: s, version: "uuid/${version(1)}"}`),
    'current.yaml': fetching('current', '{key: s}'),
  };
  const world = await adopted(files, labels(2, 1, 1));
  expect(baselineAt(world, MAIN)).toEqual([
    `blue s#BLUE=${version(1)}`,
    `current s=${version(2)}`,
    `previous s#AWSPREVIOUS=${version(1)}`,
  ]);
  labels(2, 1, 2)(world);
  expect(toldOf(await reconcile(world))).toEqual(['blue s#BLUE proposed']);
  labels(3, 2, 2)(world);
  expect(toldOf(await reconcile(world)).toSorted()).toEqual([
    'blue s#BLUE carried',
    'current s proposed',
    'previous s#AWSPREVIOUS proposed',
  ]);
});

test('tags, and what a find finds', async () => {
  const files = {
    'tags.yaml': fetching('tags', '{key: s, metadataPolicy: Fetch}'),
    'all.yaml': finder('all', '{name: {regexp: ^prod/}}'),
  };
  const world = await adopted(files, (one) => {
    put(one, 's', 1, { tags: { team: 'a' } });
    for (const name of ['prod/a', 'prod/b', 'dev/c']) put(one, name, 1);
  });
  put(world, 's', 2, { tags: { team: 'a' } });
  put(world, 'dev/c', 2);
  expect(toldOf(await reconcile(world))).toEqual([]);
  put(world, 's', 2, { tags: { team: 'b' } });
  put(world, 'prod/a', 2);
  const told = toldOf(await reconcile(world));
  expect(told).toEqual([expect.stringMatching(/^all find#[0-9a-f]{16} proposed$/), 'tags s#tags proposed']);
  put(world, 'prod/new', 1);
  const found = await tokenAt(world, 'proposed', 'all');
  await world.time.pass(6 * 60_000);
  await reconcile(world);
  expect(await tokenAt(world, 'proposed', 'all')).not.toEqual(found);
});

test('a key that is an ARN, in full or in part, and one of a secret that was made again', async () => {
  const arn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret`;
  const files = {
    'full.yaml': externalSecret('full', [`${arn}:s-Ab3dEf`]),
    'part.yaml': externalSecret('part', [`${arn}:t`]),
    'other.yaml': externalSecret('other', [`${arn}:s-Zz9zZz`]),
  };
  const world = await adopted(files, (one) => {
    for (const name of ['s', 't']) put(one, name, 1);
  });
  for (const name of ['s', 't']) put(world, name, 2);
  const report = await reconcile(world);
  expect(toldOf(report)).toEqual(['full s proposed', 'part t proposed']);
  expect(report.absent).toEqual([`${ACCOUNT}/${REGION}/${arn}:s-Zz9zZz`]);
});

/** Version `number` of the parameter was written. */
function write(world: World, number: number): void {
  world.secrets.set({
    secret: { ...secretId('/prod/url'), service: 'ssm', suffix: null },
    versions: new Map([['AWSCURRENT', `${number}.${START / 1000 + number}`]]),
    deleted: false,
  });
}

test('parameters are listed', async () => {
  const store = STORE.replace('SecretsManager', 'ParameterStore');
  const world = await adopted({ 'store.yaml': store, 'url.yaml': externalSecret('url', ['/prod/url']) }, (one) =>
    write(one, 1),
  );
  write(world, 2);
  const report = await reconcile(world);
  expect([toldOf(report), report.calls]).toEqual([
    ['url ssm:/prod/url proposed'],
    { lists: 1, pages: 1, describes: 1 },
  ]);
});

const CLASS = `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: db, namespace: app}
spec:
  provider: aws
  parameters:
    objects: |
      - {objectName: prod/db, objectType: secretsmanager}
`;

const MOUNTING = `${deployment('api', 'other')}      volumes:
        - name: secrets
          csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: db}}
`;

test('what reaches workloads by a SecretProviderClass has a baseline too', async () => {
  const world = await adopted({ 'class.yaml': CLASS, 'api.yaml': MOUNTING }, (one) => put(one, 'prod/db', 1));
  expect(baselineAt(world, MAIN)).toEqual([`db prod/db=${version(1)}`]);
  put(world, 'prod/db', 2);
  expect(toldOf(await reconcile(world))).toEqual(['db prod/db proposed']);
  const [pull] = await world.open();
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'api.yaml')).toContain('secretproviderclass.db=');
  expect(toldOf(await reconcile(world))).toEqual(['db prod/db carried']);
  await world.merge(pull?.number ?? 0, 'delete');
  expect(toldOf(await reconcile(world))).toEqual([]);
});

test('an object that names a second secret later has a baseline for that once it is recorded', async () => {
  const world = await adopted({ 'db.yaml': externalSecret('db', ['a']) }, (one) => {
    for (const name of ['a', 'b']) put(one, name, 1);
  });
  put(world, 'a', 2);
  await reconcile(world);
  const [pull] = await world.open();
  await world.merge(pull?.number ?? 0, 'delete');
  const text = world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  const wider = `${text}    - secretKey: k1\n      remoteRef:\n        key: b\n`;
  world.workspace.commitTo(MAIN, new Map([['db.yaml', wider]]), 'Wider');
  const report = await reconcile(world, 'asked');
  expect([report.withoutBaseline, toldOf(report)]).toEqual([1, []]);
  await world.merge((await world.open())[0]?.number ?? 0, 'delete');
  expect(baselineAt(world, MAIN)).toEqual([`db a=${version(1)} b=${version(1)}`]);
  put(world, 'b', 2);
  expect(toldOf(await reconcile(world))).toEqual(['db b proposed']);
});

test('a secret that rotates while only events could bump it is bumped for all its objects by an event', async () => {
  const world = await adopted({ 'db.yaml': externalSecret('db', ['a']) }, (one) => put(one, 'a', 1));
  world.workspace.commitTo(MAIN, new Map([['new.yaml', externalSecret('new', ['a'])]]), 'New');
  put(world, 'a', 2);
  const report = await reconcile(world);
  expect([toldOf(report), report.withoutBaseline]).toEqual([['db a proposed'], 1]);
  const [pull] = await world.open();
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'new.yaml')).toBe(externalSecret('new', ['a']));
  await world.start().sweep('full');
  expect((await world.open())[0]?.head).toBe(pull?.head);
  world.tell('a', version(2));
  await world.drain();
  expect(await tokenAt(world, 'proposed', 'new')).toEqual([`a=${version(2)}`]);
});
