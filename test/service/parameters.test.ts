import { expect, test } from 'vitest';
import { parameterChanged, putParameter, rawBody } from '../../src/demo/aws/rotation-events.ts';
import { tokenVersion } from '../../src/domain/token.ts';
import { ACCOUNT, REGION, version } from './manifests.ts';
import { createWorld, MAIN, refOf, START, secretId, told, type World, type WorldOptions } from './memory-world.ts';

const STORES = ['SecretsManager', 'ParameterStore']
  .map(
    (service) => `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: ${service.toLowerCase()}}
spec: {provider: {aws: {service: ${service}, region: ${REGION}}}}
`,
  )
  .join('---\n');

/** An ExternalSecret of the store `secretsmanager` or `parameterstore`; `entries` in flow style. */
function es(name: string, store: string, ...entries: readonly string[]): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: apps
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: ${store}}
  data:
${entries.map((entry) => `    - ${entry}`).join('\n')}
`;
}

const key = (text: string) => `{secretKey: k, remoteRef: {key: ${text}}}`;
const through = (store: string, text: string) =>
  `{secretKey: o, remoteRef: {key: ${text}}, sourceRef: {storeRef: {kind: ClusterSecretStore, name: ${store}}}}`;

const URL = es('url', 'parameterstore', key('/prod/url'));

function worldOf(files: Readonly<Record<string, string>>, more: Partial<WorldOptions> = {}): World {
  return createWorld({ ...more, files: { 'stores.yaml': STORES, ...files } });
}

const NOW = () => new Date(START).toISOString().replace('.000Z', 'Z');
const seconds = START / 1000;

/** Version `number` of a parameter was written, `later` seconds after the start. */
function write(world: World, name: string, number: number, later = 0): void {
  const secret = { ...secretId(name), service: 'ssm' as const, suffix: null };
  const versions = new Map([['AWSCURRENT', `${number}.${seconds + later}`]]);
  world.secrets.set({ secret, versions, deleted: false });
}

function tell(world: World, name: string, named?: number): void {
  const place = { account: ACCOUNT, region: REGION, name };
  const event = named === undefined ? parameterChanged(place, { time: NOW() }) : putParameter(place, named, NOW());
  world.inbox.send(rawBody(event));
}

/** The token of a file on `main` or on a pull request's branch, with versions as `v<number>`, without times. */
function tokenAt(world: World, ref: string, path: string): string | undefined {
  const value = /force-sync: "(.*)"/.exec(world.workspace.fileAt(ref, path) ?? '')?.[1];
  return value === undefined ? undefined : short(value.replaceAll(/@[\dTZ:-]+/g, ''));
}

/** Versions of parameters that these tests write, and of secrets. */
function short(text: string): string {
  const known = [1, 2, 3].flatMap((number) =>
    [0, 60].map(
      (later) => [tokenVersion(`${number}.${seconds + later}`), `p${number}${later === 0 ? '' : '+'}`] as const,
    ),
  );
  return known
    .reduce((shown, [hashed, name]) => shown.replaceAll(hashed, name), text)
    .replaceAll(/0a1b2c3d-0000-4000-8000-0*(\d+)/g, 'v$1');
}

async function onlyPull(world: World) {
  const [pull, ...others] = await world.open();
  if (pull === undefined || others.length > 0) throw new Error(`${others.length + (pull ? 1 : 0)} open pull requests`);
  return pull;
}

test.each([
  ['the native event', undefined],
  ['PutParameter', 2],
])('%s of a parameter becomes a commit and a pull request that speak of a parameter', async (_, named) => {
  const world = worldOf({ 'url.yaml': URL });
  write(world, '/prod/url', 2);
  tell(world, '/prod/url', named);
  await world.drain();
  const pull = await onlyPull(world);
  expect(pull.title).toBe('Refresh ssm:/prod/url');
  expect(tokenAt(world, refOf(pull), 'url.yaml')).toBe('/prod/url=p2');
  const { body } = pull;
  expect(body).toContain('A parameter changed in AWS.');
  expect(body).toContain('put-parameter --overwrite');
  expect(body).not.toMatch(/update-secret-version-stage|the secret has/);
  expect(short(body)).toContain('Secret-Rotation: ssm:/prod/url=p2\n');
  expect(body).toContain(`Event-Name: ${named === undefined ? 'Parameter Store Change' : 'PutParameter'}`);
});

test('merged, told again, made anew with the same number: one bump for each version', async () => {
  const world = worldOf({ 'url.yaml': URL });
  write(world, '/prod/url', 1);
  tell(world, '/prod/url');
  tell(world, '/prod/url', 1);
  await world.drain();
  await world.merge((await onlyPull(world)).number, 'delete');
  expect(tokenAt(world, MAIN, 'url.yaml')).toBe('/prod/url=p1');
  tell(world, '/prod/url');
  const process = world.start();
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['already-current']);
  write(world, '/prod/url', 1, 60);
  tell(world, '/prod/url', 1);
  await world.drain();
  expect(tokenAt(world, refOf(await onlyPull(world)), 'url.yaml')).toBe('/prod/url=p1+');
});

test('an answer that lags behind the event is asked for again', async () => {
  const world = worldOf({ 'url.yaml': URL });
  write(world, '/prod/url', 1, -3600);
  tell(world, '/prod/url');
  const process = world.start();
  await process.batch();
  expect(told(process, 'outcome')).toEqual(['try-later']);
  write(world, '/prod/url', 2);
  await world.drain(process);
  expect(tokenAt(world, refOf(await onlyPull(world)), 'url.yaml')).toBe('/prod/url=p2');
});

test('a secret and a parameter of one name: an object that fetches both keeps them apart', async () => {
  const files = {
    'secret.yaml': es('secret', 'secretsmanager', key('db')),
    'parameter.yaml': es('parameter', 'parameterstore', key('db')),
    'both.yaml': es('both', 'secretsmanager', key('db'), through('parameterstore', 'db')),
    'other.yaml': es('other', 'parameterstore', key('db'), through('secretsmanager', 'db')),
  };
  const world = worldOf(files);
  world.rotate('db', version(1));
  write(world, 'db', 1);
  tell(world, 'db');
  await world.drain();
  const first = await onlyPull(world);
  const tokens = (ref: string) => Object.keys(files).map((path) => tokenAt(world, ref, path));
  expect(tokens(refOf(first))).toEqual([undefined, 'db=p1', 'db=v1 ssm:db=p1', 'db=p1 secretsmanager:db=v1']);
  expect(short(first.body).match(/^Secret-Rotation: .*$/gm)).toEqual(['Secret-Rotation: ssm:db=p1']);
  await world.merge(first.number, 'delete');
  world.rotate('db', version(2));
  world.tell('db', version(2));
  await world.drain();
  const second = await onlyPull(world);
  expect(tokens(refOf(second))).toEqual(['db=v2', 'db=p1', 'db=v2 ssm:db=p1', 'db=p1 secretsmanager:db=v2']);
  expect(second.body).toContain('A secret changed in AWS.');
  await world.forge.closeAs(second.number, 'person');
  // What people turned down holds the secret, and what one refresh would fetch with it; not the parameter elsewhere.
  write(world, 'db', 2);
  tell(world, 'db', 2);
  await world.drain();
  const third = await onlyPull(world);
  expect(tokens(refOf(third))).toEqual([undefined, 'db=p2', 'db=v1 ssm:db=p1', 'db=p1 secretsmanager:db=v1']);
});

test('replicas that each know one half of it lose nothing of a mixed branch', async () => {
  const world = worldOf({ 'both.yaml': es('both', 'parameterstore', key('db'), through('secretsmanager', 'db')) });
  world.rotate('db', version(1));
  write(world, 'db', 1);
  tell(world, 'db');
  await world.drain(world.start());
  world.rotate('db', version(2));
  world.tell('db', version(2));
  await world.drain(world.start());
  const pull = await onlyPull(world);
  expect(tokenAt(world, refOf(pull), 'both.yaml')).toBe('db=p1 secretsmanager:db=v2');
  expect(short(pull.body).match(/^Secret-Rotation: .*$/gm)).toEqual([
    'Secret-Rotation: secretsmanager:db=v2',
    'Secret-Rotation: ssm:db=p1',
  ]);
});

test.each([
  ['{key: /prod/url, version: "1"}', 'pinned-version', 'remove it to follow the latest version'],
  ['{key: /prod/url, version: blue}', 'parameter-label', 'Remove version to follow the latest one'],
  ['{key: /prod/url, metadataPolicy: Fetch}', 'follows-tags', 'refresh it by hand'],
])('%s is left alone: %s', async (remoteRef, code, hint) => {
  const world = worldOf({ 'url.yaml': es('url', 'parameterstore', `{secretKey: k, remoteRef: ${remoteRef}}`) });
  write(world, '/prod/url', 2);
  tell(world, '/prod/url');
  const process = world.start();
  await world.drain(process);
  const [line = ''] = told(process, 'outcome', 'reason', 'hint');
  expect(line).toContain(`used-but-not-bumped url.yaml: ${code}: `);
  expect(line).toContain(hint);
  expect(await world.open()).toEqual([]);
});

test('what may not be described says which permission is missing', async () => {
  const world = worldOf({ 'url.yaml': URL });
  world.secrets.deny({ ...secretId('/prod/url'), service: 'ssm', suffix: null });
  tell(world, '/prod/url');
  const process = world.start();
  await process.batch();
  const [line = ''] = told(process, 'outcome', 'reason', 'hint');
  expect(line).toContain('needs-operator');
  expect(line).toContain('Grant ssm:DescribeParameters, or set spec.aws.truth: event.');
  expect(line).not.toMatch(/DescribeSecret|secret \/prod/);
});

test('event mode: PutParameter names a version and acts, the native event does not', async () => {
  const world = worldOf({ 'url.yaml': URL }, { truth: 'event' });
  const process = world.start();
  tell(world, '/prod/url');
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['ignored']);
  tell(world, '/prod/url', 2);
  tell(world, '/prod/url', 2);
  await world.drain(process);
  // The same version as an answer of AWS would have.
  expect(tokenAt(world, refOf(await onlyPull(world)), 'url.yaml')).toBe('/prod/url=p2');
});
