import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsCredentials, credentialProvider } from '../../../src/adapters/aws/aws-credentials.ts';
import type { AwsLimits } from '../../../src/adapters/aws/aws-limits.ts';
import { createSecretVersions } from '../../../src/adapters/aws/secret-versions.ts';
import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { readNetSettings } from '../../../src/adapters/net/read-net-settings.ts';
import { type SecretsManagerServer, startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { type StsServer, startSts } from '../../../src/demo/aws/sts-server.ts';
import { createFaults } from '../../../src/demo/faults.ts';
import {
  CA_FILE,
  type LoopbackProxy,
  portOf,
  startProxy,
  startTlsFront,
  type TlsFront,
} from '../net/loopback-proxy.ts';
import { CREDENTIALS, failureOf, INBOX_PORTS, LIMITS } from './aws-test-connection.ts';

const SIGNAL = new AbortController().signal;
const REF = { service: 'secretsmanager', account: '444455556666', region: 'eu-west-1', id: 'prod/db' } as const;
const HUB = 'arn:aws:iam::222233334444:role/hub';
const ROLE = 'arn:aws:iam::444455556666:role/reader';

let secrets: SecretsManagerServer;
let sqs: SqsServer;
let sts: StsServer;
let proxy: LoopbackProxy;
let fronts: readonly TlsFront[];
let limits: AwsLimits;

beforeAll(async () => {
  secrets = await startSecretsManager({ faults: createFaults() });
  sqs = await startSqs({ faults: createFaults() });
  sts = await startSts();
  proxy = await startProxy();
  const servers = [secrets, sqs, sts];
  fronts = await Promise.all(servers.map(({ url }) => startTlsFront(portOf(url))));
  for (const [at, name] of ['secrets', 'sqs', 'sts'].entries()) proxy.route(`${name}.acme.test`, fronts[at]?.port ?? 0);
  proxy.demand('user', 'canary-password');
  const address = `http://user:canary-password@127.0.0.1:${proxy.port}`;
  const net = readNetSettings({ proxy: address, proxyPlace: 'here', noProxy: [], caFile: CA_FILE }, {});
  limits = { ...LIMITS, net };
});
afterAll(() => Promise.all([secrets, sqs, sts, proxy, ...fronts].map((one) => one.close())));
beforeEach(() => proxy.behave('carry'));

function chained(): AwsCredentials {
  const common = {
    kind: 'assume-role',
    sessionName: 'gitops-reloader-acme',
    stsEndpoint: 'https://sts.acme.test',
  } as const;
  const base = { ...common, role: HUB, externalId: null, base: CREDENTIALS };
  return { ...common, role: ROLE, externalId: 'acme', base };
}

function describe(more: Partial<AwsLimits> = {}) {
  const account = {
    id: REF.account,
    regions: [REF.region],
    credentials: chained(),
    endpoint: 'https://secrets.acme.test',
  };
  const versions = createSecretVersions({ accounts: [account], limits: { ...limits, ...more }, now: () => 0 });
  return versions.describe(REF, SIGNAL).finally(() => versions.close());
}

function inbox() {
  const place = { queueUrl: sqs.createQueue('events', { visibilityTimeout: 30 }), maxNumberOfMessages: 1 };
  const connection = { region: 'eu-west-1', endpoint: 'https://sqs.acme.test', credentials: CREDENTIALS, limits };
  return createSqsInbox({ ...place, ...connection, ...INBOX_PORTS, waitTimeSeconds: 0, visibilityTimeout: 30 });
}

test('Secrets Manager, SQS and the STS of a chain of roles: all through the proxy', async () => {
  expect(await describe()).toEqual({ kind: 'absent' });
  const queue = inbox();
  sqs.send('events', 'body');
  expect((await queue.receive(SIGNAL)).map(({ body }) => body)).toEqual(['body']);
  queue.close();
  expect(new Set(proxy.targets)).toEqual(new Set(['sts.acme.test:443', 'secrets.acme.test:443', 'sqs.acme.test:443']));
});

test('a chain: each role is assumed by the one before it, the external id is for the last', () => {
  const session = 'gitops-reloader-acme';
  expect(sts.sessions).toEqual([
    { role: HUB, session, externalId: null, webIdentity: null },
    { role: ROLE, session, externalId: 'acme', webIdentity: null },
  ]);
  expect(secrets.requests.map(({ account }) => account)).toEqual(['444455556666']);
});

test.each([
  [407, 'never'],
  [403, 'never'],
  [502, 'later'],
  ['close', 'later'],
  ['hang', 'later'],
] as const)('a proxy that says %s', async (manner, retry) => {
  proxy.behave(manner);
  const failure = await failureOf(describe(manner === 'hang' ? { connectMilliseconds: 80 } : {}));
  expect([failure.code, failure.retry]).toEqual(['aws-unreachable', retry]);
  expect(failure.message).toContain(`the proxy 127.0.0.1:${proxy.port} `);
  expect(failure.hint).toContain(`127.0.0.1:${proxy.port}`);
  expect(JSON.stringify([failure, failure.message, failure.hint, String(failure.cause)])).not.toMatch(/canary|Basic/);
});

test('keys from files never send an empty session token', async () => {
  for (const sessionToken of ['', null]) {
    const read = async () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken });
    const identity = await credentialProvider({ kind: 'read', read }, 'eu-west-1', LIMITS)();
    expect('sessionToken' in identity).toBe(false);
  }
});
