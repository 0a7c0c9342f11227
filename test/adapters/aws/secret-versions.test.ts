import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AwsCredentials } from '../../../src/adapters/aws/aws-credentials.ts';
import { createSecretVersions, type SecretVersionsOptions } from '../../../src/adapters/aws/secret-versions.ts';
import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { type SecretsManagerServer, startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import { type StsServer, startSts } from '../../../src/demo/aws/sts-server.ts';
import { createFaults, type FaultEffect } from '../../../src/demo/faults.ts';
import { listenOnLoopback } from '../../../src/demo/loopback.ts';
import type { SecretRef } from '../../../src/domain/secret-id.ts';
import { CREDENTIALS, failureOf, LIMITS } from './aws-test-connection.ts';

const faults = createFaults();
const opened: { close(): void }[] = [];
let server: SecretsManagerServer;
let sts: StsServer;

const ONE = 'aaaaaaaa-1111-4111-8111-000000000001';
const TWO = 'aaaaaaaa-2222-4222-8222-000000000002';
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-Ab3dEf';
const ROLE = 'arn:aws:iam::444455556666:role/describe';
const SILENCE: FaultEffect = { kind: 'before', act: () => new Promise(() => {}) };

beforeAll(async () => {
  sts = await startSts({ faults });
});
beforeEach(async () => {
  faults.clear();
  server = await startSecretsManager({ faults });
  server.put({ name: 'prod/db', suffix: 'Ab3dEf', versions: { AWSCURRENT: ONE } });
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.close();
  await server.close();
});
afterAll(() => sts.close());

describe('what Secrets Manager answers, as failures', () => {
  const rows: readonly [string, FaultEffect, string][] = [
    ['throttling', awsError('ThrottlingException'), 'aws-throttled later'],
    ['throttling, old name', awsError('Throttling'), 'aws-throttled later'],
    ['429', { kind: 'answer', status: 429, body: '' }, 'aws-throttled later'],
    ['internal error', awsError('InternalServiceError', 500), 'aws-unreachable later'],
    ['a page of a proxy', { kind: 'answer', status: 502, body: '<html>' }, 'aws-unreachable later'],
    ['expired token', awsError('ExpiredTokenException'), 'aws-denied later'],
    ['unknown key', awsError('UnrecognizedClientException'), 'aws-denied never'],
    ['signature', awsError('InvalidSignatureException'), 'aws-denied never'],
    ['403 of a proxy', { kind: 'answer', status: 403, body: '' }, 'aws-denied never'],
    ['a bad request', awsError('InvalidRequestException'), 'aws-rejected never'],
    ['connection cut', { kind: 'drop' }, 'aws-unreachable later'],
    ['answer lost', { kind: 'drop-after-effect' }, 'aws-unreachable later'],
    ['silence', SILENCE, 'aws-unreachable later'],
    ['200 that is a page', { kind: 'answer', status: 200, body: '<html>' }, 'aws-rejected later'],
  ];
  for (const [title, effect, expected] of rows) {
    test(title, async () => {
      faults.plan(/DescribeSecret/, effect);
      const limits = effect === SILENCE ? { ...LIMITS, requestMilliseconds: 200 } : LIMITS;
      const failure = await failureOf(ask('prod/db', { limits }));
      expect(`${failure.code} ${failure.retry}`).toBe(expected);
      expect(failure.message).toMatch(/^could not describe secret prod\/db of account 111122223333 in eu-west-1: /);
    });
  }

  test('an answer that stalls after its headers', async () => {
    const stalling = await listenOnLoopback(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.write('{"ARN":');
    });
    try {
      const limits = { ...LIMITS, requestMilliseconds: 200 };
      const failure = await failureOf(ask('prod/db', { limits, endpoint: stalling.url }));
      expect([failure.code, failure.retry]).toEqual(['aws-unreachable', 'later']);
    } finally {
      await stalling.close();
    }
  });

  test('the SDK repeats a throttled question as often as it may', async () => {
    faults.plan(/DescribeSecret/, awsError('InternalServiceError', 500), 1);
    expect(await ask('prod/db', { limits: { ...LIMITS, maxAttempts: 2 } })).toMatchObject({ kind: 'found' });
    expect(server.requests).toHaveLength(2);
  });

  test('a stopped question is a failure that says so', async () => {
    faults.plan(/DescribeSecret/, SILENCE);
    const versions = open();
    const controller = new AbortController();
    const answer = failureOf(versions.describe(ref('prod/db'), controller.signal));
    controller.abort();
    expect([(await answer).code, (await answer).retry]).toEqual(['aws-unreachable', 'later']);
  });

  test('a hostile identifier is neutralised in the message', async () => {
    faults.plan(/DescribeSecret/, awsError('ThrottlingException'));
    const { message } = await failureOf(ask('\u001b[2J\u202edb\n'));
    expect(message).toContain('secret \\u{1b}[2J\\u{202e}db\\u{a} of account');
  });
});

describe('answers that are not believed', () => {
  const whole = { ARN, Name: 'prod/db', VersionIdsToStages: { [ONE]: ['AWSCURRENT'] } };
  const rows: readonly [string, unknown, string][] = [
    ['nothing', {}, 'it names no secret'],
    ['null', 'null', 'it names no secret'],
    ['a name that is no text', { ...whole, Name: 5 }, 'it names no secret'],
    ['an endless name', { ...whole, Name: 'x'.repeat(600) }, 'it names no secret'],
    ['an ARN of something else', { ...whole, ARN: 'arn:aws:sqs:eu-west-1:111122223333:prod/db' }, 'none of a secret'],
    ['another name in the ARN', { ...whole, Name: 'prod/other' }, 'its ARN and its name disagree'],
    ['a shorter name in the ARN', { ...whole, Name: 'prod/d' }, 'its ARN and its name disagree'],
    ['another account', { ...whole, ARN: ARN.replace('111122223333', '999988887777') }, 'about account 999988887777'],
    ['another region', { ...whole, ARN: ARN.replace('eu-west-1', 'us-east-1') }, 'in us-east-1, asked was account'],
    ['another secret than asked', { ...whole, ARN: ARN.replace('/db-', '/web-'), Name: 'prod/web' }, 'another secret'],
    [
      'a label on two versions',
      { ...whole, VersionIdsToStages: { [ONE]: ['A'], [TWO]: ['A'] } },
      'two versions carry A',
    ],
    ['a label that is no text', { ...whole, VersionIdsToStages: { [ONE]: [5] } }, 'a label is malformed'],
    ['an endless label', { ...whole, VersionIdsToStages: { [ONE]: ['x'.repeat(300)] } }, 'a label is malformed'],
    ['an endless version', { ...whole, VersionIdsToStages: { ['x'.repeat(300)]: ['A'] } }, 'a version is malformed'],
    ['labels that are no list', { ...whole, VersionIdsToStages: { [ONE]: 'A' } }, 'a version is malformed'],
    ['very many versions', { ...whole, VersionIdsToStages: manyVersions() }, 'more than 1000 versions'],
  ];
  for (const [title, body, expected] of rows) {
    test(title, async () => {
      faults.plan(/DescribeSecret/, { kind: 'answer', status: 200, body });
      const failure = await failureOf(ask('prod/db'));
      expect(failure.code).toBe('aws-rejected');
      expect(failure.message).toContain(expected);
    });
  }

  test('labels with the names of prototypes are only names', async () => {
    const VersionIdsToStages = { [ONE]: ['__proto__', 'constructor'] };
    faults.plan(/DescribeSecret/, { kind: 'answer', status: 200, body: { ...whole, VersionIdsToStages } });
    const answer = await ask('prod/db');
    expect(answer.kind === 'found' ? [...answer.versions] : []).toEqual([
      ['__proto__', ONE],
      ['constructor', ONE],
    ]);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['no list', 'InSync', []],
    ['entries that are none', [null, 7, 'x', []], []],
    ['regions that are none', [{ Region: 5 }, { Region: '' }, { Region: '\u001b[2J' }, { Region: 'x'.repeat(65) }], []],
    [
      'a status that nobody knows, and none',
      [{ Region: 'a', Status: 'Paused' }, { Region: 'b' }],
      ['a InProgress', 'b InProgress'],
    ],
    [
      'one region twice',
      [
        { Region: 'a', Status: 'InSync' },
        { Region: 'a', Status: 'Failed' },
        { Region: 'a', Status: 'InSync' },
      ],
      ['a Failed'],
    ],
    ['prototypes', [{ Region: 'constructor', Status: '__proto__' }], ['constructor InProgress']],
    [
      'very many',
      Array.from({ length: 5000 }, (_, at) => ({ Region: `r-${at % 200}` })),
      Array.from({ length: 100 }, (_, at) => `r-${at} InProgress`),
    ],
  ])('copies that cannot be read hold back nothing: %s', async (_, ReplicationStatus, expected) => {
    faults.plan(/DescribeSecret/, {
      kind: 'answer',
      status: 200,
      body: { ...whole, ReplicationStatus, PrimaryRegion: 5 },
    });
    const answer = await ask('prod/db');
    const copies =
      answer.kind === 'found' ? answer.replication.map(({ region, status }) => `${region} ${status}`) : null;
    expect([copies, answer.kind === 'found' ? answer.primaryRegion : 'x']).toEqual([expected, null]);
  });

  test('a label that is told twice of one version is told once', async () => {
    const VersionIdsToStages = { [ONE]: ['A', 'A'] };
    faults.plan(/DescribeSecret/, { kind: 'answer', status: 200, body: { ...whole, VersionIdsToStages } });
    expect(await ask('prod/db')).toMatchObject({ versions: new Map([['A', ONE]]) });
  });

  test('an ARN without a suffix, and one with a shorter suffix', async () => {
    for (const [arn, suffix] of [
      ['arn:aws-cn:secretsmanager:eu-west-1:111122223333:secret:prod/db', null],
      ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-Ab3dE', 'Ab3dE'],
    ] as const) {
      faults.plan(/DescribeSecret/, { kind: 'answer', status: 200, body: { ...whole, ARN: arn } });
      expect(await ask('prod/db')).toMatchObject({ secret: { name: 'prod/db', suffix } });
    }
  });
});

describe('the time of an answer', () => {
  const rows: readonly [string, string, string][] = [
    ['the next second after the header', 'Mon, 02 Mar 2026 09:20:00 GMT', '2026-03-02T09:20:01.000Z'],
    ['without a header that can be read: our clock, rounded up', 'yesterday', '1970-01-01T00:00:02.000Z'],
  ];
  for (const [title, date, expected] of rows) {
    test(title, async () => {
      const body = { ARN, Name: 'prod/db', VersionIdsToStages: {} };
      faults.plan(/DescribeSecret/, { kind: 'answer', status: 200, body, headers: { date } });
      const answer = await ask('prod/db', { now: () => 1001 });
      expect(answer.kind === 'found' ? new Date(answer.seenAt).toISOString() : null).toBe(expected);
    });
  }
});

describe('whom it asks', () => {
  test('the identifier goes to AWS as it was written', async () => {
    await ask(ARN);
    await ask('prod/db');
    expect(server.requests.map((request) => request.secretId)).toEqual([ARN, 'prod/db']);
  });

  test('the region of the question', async () => {
    server.at('111122223333', 'us-east-1').put({ name: 'prod/db', versions: { AWSCURRENT: TWO } });
    const versions = open();
    const answer = await versions.describe({ ...ref('prod/db'), region: 'us-east-1' }, never());
    expect(answer).toMatchObject({ secret: { region: 'us-east-1' } });
    expect(await versions.describe(ref('prod/db'), never())).toMatchObject({ secret: { region: 'eu-west-1' } });
  });

  test('an account through its role, with the external id', async () => {
    sts.trust(ROLE, 'acme');
    server.at('444455556666', 'eu-west-1').put({ name: 'prod/db', versions: { AWSCURRENT: TWO } });
    const answer = await askOther(assume('acme'));
    expect(answer).toMatchObject({ kind: 'found', secret: { account: '444455556666' } });
    expect(sts.sessions.at(-1)).toMatchObject({ role: ROLE, session: 'gitops-reloader', externalId: 'acme' });
  });

  test('a role is assumed once for each region, however many secrets are asked for at once', async () => {
    const ids = ['111122223333', '444455556666'];
    for (const id of ids) {
      for (const region of ['eu-west-1', 'us-east-1']) server.at(id, region).put({ name: 'prod/db', suffix: 'Ab3dEf' });
    }
    const versions = openFor(ids.map((id) => assumedBy(id)));
    const before = sts.sessions.length;
    const asked = ids.flatMap((account) =>
      ['eu-west-1', 'us-east-1', 'eu-west-1'].map((region) => ({ ...ref('prod/db'), account, region })),
    );
    const answers = await Promise.all(asked.map((one) => versions.describe(one, never())));
    expect(answers.map((answer) => (answer.kind === 'found' ? answer.secret : null))).toMatchObject(
      asked.map(({ account, region }) => ({ account, region })),
    );
    const roles = sts.sessions.slice(before).map(({ role }) => role);
    expect(roles.toSorted()).toEqual(ids.flatMap((id) => [roleOf(id), roleOf(id)]));
  });

  test('a role that one account refuses leaves the other alone', async () => {
    server.at('444455556666', 'eu-west-1').put({ name: 'prod/db' });
    const role = 'arn:aws:iam::444455556666:role/guarded';
    sts.trust(role, 'acme');
    const other = { ...ref('prod/db'), account: '444455556666' };
    const [right, guess] = ['acme', 'guess'].map((externalId) =>
      openFor([assumedBy('111122223333'), assumedBy('444455556666', { role, externalId })]),
    );
    const [mine, theirs] = await Promise.all([
      guess?.describe(ref('prod/db'), never()),
      failureOf(guess?.describe(other, never()) ?? Promise.resolve()),
    ]);
    expect([mine?.kind, theirs.code]).toEqual(['found', 'aws-denied']);
    expect(await right?.describe(other, never())).toMatchObject({ secret: { account: '444455556666' } });
  });

  test('an account that is listed by regions is asked by the role of the region', async () => {
    const [east, west] = ['east', 'west'].map((name) => `arn:aws:iam::111122223333:role/${name}`);
    const one = assumedBy('111122223333');
    const accounts = [
      { ...one, regions: ['eu-west-1'], credentials: { ...one.credentials, role: west ?? '' } },
      { ...one, regions: ['us-east-1'], credentials: { ...one.credentials, role: east ?? '' } },
    ];
    const before = sts.sessions.length;
    const versions = openFor(accounts);
    for (const region of ['us-east-1', 'eu-west-1']) await versions.describe({ ...ref('prod/db'), region }, never());
    expect(sts.sessions.slice(before).map(({ role }) => role)).toEqual([east, west]);
  });

  test('a role that cannot be assumed is not a denied secret', async () => {
    sts.trust(ROLE, 'acme');
    for (const externalId of ['other', null]) {
      const failure = await failureOf(askOther(assume(externalId)));
      expect([failure.code, failure.retry]).toEqual(['aws-denied', 'never']);
      expect(failure.hint).toContain('sts:AssumeRole');
    }
    expect(server.requests).toEqual([]);
  });

  test('a secret of the own account is not taken for one of another', async () => {
    const failure = await failureOf(askOther(CREDENTIALS));
    expect(failure.message).toContain(
      'the answer is about account 111122223333 in eu-west-1, asked was account 444455556666',
    );
    expect(failure.hint).toContain('set a role of account 444455556666');
  });

  test('without credentials it is said so', async () => {
    const failure = await failureOf(ask('prod/db', { credentials: { kind: 'default' } }));
    expect([failure.code, failure.retry]).toEqual(['aws-denied', 'later']);
    expect(failure.hint).toMatch(/^No AWS credentials were found/);
  });

  test('keys that are read are read again, so that a replaced file takes effect', async () => {
    let account = '111122223333';
    const read = async () => ({ ...CREDENTIALS, accessKeyId: `AKIAEXAMPLE${account}`, sessionToken: '' });
    const versions = open({ credentials: { kind: 'read', read } });
    await versions.describe(ref('prod/db'), never());
    account = '444455556666';
    expect(await versions.describe(ref('prod/db'), never())).toEqual({ kind: 'absent' });
    expect(server.requests.map((request) => request.account)).toEqual(['111122223333', '444455556666']);
  });

  const refused: readonly [string, SecretRef, string][] = [
    ['an account that is not listed', { ...ref('x'), account: '999988887777' }, 'internal'],
    ['a region that is not listed', { ...ref('x'), region: 'ap-south-1' }, 'internal'],
    ['Parameter Store', { ...ref('x'), service: 'ssm' }, 'internal'],
  ];
  for (const [title, asked, code] of refused) {
    test(`${title} is never asked`, async () => {
      expect((await failureOf(open().describe(asked, never()))).code).toBe(code);
      expect(server.requests).toEqual([]);
    });
  }
});

interface Change {
  readonly limits?: SecretVersionsOptions['limits'];
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials;
  readonly now?: () => number;
}

function open(change: Change = {}) {
  const { limits = LIMITS, endpoint = server.url, credentials = CREDENTIALS, now = () => 0 } = change;
  const regions = ['eu-west-1', 'us-east-1'];
  const ids = ['111122223333', '444455556666'];
  const accounts = ids.map((id) => ({ id, regions, credentials, endpoint }));
  const versions = createSecretVersions({ accounts, limits, now });
  opened.push(versions);
  return versions;
}

function ask(id: string, change: Change = {}) {
  return open(change).describe(ref(id), never());
}

function askOther(credentials: AwsCredentials) {
  return open({ credentials }).describe({ ...ref('prod/db'), account: '444455556666' }, never());
}

function assume(externalId: string | null): AwsCredentials {
  const base = { ...CREDENTIALS, sessionToken: null };
  return { kind: 'assume-role', role: ROLE, externalId, sessionName: 'gitops-reloader', base, stsEndpoint: sts.url };
}

function ref(id: string): SecretRef {
  return { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', id };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function manyVersions(): Record<string, string[]> {
  return Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`version-${index}`, [`label-${index}`]]));
}

function roleOf(account: string): string {
  return `arn:aws:iam::${account}:role/reader`;
}

/** An account that is asked by the role of its own. */
function assumedBy(id: string, more: Partial<Extract<AwsCredentials, { kind: 'assume-role' }>> = {}) {
  const base = { ...CREDENTIALS, sessionToken: null };
  const session = { sessionName: 'gitops-reloader', base, stsEndpoint: sts.url, externalId: null, ...more };
  const credentials = { kind: 'assume-role' as const, role: roleOf(id), ...session };
  return { id, regions: ['eu-west-1', 'us-east-1'], endpoint: server.url, credentials };
}

function openFor(accounts: SecretVersionsOptions['accounts']) {
  const versions = createSecretVersions({ accounts, limits: LIMITS, now: () => 0 });
  opened.push(versions);
  return versions;
}
