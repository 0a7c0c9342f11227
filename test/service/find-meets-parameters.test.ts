import { expect, test } from 'vitest';
import { parameterChanged, putParameter, rawBody } from '../../src/demo/aws/rotation-events.ts';
import { ACCOUNT, REGION, version } from './manifests.ts';
import { createWorld, refOf, START, secretId, told, type World, type WorldOptions } from './memory-world.ts';

const STORES = ['SecretsManager', 'ParameterStore']
  .map(
    (service) => `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: ${service.toLowerCase()}}
spec: {provider: {aws: {service: ${service}, region: ${REGION}}}}
`,
  )
  .join('---\n');

const FIND = 'find: {name: {regexp: ^prod/}}';
const NOW = new Date(START).toISOString().replace('.000Z', 'Z');

/** An ExternalSecret of a store, with the rest of its `spec` in flow style. */
function es(name: string, store: string, spec: string): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: apps}
spec: {refreshInterval: 1h, secretStoreRef: {kind: ClusterSecretStore, name: ${store}}, ${spec}}
`;
}

function worldOf(files: Readonly<Record<string, string>>, more: Partial<WorldOptions> = {}): World {
  return createWorld({ ...more, files: { 'stores.yaml': STORES, ...files } });
}

/** Version `number` of a parameter was written. */
function write(world: World, name: string, number: number): void {
  const secret = { ...secretId(name), service: 'ssm' as const, suffix: null };
  const versions = new Map([['AWSCURRENT', `${number}.${START / 1000}`]]);
  world.secrets.set({ secret, versions, deleted: false });
}

function tell(world: World, name: string, named?: number): void {
  const place = { account: ACCOUNT, region: REGION, name };
  const event = named === undefined ? parameterChanged(place, { time: NOW }) : putParameter(place, named, NOW);
  world.inbox.send(rawBody(event));
}

async function outcomes(world: World): Promise<readonly string[]> {
  const process = world.start();
  await process.batch();
  return told(process, 'secret', 'outcome');
}

test('a find of secrets in an object of parameters is called what it is: no parameter', async () => {
  const through = `sourceRef: {storeRef: {kind: ClusterSecretStore, name: secretsmanager}}`;
  const world = worldOf({
    'mixed.yaml': es('mixed', 'parameterstore', `dataFrom: [{${FIND}, ${through}}, {extract: {key: /url}}]`),
  });
  world.rotate('prod/db', version(1));
  write(world, '/url', 1);
  world.tell('prod/db', version(1));
  expect(await outcomes(world)).toEqual(['prod/db published']);
  const [pull] = await world.open();
  expect(pull?.title).toMatch(/^Refresh what find [0-9a-f]{16} finds$/);
  expect(pull?.body).toMatch(/^Secret-Rotation: find#[0-9a-f]{16}=sha256-/m);
  expect(pull?.body).not.toContain('ssm:find');
  expect(pull?.body).toContain('A secret changed in AWS.');
  if (pull === undefined) return;
  await world.forge.closeAs(pull.number, 'person');
  world.tell('prod/db', version(1));
  expect(await outcomes(world)).toEqual(['prod/db rejected-by-people']);
  expect(world.workspace.fileAt(refOf(pull), 'mixed.yaml')).toContain('find#');
});

test('an event of a parameter concerns no find of secrets, whatever it matches', async () => {
  const world = worldOf({ 'all.yaml': es('all', 'secretsmanager', `dataFrom: [{find: {name: {regexp: .*}}}]`) });
  write(world, 'prod/db', 1);
  write(world, '/prod/db', 1);
  tell(world, '/prod/db');
  expect(await outcomes(world)).toEqual(['/prod/db nobody-uses-it']);
});

test('a find of a store that nobody knows may find a parameter', async () => {
  const world = worldOf({ 'all.yaml': es('all', 'elsewhere', `dataFrom: [{find: {name: {regexp: ^/prod/}}}]`) });
  write(world, '/prod/db', 1);
  write(world, '/stage/db', 1);
  tell(world, '/prod/db');
  tell(world, '/stage/db');
  expect(await outcomes(world)).toEqual(['/prod/db not-proven', '/stage/db nobody-uses-it']);
});

/** A SecretStore `aws` of its own in each namespace. */
function storeIn(namespace: string, service: string): string {
  return `apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: aws, namespace: ${namespace}}
spec: {provider: {aws: {service: ${service}, region: ${REGION}}}}
`;
}

test('stores of one name that read different services: what a find finds through them is not known', async () => {
  const finder = es('all', 'aws', 'dataFrom: [{find: {name: {regexp: .*}}}]');
  const world = worldOf(
    {
      'aws.yaml': `${storeIn('a', 'SecretsManager')}---\n${storeIn('b', 'ParameterStore')}`,
      'all.yaml': finder.replace('kind: ClusterSecretStore', 'kind: SecretStore').replace(', namespace: apps', ''),
    },
    {
      bindings: {
        stores: [{ kind: 'SecretStore', name: 'aws', namespace: null, account: ACCOUNT, region: REGION }],
        paths: [],
        unknownStore: 'match',
      },
    },
  );
  world.rotate('db', version(1));
  world.tell('db', version(1));
  write(world, '/db', 1);
  tell(world, '/db');
  expect(await outcomes(world)).toEqual(['db not-proven', '/db not-proven']);
});

test('a parameter that AWS does not show yet is waited for while its event is young', async () => {
  const world = worldOf({ 'url.yaml': es('url', 'parameterstore', 'dataFrom: [{extract: {key: /url}}]') });
  tell(world, '/url');
  expect(await outcomes(world)).toEqual(['/url try-later']);
  write(world, '/url', 1);
  await world.drain();
  expect(await world.open()).toHaveLength(1);
});

test('tags of a parameter, which nobody asks for, get no entry in a token', async () => {
  const world = worldOf({
    'url.yaml': es(
      'url',
      'parameterstore',
      'dataFrom: [{extract: {key: /url}}, {extract: {key: /url, metadataPolicy: Fetch}}]',
    ),
  });
  write(world, '/url', 1);
  tell(world, '/url');
  expect(await outcomes(world)).toEqual(['/url published']);
  const [pull] = await world.open();
  const text = pull === undefined ? '' : world.workspace.fileAt(refOf(pull), 'url.yaml');
  expect(text).toContain('/url=');
  expect(text).not.toContain('#tags');
});
