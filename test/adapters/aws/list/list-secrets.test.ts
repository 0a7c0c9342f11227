import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSecretVersions } from '../../../../src/adapters/aws/secret-versions.ts';
import { awsError } from '../../../../src/demo/aws/aws-json.ts';
import { type SecretsManagerServer, startSecretsManager } from '../../../../src/demo/aws/secrets-manager-server.ts';
import { createFaults, type FaultEffect } from '../../../../src/demo/faults.ts';
import type { ListAnswer } from '../../../../src/ports.ts';
import { CREDENTIALS, failureOf, LIMITS } from '../aws-test-connection.ts';

const faults = createFaults();
let server: SecretsManagerServer;
beforeEach(async () => {
  faults.clear();
  server = await startSecretsManager({ faults });
  server.put({ name: 'prod/db' });
});
afterEach(() => server.close());

async function list(): Promise<ListAnswer> {
  const place = { account: '111122223333', region: 'eu-west-1' };
  const account = { id: place.account, regions: [place.region], credentials: CREDENTIALS, endpoint: server.url };
  const versions = createSecretVersions({ accounts: [account], limits: LIMITS, now: Date.now });
  const filter = { regexp: 'db', path: null, tags: [] };
  return versions.list(place, filter, new AbortController().signal).finally(() => versions.close());
}

function page(body: unknown): FaultEffect {
  return { kind: 'answer', status: 200, body };
}

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-Ab3dEf';

test.each<[string, FaultEffect, string]>([
  ['throttling', awsError('ThrottlingException'), 'aws-throttled later'],
  ['internal error', awsError('InternalServiceError', 500), 'aws-unreachable later'],
  ['connection cut', { kind: 'drop' }, 'aws-unreachable later'],
  ['unknown key', awsError('UnrecognizedClientException'), 'aws-denied never'],
  ['a page of a proxy', page('<html>'), 'aws-rejected later'],
  ['no list', page({}), 'aws-rejected later'],
  ['no name', page({ SecretList: [{ ARN }] }), 'aws-rejected later'],
  ['no ARN', page({ SecretList: [{ Name: 'a' }] }), 'aws-rejected later'],
  ['tags that are none', page({ SecretList: [{ ARN, Name: 'a', Tags: [{ Key: 1 }] }] }), 'aws-rejected later'],
  [
    'versions that are none',
    page({ SecretList: [{ ARN, Name: 'a', SecretVersionsToStages: { one: ['A'], two: ['A'] } }] }),
    'aws-rejected later',
  ],
  [
    'another account',
    page({ SecretList: [{ ARN: ARN.replace('111122223333', '999999999999'), Name: 'a' }] }),
    'aws-rejected never',
  ],
  [
    'another region',
    page({ SecretList: [{ ARN: ARN.replace('eu-west-1', 'us-east-1'), Name: 'a' }] }),
    'aws-rejected never',
  ],
  [
    'more than was asked for',
    page({ SecretList: Array.from({ length: 101 }, () => ({ ARN, Name: 'a' })) }),
    'aws-rejected later',
  ],
])('%s', async (_, effect, expected) => {
  faults.plan(/ListSecrets/, effect, LIMITS.maxAttempts);
  const { code, retry, message } = await failureOf(list());
  expect(`${code} ${retry}`).toBe(expected);
  expect(message).toMatch(/^could not list the secrets of account 111122223333 in eu-west-1: /);
});

test('a page that leads to itself is no list', async () => {
  faults.plan(/ListSecrets/, page({ SecretList: [], NextToken: 'again' }), 3);
  expect(await failureOf(list())).toMatchObject({ code: 'aws-rejected', retry: 'later' });
});

test('a page has attempts of its own; a question about one secret has no more than it had', async () => {
  const broken = awsError('InternalServiceError', 500);
  const place = { account: '111122223333', region: 'eu-west-1' };
  const account = { id: place.account, regions: [place.region], credentials: CREDENTIALS, endpoint: server.url };
  const limits = { ...LIMITS, listAttempts: 3 };
  const versions = createSecretVersions({ accounts: [account], limits, now: Date.now });
  const { signal } = new AbortController();
  faults.plan(/ListSecrets/, broken, 2);
  const filter = { regexp: null, path: null, tags: [] };
  expect(await versions.list(place, filter, signal)).toMatchObject({ secrets: [{ name: 'prod/db' }] });
  faults.plan(/DescribeSecret/, broken, 1);
  const asked = versions.describe({ ...place, service: 'secretsmanager', id: 'prod/db' }, signal);
  expect(await failureOf(asked)).toMatchObject({ code: 'aws-unreachable' });
  versions.close();
});

test('a list that lags shows what was, until its time is over', async () => {
  let now = Date.parse('2026-03-02T00:00:00Z');
  await server.close();
  server = await startSecretsManager({ faults, now: () => now });
  server.lagList(300_000);
  server.put({ name: 'prod/db' });
  expect(await list()).toMatchObject({ secrets: [] });
  now += 300_000;
  expect(await list()).toMatchObject({ secrets: [{ name: 'prod/db' }] });
  server.denyList();
  expect(await list()).toEqual({ kind: 'denied' });
  server.allowList();
  server.tag('prod/db', { team: 'a' });
  expect(await list()).toMatchObject({ secrets: [{ tags: new Map([['team', 'a']]) }] });
});
