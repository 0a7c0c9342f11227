import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  SECRETS_MANAGER_OPERATIONS,
  SQS_OPERATIONS,
  STS_OPERATIONS,
} from '../../../src/adapters/aws/allowed-operations.ts';
import {
  type AwsCredentials,
  credentialProvider,
  type WebIdentity,
} from '../../../src/adapters/aws/aws-credentials.ts';
import { createSecretVersions } from '../../../src/adapters/aws/secret-versions.ts';
import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { type SecretsManagerServer, startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { type StsServer, startSts } from '../../../src/demo/aws/sts-server.ts';
import { createFaults } from '../../../src/demo/faults.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { failureOf, INBOX_PORTS, LIMITS } from './aws-test-connection.ts';

const ROLE = 'arn:aws:iam::444455556666:role/reader';
const SIGNAL = new AbortController().signal;
const faults = createFaults();
let secrets: SecretsManagerServer;
let sqs: SqsServer;
let sts: StsServer;
let brief: StsServer;

beforeAll(async () => {
  secrets = await startSecretsManager({ faults });
  sqs = await startSqs({ faults });
  sts = await startSts({ faults });
  // Sessions within the SDK's last five minutes: each request asks for a new one.
  brief = await startSts({ lifetimeSeconds: 60 });
});
afterAll(() => Promise.all([secrets, sqs, sts, brief].map((server) => server.close())));
beforeEach(() => faults.clear());

function webIdentity(read: () => Promise<WebIdentity>, endpoint = sts.url): AwsCredentials {
  return { kind: 'web-identity', read, sessionName: 'gitops-reloader-acme', stsEndpoint: endpoint };
}

function versions(credentials: AwsCredentials) {
  const account = { id: '444455556666', regions: ['eu-west-1'], credentials, endpoint: secrets.url };
  return createSecretVersions({ accounts: [account], limits: LIMITS, now: () => 0 });
}

const REF = { service: 'secretsmanager', account: '444455556666', region: 'eu-west-1', id: 'prod/db' } as const;

test('a token is exchanged for the role, without a signature, and the role is who asks', async () => {
  const before = secrets.requests.length;
  const answer = versions(webIdentity(async () => ({ token: 'one', role: ROLE }))).describe(REF, SIGNAL);
  expect(await answer).toEqual({ kind: 'absent' });
  expect(sts.sessions.at(-1)).toEqual({
    role: ROLE,
    session: 'gitops-reloader-acme',
    externalId: null,
    webIdentity: 'one',
  });
  expect(secrets.requests.slice(before).map(({ account }) => account)).toEqual(['444455556666']);
});

test('the token is read again at each renewal', async () => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return { token: `token-${reads}`, role: ROLE };
  };
  const asked = versions(webIdentity(read, brief.url));
  await asked.describe(REF, SIGNAL);
  await asked.describe(REF, SIGNAL);
  const seen = brief.sessions.map((session) => session.webIdentity);
  expect(seen.length).toBeGreaterThanOrEqual(2);
  expect(seen).toEqual(seen.map((_, at) => `token-${at + 1}`));
});

test('a session that lasts is used again', async () => {
  const before = sts.sessions.length;
  const asked = versions(webIdentity(async () => ({ token: 'one', role: ROLE })));
  await asked.describe(REF, SIGNAL);
  await asked.describe(REF, SIGNAL);
  expect(sts.sessions.length).toBe(before + 1);
});

test('a token that is not accepted, and one that cannot be read', async () => {
  sts.trustTokens(ROLE, ['good']);
  const refused = await failureOf(
    versions(webIdentity(async () => ({ token: 'canary-token', role: ROLE }))).describe(REF, SIGNAL),
  );
  expect([refused.code, refused.retry]).toEqual(['aws-denied', 'never']);
  expect(JSON.stringify([refused, refused.message, refused.hint, refused.stack])).not.toContain('canary-token');
  const queueUrl = sqs.createQueue('events', { visibilityTimeout: 30 });
  const unreadable = new Failure('no token', { code: 'file-unreadable', retry: 'never', hint: 'Mount it.' });
  const inbox = createSqsInbox({
    region: 'eu-west-1',
    endpoint: sqs.url,
    credentials: webIdentity(() => Promise.reject(unreadable)),
    limits: LIMITS,
    ...INBOX_PORTS,
    queueUrl,
    maxNumberOfMessages: 1,
    waitTimeSeconds: 0,
    visibilityTimeout: 30,
  });
  expect(await failureOf(inbox.receive(SIGNAL))).toBe(unreadable);
  inbox.close();
});

test('only STS is asked to change identities, and for nothing else', () => {
  expect([...STS_OPERATIONS]).toEqual(['AssumeRole', 'AssumeRoleWithWebIdentity']);
  const others: readonly string[] = [...SQS_OPERATIONS, ...SECRETS_MANAGER_OPERATIONS];
  expect(others.filter((operation) => operation.startsWith('Assume'))).toEqual([]);
});

test('a role that is renewed again and again goes through the same guard', async () => {
  const before = brief.sessions.length;
  const provider = credentialProvider(assumed(brief.url), 'eu-west-1', LIMITS);
  expect((await provider()).accessKeyId).toBe('ASIAEXAMPLE444455556666');
  expect((await provider()).accessKeyId).toBe('ASIAEXAMPLE444455556666');
  expect(brief.sessions.length).toBe(before + 2);
});

function assumed(stsEndpoint = sts.url): AwsCredentials {
  const base = {
    kind: 'static',
    accessKeyId: 'AKIAEXAMPLE111122223333',
    secretAccessKey: 'x',
    sessionToken: null,
  } as const;
  return { kind: 'assume-role', role: ROLE, externalId: null, sessionName: 's', base, stsEndpoint };
}
