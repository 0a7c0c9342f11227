import {
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParameterCommand,
  GetParameterHistoryCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ParameterStoreServer, startParameterStore } from '../../../src/demo/aws/parameter-store-server.ts';

const NOW = Date.parse('2026-03-02T00:00:00Z');
let server: ParameterStoreServer;
let client: SSMClient;

beforeEach(async () => {
  server = await startParameterStore({ now: () => NOW });
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  client = new SSMClient({ region: 'eu-west-1', endpoint: server.url, credentials, maxAttempts: 1 });
  for (const name of ['/a', '/b', '/c', 'a']) server.put(name);
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

async function names(input: DescribeParametersCommandInput): Promise<readonly (string | undefined)[]> {
  const { Parameters = [] } = await client.send(new DescribeParametersCommand(input));
  return Parameters.map(({ Name }) => Name);
}

const byName = (Option: string, ...Values: string[]) => ({ ParameterFilters: [{ Key: 'Name', Option, Values }] });

test('a value is refused, and the question is recorded', async () => {
  const refused = { name: 'AccessDeniedException' };
  await expect(client.send(new GetParameterCommand({ Name: '/a' }))).rejects.toMatchObject(refused);
  await expect(client.send(new GetParameterHistoryCommand({ Name: '/a' }))).rejects.toMatchObject(refused);
  expect(server.requests.map(({ operation }) => operation)).toEqual(['GetParameter', 'GetParameterHistory']);
});

test('filters by name', async () => {
  expect(await names(byName('Equals', '/a', 'a'))).toEqual(['/a', 'a']);
  expect(await names(byName('BeginsWith', '/'))).toEqual(['/a', '/b', '/c']);
  expect(await names(byName('Contains', 'a'))).toEqual(['/a', 'a']);
  await expect(names({ ParameterFilters: [{ Key: 'Owner' }] })).rejects.toMatchObject({ name: 'InvalidFilterKey' });
  await expect(names(byName('Like', 'a'))).rejects.toMatchObject({ name: 'InvalidFilterOption' });
  await expect(names(byName('Equals'))).rejects.toMatchObject({ name: 'InvalidFilterValue' });
});

test('pages, some of them empty', async () => {
  server.scatter(1);
  const pages = [];
  let token: string | undefined;
  do {
    const command: DescribeParametersCommand = new DescribeParametersCommand({
      MaxResults: 3,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { Parameters = [], NextToken } = await client.send(command);
    pages.push(Parameters.length);
    token = NextToken;
  } while (token !== undefined);
  expect(pages).toEqual([0, 3, 1]);
});

test('a write counts on, and after a removal from one', async () => {
  const arn = 'arn:aws:ssm:eu-west-1:111122223333:parameter/a';
  expect(server.put('/a')).toBe(2);
  expect(await shown()).toEqual([[2, NOW, arn]]);
  server.lag(1);
  server.remove('/a');
  expect([await shown(), await shown()]).toEqual([[[2, NOW, arn]], []]);
  expect([server.get('/a'), server.put('/a')]).toEqual([null, 1]);
});

async function shown() {
  const { Parameters = [] } = await client.send(new DescribeParametersCommand(byName('Equals', '/a')));
  return Parameters.map(({ Version, LastModifiedDate, ARN }) => [Version, LastModifiedDate?.getTime(), ARN]);
}
