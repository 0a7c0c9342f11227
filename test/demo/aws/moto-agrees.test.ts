import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createParameterVersions } from '../../../src/adapters/aws/parameter-versions.ts';
import { createSecretVersions } from '../../../src/adapters/aws/secret-versions.ts';
import { startParameterStore } from '../../../src/demo/aws/parameter-store-server.ts';
import { startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import type { FindFilter } from '../../../src/domain/find/find-filter.ts';
import { fitsName, fitsTags } from '../../../src/manifests/indexing/find/find-members.ts';
import type { SecretAnswer, SecretVersions } from '../../../src/ports.ts';

/** A Secrets Manager and a Parameter Store made by other people, where Python has it: our stand-in must not be the only witness. */
const PROGRAM = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print('%s:%d' % server.get_host_and_port(), flush=True)
sys.stdin.read()
`;
const isThere = spawnSync('python3', ['-c', 'import moto.server, flask']).status === 0;
if (!isThere)
  console.warn('moto is not installed: the embedded Secrets Manager and Parameter Store are not compared with it');

const ACCOUNT = '123456789012';
const ids = ['one', 'two', 'three'].map((name) => `${name}-`.padEnd(36, 'x'));
const [one = '', two = '', three = ''] = ids;
let moto: ChildProcess | null = null;
let endpoint = '';

beforeAll(async () => {
  if (!isThere) return;
  moto = spawn('python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = (await once(moto.stdout ?? moto, 'data')) as [Buffer];
  endpoint = `http://${line.toString().trim()}`;
});
afterAll(async () => {
  if (moto === null) return;
  moto.stdin?.end();
  await once(moto, 'exit');
});

test.skipIf(!isThere)('both show the same labels after the same rotation and rollback', async () => {
  const client = newClient();
  const server = await startSecretsManager({ account: ACCOUNT });
  const SecretId = 'prod/db';
  await client.send(new CreateSecretCommand({ Name: SecretId, ClientRequestToken: one, SecretString: 'not-a-secret' }));
  server.put({ name: SecretId, versions: { AWSCURRENT: one } });
  const put = async (id: string, stages?: string[]): Promise<void> => {
    const version = {
      ClientRequestToken: id,
      SecretString: id,
      ...(stages === undefined ? {} : { VersionStages: stages }),
    };
    await client.send(new PutSecretValueCommand({ SecretId, ...version }));
    server.putVersion(SecretId, id, stages);
  };
  const move = async (to: string, from: string): Promise<void> => {
    const stage = { VersionStage: 'AWSCURRENT', MoveToVersionId: to, RemoveFromVersionId: from };
    await client.send(new UpdateSecretVersionStageCommand({ SecretId, ...stage }));
    server.moveLabel(SecretId, 'AWSCURRENT', to);
  };
  // A plain change and its rollback, then a rotation. moto goes wrong at a plain change after a rotation.
  const steps = [() => put(two), () => move(one, two), () => put(three, ['AWSPENDING']), () => move(three, one)];
  for (const step of steps) {
    await step();
    const theirs = labels(await ask(endpoint, SecretId));
    expect(theirs).toEqual(labels(await ask(server.url, SecretId)));
    expect(theirs.length).toBeGreaterThan(1);
  }
  client.destroy();
  await server.close();
});

test.skipIf(!isThere)('both find by name, full ARN and partial ARN, and miss what is not there', async () => {
  const client = newClient();
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'app/key', SecretString: 'x' }));
  for (const id of ['app/key', ARN, ARN.slice(0, -7)]) {
    expect(await ask(endpoint, id)).toMatchObject({
      kind: 'found',
      secret: { name: 'app/key', suffix: ARN.slice(-6) },
    });
  }
  expect(await ask(endpoint, 'app/none')).toEqual({ kind: 'absent' });
  client.destroy();
});

test.skipIf(!isThere)('both count a parameter’s versions, and from one again when it is made anew', async () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  const client = new SSMClient({ region: 'eu-west-1', endpoint, credentials });
  const server = await startParameterStore({ account: ACCOUNT });
  const put = async (Name: string): Promise<void> => {
    await client.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String', Overwrite: true }));
    server.put(Name);
  };
  const remove = async (Name: string): Promise<void> => {
    await client.send(new DeleteParameterCommand({ Name }));
    server.remove(Name);
  };
  const [name, arn] = ['/prod/url', `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/prod/url`];
  await put('/prod/url/more');
  const steps = [() => put(name), () => put(name), () => remove(name), () => put(name)];
  const numbers = [];
  for (const step of steps) {
    await step();
    for (const id of [name, arn]) {
      const theirs = numbered(await askParameter(endpoint, id));
      expect(theirs).toEqual(numbered(await askParameter(server.url, id)));
      numbers.push(theirs.at(-1));
    }
  }
  expect(numbers).toEqual(['1', '1', '2', '2', 'absent', 'absent', '1', '1']);
  client.destroy();
  await server.close();
});

test.skipIf(!isThere)('both list the same secrets with the same tags, whatever is looked for', async () => {
  const client = newClient();
  const server = await startSecretsManager({ account: ACCOUNT });
  const secrets = [
    ['list/a', { team: 'pay' }],
    ['list/b', { teams: 'x', other: 'payments' }],
    ['list/c', {}],
    ['List/d', { team: 'x' }],
  ] as const;
  for (const [Name, tags] of secrets) {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await client.send(new CreateSecretCommand({ Name, SecretString: 'x', Tags }));
    server.put({ name: Name, tags });
  }
  const filters = [{ regexp: 'ist/' }, { path: 'list/', regexp: '' }, { tags: [['team', 'pay']] }] as const;
  for (const part of filters) {
    const filter = { regexp: null, path: null, tags: [], ...part };
    const theirs = await members(endpoint, filter);
    expect(theirs).toEqual(await members(server.url, filter));
    expect(theirs.length).toBeGreaterThan(1);
  }
  client.destroy();
  await server.close();
});

/** Name and number; the two clocks need not agree. */
function numbered(answer: SecretAnswer): readonly string[] {
  if (answer.kind !== 'found') return [answer.kind];
  return [answer.secret.name, answer.versions.get('AWSCURRENT')?.split('.')[0] ?? ''];
}

async function askParameter(url: string, id: string): Promise<SecretAnswer> {
  const limits = { connectMilliseconds: 1000, requestMilliseconds: 5000, maxAttempts: 1 };
  const account = { id: ACCOUNT, regions: ['eu-west-1'], credentials: keys(), endpoint: url };
  const versions = createParameterVersions({ accounts: [account], limits, now: Date.now });
  const ref = { service: 'ssm', account: ACCOUNT, region: 'eu-west-1', id } as const;
  return versions.describe(ref, new AbortController().signal).finally(() => versions.close());
}

/** Names and tags of what a find finds. */
async function members(url: string, filter: FindFilter): Promise<readonly string[]> {
  const place = { account: ACCOUNT, region: 'eu-west-1' };
  const listing = await asked(url, (versions) => versions.list(place, filter, new AbortController().signal));
  if (listing.kind !== 'listed') throw new Error(`not listed but ${listing.kind}`);
  const found = listing.secrets.filter(({ name, tags }) => fitsName(filter, name) && fitsTags(filter, tags));
  return found.map(({ name, tags, deleted }) => JSON.stringify([name, [...tags], deleted])).toSorted();
}

function ask(url: string, id: string): Promise<SecretAnswer> {
  const ref = { service: 'secretsmanager', account: ACCOUNT, region: 'eu-west-1', id } as const;
  return asked(url, (versions) => versions.describe(ref, new AbortController().signal));
}

async function asked<T>(
  url: string,
  question: (versions: Pick<SecretVersions, 'describe' | 'list'>) => Promise<T>,
): Promise<T> {
  const limits = { connectMilliseconds: 1000, requestMilliseconds: 5000, maxAttempts: 1 };
  const account = { id: ACCOUNT, regions: ['eu-west-1'], credentials: keys(), endpoint: url };
  const versions = createSecretVersions({ accounts: [account], limits, now: Date.now });
  return question(versions).finally(() => versions.close());
}

function labels(answer: SecretAnswer): readonly (readonly [string, string])[] {
  return answer.kind === 'found' ? [...answer.versions].toSorted(([left], [right]) => (left < right ? -1 : 1)) : [];
}

function newClient(): SecretsManagerClient {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  return new SecretsManagerClient({ region: 'eu-west-1', endpoint, credentials });
}

function keys() {
  return { kind: 'static', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x', sessionToken: null } as const;
}
