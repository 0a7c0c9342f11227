import { expect, test } from 'vitest';
import { ROTATION, readTrailers } from '../../src/words/trailers.ts';
import { deployment, STORE, version } from './manifests.ts';
import { createWorld, MAIN, refOf, told, type World } from './memory-world.ts';
import { explanationOf, inShort } from './report/look-world.ts';

const NEVER = new AbortController().signal;

const CLUSTER = `apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata:
  name: shared-db
spec:
  namespaces: [app]
  externalSecretSpec:
    secretStoreRef: {kind: ClusterSecretStore, name: aws}
    target: {name: db}
    data:
      - secretKey: password
        remoteRef: {key: prod/db}
`;

const CLASS = `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: db, namespace: app}
spec:
  provider: aws
  parameters:
    objects: |
      - {objectName: prod/db, objectType: secretsmanager}
      - {objectName: prod/mail, objectType: secretsmanager}
`;

const MOUNTING = `${deployment('api', 'other')}      volumes:
        - name: secrets
          csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: db}}
`;

async function text(world: World, ref: string, path: string): Promise<string> {
  const oid = world.workspace.tip(ref) ?? '';
  const snapshot = await world.workspace.snapshot({ name: ref, oid }, NEVER);
  const entry = snapshot.entries.find((one) => one.path === path);
  return entry === undefined ? '' : new TextDecoder().decode(await snapshot.read(entry.oid));
}

async function rotate(world: World, name: string, number: number): Promise<void> {
  world.rotate(name, version(number));
  world.tell(name, version(number));
  await world.drain();
}

test('a ClusterExternalSecret: refreshed and announced, merged, restarted, and current on replay', async () => {
  const world = createWorld({ files: { 's.yaml': STORE, 'c.yaml': CLUSTER, 'api.yaml': deployment('api', 'db') } });
  await rotate(world, 'prod/db', 1);
  const [pull] = await world.open();
  expect(await text(world, refOf(pull ?? { branch: '' }), 'c.yaml')).toContain(
    `external-secrets.io/force-sync: "prod/db=${version(1)}@`,
  );
  expect(pull?.body).toContain('ClusterExternalSecret');
  await world.merge(pull?.number ?? 0, 'delete');
  const process = world.start();
  world.tell('prod/db', version(1));
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['already-current']);
  await world.time.pass(400_000);
  await world.start().sweep();
  await world.time.pass(400_000);
  await world.start().sweep();
  const [restart] = await world.open();
  expect(await text(world, refOf(restart ?? { branch: '' }), 'api.yaml')).toContain(
    'gitops-reloader.dev/secret-versions: "shared-db=',
  );
});

function classWorld(): World {
  const world = createWorld({ files: { 's.yaml': STORE, 'class.yaml': CLASS, 'api.yaml': MOUNTING } });
  world.rotate('prod/db', version(1));
  world.rotate('prod/mail', version(7));
  return world;
}

test('a SecretProviderClass: one commit restarts what mounts it; replays and replicas change nothing', async () => {
  const world = classWorld();
  await rotate(world, 'prod/db', 2);
  const [pull, ...others] = await world.open();
  expect(others).toEqual([]);
  const ref = refOf(pull ?? { branch: '' });
  expect(await text(world, ref, 'api.yaml')).toMatch(/secret-versions: "secretproviderclass\.db=[0-9a-f]{12}"/);
  expect(await text(world, ref, 'class.yaml')).toBe(CLASS);
  expect(readTrailers(pull?.body ?? '', ROTATION)).toContain(`prod/db=${version(2)}`);
  expect(pull?.body).toContain('new pods read the new value themselves');
  const tip = world.workspace.tip(ref);
  world.tell('prod/db', version(2));
  await world.drain();
  await world.start().sweep();
  expect(world.workspace.tip(ref)).toBe(tip);
  await world.merge(pull?.number ?? 0, 'delete');
  const process = world.start();
  world.tell('prod/db', version(2));
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['already-current']);
  expect(await world.open()).toEqual([]);
});

test('a second secret of the same class joins the open pull request, and neither is lost', async () => {
  const world = classWorld();
  await rotate(world, 'prod/db', 2);
  await rotate(world, 'prod/mail', 8);
  const [pull, ...others] = await world.open();
  expect(others).toEqual([]);
  const trailers = readTrailers(pull?.body ?? '', ROTATION);
  expect(trailers).toEqual([`prod/db=${version(2)}`, `prod/mail=${version(8)}`]);
  await world.merge(pull?.number ?? 0, 'keep');
  await rotate(world, 'prod/mail', 9);
  const [next] = await world.open();
  expect(readTrailers(next?.body ?? '', ROTATION)).toEqual([`prod/mail=${version(9)}`]);
});

test('what a person closed is not proposed again, the next version is', async () => {
  const world = classWorld();
  await rotate(world, 'prod/db', 2);
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  const process = world.start();
  world.tell('prod/db', version(2));
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['rejected-by-people']);
  await rotate(world, 'prod/db', 3);
  expect((await world.open()).map(({ body }) => readTrailers(body, ROTATION))).toEqual([[`prod/db=${version(3)}`]]);
});

test('when AWS goes back, the pull request is withdrawn', async () => {
  const world = classWorld();
  await rotate(world, 'prod/db', 2);
  const [first] = await world.open();
  await world.merge(first?.number ?? 0, 'delete');
  await rotate(world, 'prod/db', 3);
  expect(await world.open()).toHaveLength(1);
  await rotate(world, 'prod/db', 2);
  expect(await world.open()).toEqual([]);
  expect(await text(world, MAIN, 'api.yaml')).toContain('secretproviderclass.db=');
});

const VALUES = `sync: "" # {"$gitops-reloader": {"secret": "prod/db", "stage": "refresh"}}
versions: "" # {"$gitops-reloader": {"secret": "prod/db", "stage": "restart"}}
`;

test('a marker beside a SecretProviderClass of one secret: each by its own order, and explain shows both', async () => {
  const files = { 's.yaml': STORE, 'class.yaml': CLASS, 'api.yaml': MOUNTING, 'values.yaml': VALUES };
  const world = createWorld({ files });
  world.rotate('prod/mail', version(7));
  const look = async () => inShort(await explanationOf(world, 'prod/db'));
  const seen: (readonly string[])[] = [];
  await rotate(world, 'prod/db', 2);
  const [pull, ...others] = await world.open();
  expect(others).toEqual([]);
  const ref = refOf(pull ?? { branch: '' });
  expect(await text(world, ref, 'api.yaml')).toMatch(/secret-versions: "secretproviderclass\.db=[0-9a-f]{12}"/);
  expect(await text(world, ref, 'values.yaml')).toMatch(/^sync: "prod\/db=[^"]+" #.*\nversions: "" #/);
  seen.push(await look());
  await world.merge(pull?.number ?? 0, 'delete');
  seen.push(await look());
  await world.time.pass(400_000);
  const process = world.start();
  await process.sweep();
  await world.time.pass(400_000);
  await process.sweep();
  const [restart, ...more] = await world.open();
  expect(more).toEqual([]);
  const second = refOf(restart ?? { branch: '' });
  expect(await text(world, second, 'values.yaml')).toMatch(/\nversions: "marker=[0-9a-f]{12}" #/);
  expect(await text(world, second, 'api.yaml')).toBe(await text(world, MAIN, 'api.yaml'));
  await world.merge(restart?.number ?? 0, 'delete');
  seen.push(await look());
  await process.sweep();
  expect(await world.open()).toEqual([]);
  expect(seen).toEqual([
    [
      'sync proposed, versions not-announced',
      'db proposed, api not-announced',
      'branch open, pulls #1 open',
      'next merge-refresh',
    ],
    [
      'sync current, versions settling',
      'db current, api not-announced',
      'branch none, pulls #1 merged',
      'next settling',
    ],
    ['sync current, versions done', 'db current, api not-announced', 'branch none, pulls #1 merged', 'next nothing'],
  ]);
});
