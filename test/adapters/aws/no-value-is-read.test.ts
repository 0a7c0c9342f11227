import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { DeleteQueueCommand, PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretsManagerClient, sqsClient } from '../../../src/adapters/aws/aws-clients.ts';
import { createParameterVersions } from '../../../src/adapters/aws/parameter-versions.ts';
import { parameterStoreClient } from '../../../src/adapters/aws/parameters/parameter-store-client.ts';
import { createSecretVersions } from '../../../src/adapters/aws/secret-versions.ts';
import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { type ParameterStoreServer, startParameterStore } from '../../../src/demo/aws/parameter-store-server.ts';
import { type SecretsManagerServer, startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { createFaults, type FaultEffect } from '../../../src/demo/faults.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { CANARY_KEY, CANARY_TOKEN, CREDENTIALS, connection, failureOf, INBOX_PORTS } from './aws-test-connection.ts';

const faults = createFaults();
let secrets: SecretsManagerServer;
let parameters: ParameterStoreServer;
let sqs: SqsServer;

beforeAll(async () => {
  secrets = await startSecretsManager({ faults });
  parameters = await startParameterStore({ faults });
  sqs = await startSqs({ faults });
});
afterAll(async () => {
  await secrets.close();
  await parameters.close();
  await sqs.close();
});

describe('operations that are not allowed never leave the process', () => {
  const SecretId = 'prod/db';
  const refused = [
    ['GetSecretValue', () => secretsClient().send(new GetSecretValueCommand({ SecretId }))],
    ['BatchGetSecretValue', () => secretsClient().send(new BatchGetSecretValueCommand({ SecretIdList: [SecretId] }))],
    ['PutSecretValue', () => secretsClient().send(new PutSecretValueCommand({ SecretId, SecretString: 'x' }))],
    ['CreateSecret', () => secretsClient().send(new CreateSecretCommand({ Name: SecretId }))],
    ['DeleteSecret', () => secretsClient().send(new DeleteSecretCommand({ SecretId }))],
    ['GetParameter', () => parametersClient().send(new GetParameterCommand({ Name: SecretId }))],
    ['GetParameters', () => parametersClient().send(new GetParametersCommand({ Names: [SecretId] }))],
    ['GetParametersByPath', () => parametersClient().send(new GetParametersByPathCommand({ Path: '/' }))],
    ['GetParameterHistory', () => parametersClient().send(new GetParameterHistoryCommand({ Name: SecretId }))],
    ['PutParameter', () => parametersClient().send(new PutParameterCommand({ Name: SecretId, Value: 'x' }))],
    [
      'LabelParameterVersion',
      () => parametersClient().send(new LabelParameterVersionCommand({ Name: SecretId, Labels: ['x'] })),
    ],
    ['SendMessage', () => queueClient().send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'x' }))],
    ['PurgeQueue', () => queueClient().send(new PurgeQueueCommand({ QueueUrl: 'q' }))],
    ['DeleteQueue', () => queueClient().send(new DeleteQueueCommand({ QueueUrl: 'q' }))],
  ] as const;
  for (const [operation, send] of refused) {
    test(operation, async () => {
      const failure = await failureOf(send());
      expect([failure.code, failure.message]).toEqual([
        'internal',
        `internal error: ${operation} is not among the allowed AWS operations`,
      ]);
      expect([secrets.requests, parameters.requests, sqs.requests]).toEqual([[], [], []]);
    });
  }

  test('the same clients send what is allowed', async () => {
    secrets.put({ name: SecretId });
    await secretsClient().send(new DescribeSecretCommand({ SecretId }));
    await secretsClient().send(new ListSecretsCommand({}));
    await parametersClient().send(new DescribeParametersCommand({}));
    expect(secrets.requests.map((request) => request.operation)).toEqual(['DescribeSecret', 'ListSecrets']);
    expect(parameters.requests.map((request) => request.operation)).toEqual(['DescribeParameters']);
  });

  test('clients are made in two places, and nothing in the product names the operation', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const texts = files.map((name) => ({ name, text: readFileSync(join('src', name), 'utf8') }));
    const making = texts.filter(({ text }) => /new (?:SQS|SecretsManager|STS|SSM)Client\(/.test(text));
    expect(making.map(({ name }) => name).toSorted()).toEqual([
      'adapters/aws/aws-clients.ts',
      'adapters/aws/parameters/parameter-store-client.ts',
    ]);
    expect(
      texts.filter(({ text }) =>
        /GetSecretValueCommand|SecretString|SecretBinary|GetParameter\w*Command|WithDecryption/.test(text),
      ),
    ).toEqual([]);
  });
});

describe('credentials are in no failure', () => {
  const effects: readonly [string, FaultEffect][] = [
    ['denied', awsError('AccessDenied', 403)],
    ['a signature error that repeats what was signed', signatureError()],
    ['throttled', awsError('ThrottlingException')],
    ['server error', { kind: 'answer', status: 500, body: CANARY_TOKEN }],
    ['a page', { kind: 'answer', status: 200, body: `<html>${CANARY_TOKEN}` }],
    ['an error named like it', awsError(CANARY_TOKEN)],
    ['cut', { kind: 'drop' }],
    ['silence', { kind: 'before', act: () => new Promise(() => {}) }],
  ];
  for (const [title, effect] of effects) {
    test(title, async () => {
      faults.clear();
      faults.plan(/DescribeSecret|DescribeParameters|ReceiveMessage/, effect, 3);
      for (const failure of await allFailures()) {
        const seen = [
          failure.message,
          failure.hint,
          failure.stack,
          JSON.stringify(failure),
          inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
        ].join('\n');
        expect(seen).not.toContain(CANARY_KEY);
        expect(seen).not.toContain(CANARY_TOKEN);
        expect(seen).not.toContain('Authorization');
      }
    });
  }

  test('the canary did travel: the server saw the session token', async () => {
    let seen = '';
    const { listenOnLoopback } = await import('../../../src/demo/loopback.ts');
    const listener = await listenOnLoopback(async (request, response) => {
      seen = JSON.stringify(request.headers);
      response.writeHead(500).end();
    });
    await failureOf(createSqsInbox(inboxOptions(listener.url)).receive(new AbortController().signal));
    await listener.close();
    expect(seen).toContain(CANARY_TOKEN);
  });
});

async function allFailures(): Promise<readonly Failure[]> {
  const { limits } = connection('', { requestMilliseconds: 100 });
  const account = { id: '111122223333', regions: ['eu-west-1'], credentials: CREDENTIALS, endpoint: secrets.url };
  const versions = createSecretVersions({ accounts: [account], limits, now: () => 0 });
  const ref = { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', id: 'prod/db' } as const;
  const { signal } = new AbortController();
  const inbox = createSqsInbox(inboxOptions(sqs.url));
  const parameterAccount = { ...account, endpoint: parameters.url };
  const latest = createParameterVersions({ accounts: [parameterAccount], limits, now: () => 0 });
  return [
    await failureOf(versions.describe(ref, signal)),
    await failureOf(latest.describe({ ...ref, service: 'ssm', id: '/prod/db' }, signal)),
    await failureOf(inbox.receive(signal)),
  ];
}

function inboxOptions(endpoint: string) {
  const queue = { queueUrl: `${endpoint}/111122223333/events`, maxNumberOfMessages: 1 };
  const connected = { ...connection(endpoint, { requestMilliseconds: 100 }), ...INBOX_PORTS };
  return { ...connected, ...queue, waitTimeSeconds: 0, visibilityTimeout: 30 };
}

function secretsClient() {
  return secretsManagerClient(connection(secrets.url));
}

function parametersClient() {
  return parameterStoreClient(connection(parameters.url));
}

function queueClient() {
  return sqsClient(connection(sqs.url), 0);
}

/** As AWS writes it: the canonical string with every signed header. */
function signatureError(): FaultEffect {
  const message = `The Canonical String for this request should have been 'x-amz-security-token:${CANARY_TOKEN}'`;
  return { kind: 'answer', status: 403, body: { __type: 'InvalidSignatureException', message } };
}
