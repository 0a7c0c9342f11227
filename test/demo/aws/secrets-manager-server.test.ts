import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';

let server: SecretsManagerServer;
let client: SecretsManagerClient;

beforeEach(async () => {
  server = await startSecretsManager({ now: () => Date.parse('2026-03-02T00:00:00Z') });
  client = newClient('AKIAEXAMPLE', 'eu-west-1');
  server.put({ name: 'prod/db', versions: { AWSCURRENT: 'one' } });
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

test('a value is refused, and the question is recorded', async () => {
  const asked = client.send(new GetSecretValueCommand({ SecretId: 'prod/db' }));
  await expect(asked).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(server.requests).toEqual([
    { operation: 'GetSecretValue', secretId: 'prod/db', account: '111122223333', region: 'eu-west-1' },
  ]);
});

test('a new version moves AWSCURRENT and AWSPREVIOUS', async () => {
  server.putVersion('prod/db', 'two');
  expect(await stages()).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSCURRENT'] });
  server.putVersion('prod/db', 'three');
  expect(await stages()).toEqual({ two: ['AWSPREVIOUS'], three: ['AWSCURRENT'] });
});

test('a Lambda rotation: pending first, then current', async () => {
  server.putVersion('prod/db', 'two', ['AWSPENDING']);
  expect(await stages()).toEqual({ one: ['AWSCURRENT'], two: ['AWSPENDING'] });
  server.moveLabel('prod/db', 'AWSCURRENT', 'two');
  expect(await stages()).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSPENDING', 'AWSCURRENT'] });
});

test('a rollback swaps the two labels', async () => {
  server.putVersion('prod/db', 'two');
  server.moveLabel('prod/db', 'AWSCURRENT', 'one');
  expect([...server.labels('prod/db')]).toEqual([
    ['AWSCURRENT', 'one'],
    ['AWSPREVIOUS', 'two'],
  ]);
});

test('moving AWSCURRENT to where it is changes nothing', async () => {
  server.putVersion('prod/db', 'two');
  server.moveLabel('prod/db', 'AWSCURRENT', 'two');
  expect(await stages()).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSCURRENT'] });
});

test('a copy in another region follows its primary, until it is held or removed', async () => {
  const copied = async () => {
    const far = newClient('AKIAEXAMPLE', 'us-east-1');
    const primary = await client.send(new DescribeSecretCommand({ SecretId: 'prod/db' }));
    const copy = await far.send(new DescribeSecretCommand({ SecretId: 'prod/db' })).catch(({ name }: Error) => name);
    far.destroy();
    const status = primary.ReplicationStatus?.map(({ Region, Status }) => `${Region} ${Status}`) ?? [];
    return [
      ...status,
      typeof copy === 'string'
        ? copy
        : Object.keys(copy.VersionIdsToStages ?? {})
            .toSorted()
            .join(' '),
    ];
  };
  server.replicate('prod/db', 'us-east-1');
  server.putVersion('prod/db', 'two');
  expect(await copied()).toEqual(['us-east-1 InSync', 'one two']);
  server.holdReplica('prod/db', 'us-east-1', 'InProgress');
  server.moveLabel('prod/db', 'AWSCURRENT', 'one');
  server.putVersion('prod/db', 'three');
  expect(await copied()).toEqual(['us-east-1 InProgress', 'one two']);
  server.replicate('prod/db', 'us-east-1');
  expect(await copied()).toEqual(['us-east-1 InSync', 'one three']);
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
  expect(SecretList.map(({ PrimaryRegion }) => PrimaryRegion)).toEqual(['eu-west-1']);
  server.removeReplica('prod/db', 'us-east-1');
  expect(await copied()).toEqual(['ResourceNotFoundException']);
});

test('answers that lag show the labels of before', async () => {
  server.lag('prod/db', 2);
  server.putVersion('prod/db', 'two');
  expect([await stages(), await stages()]).toEqual([{ one: ['AWSCURRENT'] }, { one: ['AWSCURRENT'] }]);
  expect(await stages()).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSCURRENT'] });
});

test('deleting and creating again gives another ARN', async () => {
  const before = await describeSecret('prod/db');
  const arn = server.recreate('prod/db', 'two');
  expect(arn).not.toBe(before.ARN);
  expect(await describeSecret(arn)).toMatchObject({ Name: 'prod/db', VersionIdsToStages: { two: ['AWSCURRENT'] } });
  await expect(describeSecret(before.ARN ?? '')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a scheduled deletion is shown and can be taken back', async () => {
  server.scheduleDeletion('prod/db');
  expect((await describeSecret('prod/db')).DeletedDate?.toISOString()).toBe('2026-04-01T00:00:00.000Z');
  expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
  server.restore('prod/db');
  expect((await describeSecret('prod/db')).DeletedDate).toBeUndefined();
});

test('a denied secret, and allowed again', async () => {
  server.deny('prod/db');
  await expect(describeSecret('prod/db')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  server.allow('prod/db');
  expect(await describeSecret('prod/db')).toMatchObject({ Name: 'prod/db' });
});

test('accounts and regions are apart', async () => {
  server.at('444455556666', 'us-east-1').put({ name: 'prod/db', versions: { AWSCURRENT: 'other' } });
  const other = newClient('AKIAEXAMPLE444455556666', 'us-east-1');
  const { ARN } = await other.send(new DescribeSecretCommand({ SecretId: 'prod/db' }));
  expect(ARN).toContain(':us-east-1:444455556666:');
  await expect(describeSecret(ARN ?? '')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  other.destroy();
});

test('a list comes in pages, filtered by name', async () => {
  for (let index = 0; index < 5; index += 1) server.put({ name: `app/${index}` });
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(
      new ListSecretsCommand({ MaxResults: 2, NextToken, Filters: [{ Key: 'name', Values: ['app/'] }] }),
    );
    names.push(...(page.SecretList ?? []).map((secret) => secret.Name));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined && pages < 10);
  expect([names, pages]).toEqual([['app/0', 'app/1', 'app/2', 'app/3', 'app/4'], 3]);
});

test('a negated name filter, and the versions of a listed secret', async () => {
  server.put({ name: 'app/0' });
  const { SecretList } = await client.send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['!app/'] }] }));
  expect(SecretList).toMatchObject([{ Name: 'prod/db', SecretVersionsToStages: { one: ['AWSCURRENT'] } }]);
});

function newClient(accessKeyId: string, region: string): SecretsManagerClient {
  const credentials = { accessKeyId, secretAccessKey: 'x' };
  return new SecretsManagerClient({ region, endpoint: server.url, credentials, maxAttempts: 1 });
}

function describeSecret(SecretId: string) {
  return client.send(new DescribeSecretCommand({ SecretId }));
}

async function stages() {
  return (await describeSecret('prod/db')).VersionIdsToStages;
}
