import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StsServer, startSts } from '../../src/demo/aws/sts-server.ts';
import { type LoopbackServer, listenOnLoopback } from '../../src/demo/loopback.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { portOf, startTlsFront, type TlsFront } from '../adapters/net/loopback-proxy.ts';
import { leaks } from './canaries.ts';
import { repositoryOf } from './manifests.ts';
import { type ProxyWorld, startProxyWorld } from './proxy-world.ts';

/** The SDK's own chain, as a process behind a proxy meets it. */
let world: ProxyWorld;
let sts: StsServer;
let front: TlsFront;
let pod: LoopbackServer;
const silent = createServer((socket) => void socket.on('error', () => undefined).resume());
/** With which token Pod Identity was asked. */
const asked: unknown[] = [];

beforeAll(async () => {
  [world, sts] = await Promise.all([startProxyWorld(repositoryOf(['prod/db'])), startSts()]);
  front = await startTlsFront(portOf(sts.url));
  world.proxy.route('sts.acme.test', front.port);
  pod = await listenOnLoopback(async (request, response) => {
    asked.push(request.headers.authorization);
    const keys = { AccessKeyId: 'ASIAPOD111122223333', SecretAccessKey: 'x', Token: 'y' };
    response.end(JSON.stringify({ ...keys, Expiration: new Date(Date.now() + 3_600_000).toISOString() }));
  });
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.close();
  await Promise.all([world.close(), sts.close(), front.close(), pod.close()]);
});

/** The world's variables without keys, and with instance metadata switched on. */
function withoutKeys(): Record<string, string> {
  const left = /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|EC2_METADATA_DISABLED)$/;
  const entries = Object.entries(world.environment).filter(([name]) => !left.test(name));
  return { ...Object.fromEntries(entries), HOME: world.stage.folder };
}

/** What `doctor` says of the queue, with these variables in place of keys. */
async function queueWith(variables: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { stage, spec } = world;
  const config = await stage.file('config.yaml', stage.world.config(spec));
  const { stdout } = await stage.command(['doctor', '--config', config], { ...withoutKeys(), ...variables });
  const shown = /^(?:(ok|FAIL) +)(?:credentials of )?queue gitops-reloader: (reachable|.*\[[\w-]+\]|[a-z ]+)/gm;
  return [...stdout.matchAll(shown)].map(([, label = '', detail = '']) => `${label} ${detail}`);
}

test('IRSA: STS is asked through the proxy', async () => {
  const token = await world.stage.file('token', 'token-of-the-service-account');
  const variables = {
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/reloader',
    AWS_ENDPOINT_URL_STS: 'https://sts.acme.test',
  };
  expect(await queueWith(variables)).toEqual(['ok web identity', 'ok reachable']);
  expect(sts.sessions.map(({ webIdentity }) => webIdentity)).toContain('token-of-the-service-account');
  expect(world.proxy.targets).toContain('sts.acme.test:443');
});

test('Pod Identity is asked directly, whatever the proxy', async () => {
  const token = await world.stage.file('pod-token', 'token-of-the-pod');
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${pod.url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  };
  expect(await queueWith(variables)).toEqual(['ok container', 'ok reachable']);
  expect(asked).toContain('token-of-the-pod');
  expect(world.proxy.targets.filter((target) => target.includes('127.0.0.1'))).toEqual([]);
});

test('instance metadata that never answers ends in its time', async () => {
  const { port } = silent.address() as { readonly port: number };
  expect(await queueWith({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` })).toEqual([
    'ok instance',
    'FAIL could not count the messages of queue gitops-reloader: CredentialsProviderError [queue-denied]',
  ]);
});

test('an agent of Pod Identity that never answers is told, and waited for no longer', async () => {
  const { port } = silent.address() as { readonly port: number };
  const program = await world.stage.run(world.spec, [], {
    ...withoutKeys(),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/x`,
  });
  await waitUntil(
    'the queue is told to fail',
    () => program.lines.some((line) => line.includes('the AWS credential chain gave nothing within')),
    60_000,
  );
  program.signal('SIGKILL');
  expect(await leaks(world.stage)).toEqual([]);
});
