import { afterEach, beforeEach, expect, test } from 'vitest';
import { createParameterVersions } from '../../../src/adapters/aws/parameter-versions.ts';
import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { type ParameterStoreServer, startParameterStore } from '../../../src/demo/aws/parameter-store-server.ts';
import { createFaults, type FaultEffect } from '../../../src/demo/faults.ts';
import type { SecretRef } from '../../../src/domain/secret-id.ts';
import { CREDENTIALS, failureOf, LIMITS } from './aws-test-connection.ts';

const faults = createFaults();
const REF = { service: 'ssm', account: '111122223333', region: 'eu-west-1', id: '/prod/db' } as const;
const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/plain';

let server: ParameterStoreServer;
beforeEach(async () => {
  server = await startParameterStore({ faults, now: () => Date.parse('2026-03-02T00:00:00Z') });
  server.put('/prod/db');
});
afterEach(async () => {
  faults.clear();
  await server.close();
});

async function ask(ref: SecretRef = REF) {
  const account = { id: REF.account, regions: ['eu-west-1', 'us-east-1'], credentials: CREDENTIALS };
  const accounts = [{ ...account, endpoint: server.url }];
  const versions = createParameterVersions({ accounts, limits: LIMITS, now: () => 0 });
  try {
    return await versions.describe(ref, new AbortController().signal);
  } finally {
    versions.close();
  }
}

const page = (parameters: unknown, more: object = {}): FaultEffect => ({
  kind: 'answer',
  status: 200,
  body: { Parameters: parameters, ...more },
});
const WHOLE = { Name: '/prod/db', Version: 2, LastModifiedDate: 1_700_000_000.9 };

test('it asks for exactly that name, and for nothing else', async () => {
  await ask();
  await ask({ ...REF, id: ARN });
  expect(server.requests.map(({ operation, names }) => [operation, ...names])).toEqual([
    ['DescribeParameters', '/prod/db'],
    ['DescribeParameters', 'plain', '/plain'],
  ]);
});

test('empty pages before the one that matters are turned over', async () => {
  server.scatter(5);
  expect(await ask()).toMatchObject({ kind: 'found' });
  expect(server.requests).toHaveLength(6);
});

test('a list without an end is given up, and asked for again later', async () => {
  server.scatter(1000);
  const failure = await failureOf(ask());
  expect([failure.code, failure.retry, failure.message]).toEqual([
    'aws-rejected',
    'later',
    'could not describe parameter /prod/db of account 111122223333 in eu-west-1: it does not end after 20 pages',
  ]);
  expect(server.requests).toHaveLength(20);
});

test('an ARN that two parameters have is refused: nobody can tell which one is meant', async () => {
  server.put('plain');
  server.put('/plain');
  const failure = await failureOf(ask({ ...REF, id: ARN }));
  expect([failure.code, failure.retry]).toEqual(['aws-rejected', 'never']);
  expect(failure.message).toContain('it may be /plain or plain');
});

test.each<[string, FaultEffect, string]>([
  ['an access that is denied', awsError('AccessDeniedException', 400), 'denied'],
  ['a name that it does not take', awsError('InvalidFilterValue'), 'absent'],
  ['a wrong form', awsError('ValidationException'), 'absent'],
  ['parameters that nobody asked for', page([{ ...WHOLE, Name: '/other' }, null, 7, 'x', []]), 'absent'],
  ['no list at all', page(undefined), 'absent'],
  ['no ARN, as it was before', page([WHOLE]), 'found'],
  ['the same one twice', page([WHOLE, WHOLE]), 'found'],
])('%s: %o is %s', async (_, effect, kind) => {
  faults.plan(/DescribeParameters/, effect);
  expect((await ask()).kind).toBe(kind);
});

test.each<[string, FaultEffect, string]>([
  ['throttled', awsError('ThrottlingException'), 'aws-throttled later'],
  ['an error of theirs', awsError('InternalServerError', 500), 'aws-unreachable later'],
  ['cut', { kind: 'drop' }, 'aws-unreachable later'],
  ['a page of somebody else', { kind: 'answer', status: 200, body: '<html>' }, 'aws-rejected later'],
  ['keys that are not known', awsError('UnrecognizedClientException'), 'aws-denied never'],
  ['a token that is over', awsError('ExpiredTokenException'), 'aws-denied later'],
  ['a list that is none', page('x'), 'aws-rejected later'],
  ['a version that is a text', page([{ ...WHOLE, Version: '2' }]), 'aws-rejected later'],
  ['a version below one', page([{ ...WHOLE, Version: 0 }]), 'aws-rejected later'],
  ['a version that is no whole number', page([{ ...WHOLE, Version: 1.5 }]), 'aws-rejected later'],
  ['no time', page([{ ...WHOLE, LastModifiedDate: undefined }]), 'aws-rejected later'],
  ['a time that is a text', page([{ ...WHOLE, LastModifiedDate: 'now' }]), 'aws-rejected later'],
  [
    'another account',
    page([{ ...WHOLE, ARN: 'arn:aws:ssm:eu-west-1:999999999999:parameter/prod/db' }]),
    'aws-rejected never',
  ],
])('%s', async (_, effect, expected) => {
  faults.plan(/DescribeParameters/, effect);
  const failure = await failureOf(ask());
  expect(`${failure.code} ${failure.retry}`).toBe(expected);
  expect(failure.message).toContain('parameter /prod/db of account 111122223333');
});

test('what is not allowed, or none of its business, is never asked', async () => {
  for (const ref of [
    { ...REF, account: '999999999999' },
    { ...REF, region: 'ap-south-1' },
    { ...REF, service: 'secretsmanager' as const },
  ]) {
    expect((await failureOf(ask(ref))).code).toBe('internal');
  }
  expect(server.requests).toEqual([]);
});

test('each region has its own parameters', async () => {
  server.at(REF.account, 'us-east-1').put('/far');
  expect(await ask({ ...REF, region: 'us-east-1', id: '/far' })).toMatchObject({ kind: 'found' });
  expect(await ask({ ...REF, id: '/far' })).toEqual({ kind: 'absent' });
});
