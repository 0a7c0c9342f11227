import { afterEach, beforeEach, expect, test } from 'vitest';
import { createParameterVersions } from '../../../../src/adapters/aws/parameter-versions.ts';
import { awsError } from '../../../../src/demo/aws/aws-json.ts';
import { type ParameterStoreServer, startParameterStore } from '../../../../src/demo/aws/parameter-store-server.ts';
import { createFaults, type FaultEffect } from '../../../../src/demo/faults.ts';
import type { ListAnswer } from '../../../../src/ports.ts';
import { CREDENTIALS, failureOf, LIMITS } from '../aws-test-connection.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const faults = createFaults();
let server: ParameterStoreServer;
beforeEach(async () => {
  faults.clear();
  server = await startParameterStore({ faults, now: () => Date.parse('2026-03-02T00:00:00Z') });
});
afterEach(() => server.close());

async function list(place = PLACE, signal = new AbortController().signal, more = {}): Promise<ListAnswer> {
  const account = { id: PLACE.account, regions: [PLACE.region], credentials: CREDENTIALS, endpoint: server.url };
  const versions = createParameterVersions({ accounts: [account], limits: { ...LIMITS, ...more }, now: Date.now });
  return versions.listParameters(place, signal).finally(() => versions.close());
}

function page(parameters: unknown, more: object = {}): FaultEffect {
  return { kind: 'answer', status: 200, body: { Parameters: parameters, ...more } };
}

const WHOLE = { Name: '/prod/db', Version: 2, LastModifiedDate: 1_700_000_000.9 };
const ELSEWHERE = { ...WHOLE, ARN: 'arn:aws:ssm:eu-west-1:999999999999:parameter/prod/db' };

test('fifty at a time, without a filter and without any value', async () => {
  for (let number = 0; number < 101; number += 1) server.put(`/app/${number}`);
  expect(await list()).toMatchObject({ kind: 'listed', secrets: { length: 101 } });
  const calls = server.requests.map(({ operation, names }) => [operation, ...names]);
  expect(calls).toEqual([['DescribeParameters'], ['DescribeParameters'], ['DescribeParameters']]);
});

test('empty pages are turned over', async () => {
  server.put('/prod/db');
  server.scatter(30);
  expect(await list()).toMatchObject({ kind: 'listed', secrets: [{ name: '/prod/db' }] });
});

test.each<[string, FaultEffect, string]>([
  ['throttling', awsError('ThrottlingException'), 'aws-throttled later'],
  ['internal error', awsError('InternalServerError', 500), 'aws-unreachable later'],
  ['connection cut', { kind: 'drop' }, 'aws-unreachable later'],
  ['unknown key', awsError('UnrecognizedClientException'), 'aws-denied never'],
  ['a page of a proxy', { kind: 'answer', status: 200, body: '<html>' }, 'aws-rejected later'],
  ['a list that is none', page('x'), 'aws-rejected later'],
  ['entries that are none', page([null]), 'aws-rejected later'],
  ['no name', page([{ ...WHOLE, Name: undefined }]), 'aws-rejected later'],
  ['an empty name', page([{ ...WHOLE, Name: '' }]), 'aws-rejected later'],
  ['a very long name', page([{ ...WHOLE, Name: '/'.repeat(3000) }]), 'aws-rejected later'],
  ['no version', page([{ ...WHOLE, Version: undefined }]), 'aws-rejected later'],
  ['no time', page([{ ...WHOLE, LastModifiedDate: 'now' }]), 'aws-rejected later'],
  ['more than was asked for', page(Array.from({ length: 51 }, () => WHOLE)), 'aws-rejected later'],
  ['another account', page([ELSEWHERE]), 'aws-rejected never'],
])('%s', async (_, effect, expected) => {
  faults.plan(/DescribeParameters/, effect);
  const { code, retry, message } = await failureOf(list());
  expect(`${code} ${retry}`).toBe(expected);
  expect(message).toMatch(/^could not list the parameters of account 111122223333 in eu-west-1: /);
});

test('a page that leads to itself is no list', async () => {
  faults.plan(/DescribeParameters/, page([], { NextToken: 'again' }), 3);
  expect(await failureOf(list())).toMatchObject({ code: 'aws-rejected', retry: 'later' });
});

test('a page may leave out its list, and what comes twice stands as it came last', async () => {
  faults.plan(/DescribeParameters/, page(undefined, { NextToken: '0' }));
  faults.plan(/DescribeParameters/, page([WHOLE, { ...WHOLE, Version: 3 }]));
  expect(await list()).toMatchObject({
    secrets: [{ name: '/prod/db', versions: new Map([['AWSCURRENT', '3.1700000000']]) }],
  });
});

test('a page has attempts of its own, and what fails again and again fails the list', async () => {
  for (let number = 0; number < 60; number += 1) server.put(`/app/${number}`);
  const broken = awsError('InternalServerError', 500);
  faults.plan(/DescribeParameters/, broken, 2);
  const never = new AbortController().signal;
  expect(await list(PLACE, never, { listAttempts: 3 })).toMatchObject({ secrets: { length: 60 } });
  expect(server.requests).toHaveLength(4);
  faults.plan(/DescribeParameters/, broken, 3);
  const failure = await failureOf(list(PLACE, never, { listAttempts: 3 }));
  expect([failure.code, failure.retry]).toEqual(['aws-unreachable', 'later']);
});

test('a list that is called off ends between its pages and within one', async () => {
  const controller = new AbortController();
  faults.plan(/DescribeParameters/, page([], { NextToken: '0' }));
  faults.plan(/DescribeParameters/, {
    kind: 'before',
    act: () => {
      controller.abort();
      return new Promise(() => {});
    },
  });
  const failure = await failureOf(list(PLACE, controller.signal));
  expect([failure.code, failure.retry]).toEqual(['aws-unreachable', 'later']);
  expect(server.requests).toHaveLength(2);
});

test('a denial on a later page denies the list', async () => {
  faults.plan(/DescribeParameters/, page([WHOLE], { NextToken: '0' }));
  faults.plan(/DescribeParameters/, awsError('AccessDeniedException', 400));
  expect(await list()).toEqual({ kind: 'denied' });
});

test('nothing of a place that is not allowed, and nothing once it is called off', async () => {
  expect((await failureOf(list({ ...PLACE, region: 'us-east-1' }))).code).toBe('internal');
  expect((await failureOf(list(PLACE, AbortSignal.abort()))).code).toBe('aws-unreachable');
  expect(server.requests).toEqual([]);
});
