import { expect, test } from 'vitest';
import type { AllowedAccount } from '../../../src/domain/policy.ts';
import type { Resolution } from '../../../src/manifests/graph.ts';
import { externalSecret, indexOf, ONE_ACCOUNT, store, TWO_ACCOUNTS } from '../repository.ts';

const SERVICE = 'service: SecretsManager';
const AWS = `aws: {${SERVICE}, region: eu-west-1}`;
const FOREIGN_ROLE = 'arn:aws:iam::999999999999:role/eso';
const ROLE = 'arn:aws:iam::444455556666:role/eso';
const REGIONS: readonly AllowedAccount[] = [{ id: '111122223333', regions: ['eu-west-1', 'us-east-1'] }];

interface Situation {
  /** The store's provider, in flow style; absent where the store is not in the repository. */
  readonly provider?: string;
  readonly key?: string;
  readonly accounts?: readonly AllowedAccount[];
}

function resolve({ provider, key = 'prod/db', accounts = ONE_ACCOUNT }: Situation): Resolution | undefined {
  const files = {
    'es.yaml': externalSecret('db', `secretStoreRef: {name: aws}, data: [{remoteRef: {key: ${JSON.stringify(key)}}}]`),
    ...(provider === undefined ? {} : { 'store.yaml': store('aws', provider) }),
  };
  return indexOf(files, accounts).externalSecrets[0]?.references[0]?.resolution;
}

/** `account:region id (names)`, with `?` where account or region are assumed. */
function check(situation: Situation, expected: string): void {
  const found = resolve(situation);
  if (found?.kind !== 'secret') throw new Error(`not a secret: ${JSON.stringify(found)}`);
  const { ref, names, by } = found;
  expect(`${ref.account}:${ref.region}${by === 'default' ? '?' : ''} ${ref.id} (${names.join(', ')})`).toBe(expected);
}

function checkForeign(situation: Situation, reason: string): void {
  expect(resolve(situation)).toEqual({ kind: 'foreign', reason });
}

function checkUnresolved(situation: Situation, code: string, clue: unknown): void {
  expect(resolve(situation)).toMatchObject({ kind: 'unresolved', code, clue });
}

test('the store says the region, its role the account', () => {
  check({ provider: AWS }, '111122223333:eu-west-1? prod/db (prod/db)');
  check(
    { provider: `aws: {${SERVICE}, region: eu-west-1, role: "${ROLE}"}`, accounts: TWO_ACCOUNTS },
    '444455556666:eu-west-1 prod/db (prod/db)',
  );
});

test('a store that is not here, or is silent, means the only account and region that are allowed', () => {
  check({}, '111122223333:eu-west-1? prod/db (prod/db)');
  check({ provider: `aws: {${SERVICE}}` }, '111122223333:eu-west-1? prod/db (prod/db)');
  check({ provider: 'aws: {region: eu-west-1}' }, '111122223333:eu-west-1? prod/db (prod/db)');
  check({ provider: `aws: {${SERVICE}, region: "\${region}"}` }, '111122223333:eu-west-1? prod/db (prod/db)');
});

test('an empty key means no secret until something fills it in, and none of a store that is not ours', () => {
  checkUnresolved({ provider: AWS, key: '' }, 'templated', { account: null, region: null, key: '' });
  checkUnresolved({ key: '' }, 'templated', { account: null, region: null, key: '' });
  expect(resolve({ provider: 'vault: {server: https://vault}', key: '' })?.kind).toBe('foreign');
});

test('a region that is still to be written into the store is not said', () => {
  for (const region of ['<REGION>', 'REPLACE_ME', 'eu west'])
    check({ provider: `aws: {${SERVICE}, region: "${region}"}` }, '111122223333:eu-west-1? prod/db (prod/db)');
});

test.each(['arn:aws:secretsmanager:<REGION>:<ACCOUNT>:secret:prod/db', 'arn:aws:ssm:eu-west-1:12345:parameter/a'])(
  'an ARN that is not whole is unresolved: %s',
  (key) => {
    checkUnresolved({ provider: AWS, key }, 'templated', { account: null, region: null, key });
  },
);

test('where several are allowed, nothing is guessed', () => {
  checkUnresolved({ accounts: TWO_ACCOUNTS }, 'ambiguous-account', { account: null, region: null, key: 'prod/db' });
  checkUnresolved({ provider: AWS, accounts: TWO_ACCOUNTS }, 'ambiguous-account', {
    account: null,
    region: 'eu-west-1',
  });
  checkUnresolved({ accounts: REGIONS }, 'ambiguous-account', { account: '111122223333', region: null });
  checkUnresolved({ accounts: [] }, 'ambiguous-account', { account: null, region: null });
});

test('outside the allow-list nothing is ours', () => {
  checkForeign(
    { provider: `aws: {${SERVICE}, region: eu-west-1, role: "${FOREIGN_ROLE}"}` },
    'Account 999999999999 is not among the allowed ones.',
  );
  checkForeign(
    { provider: `aws: {${SERVICE}, role: "${FOREIGN_ROLE}"}`, accounts: TWO_ACCOUNTS },
    'Account 999999999999 is not among the allowed ones.',
  );
  checkForeign(
    { provider: `aws: {${SERVICE}, region: us-east-1}` },
    'Region us-east-1 is not allowed for account 111122223333.',
  );
  checkForeign(
    { provider: `aws: {${SERVICE}, region: us-east-1}`, accounts: TWO_ACCOUNTS },
    'Region us-east-1 is not allowed.',
  );
});

test('other providers and services are not ours', () => {
  checkForeign({ provider: 'vault: {server: x}' }, 'SecretStore aws is no AWS store.');
  checkForeign(
    { provider: 'aws: {service: CertificateManager, region: eu-west-1}' },
    'SecretStore aws reads CertificateManager, neither SecretsManager nor ParameterStore.',
  );
});

test('a prefix stands before a name, as it is', () => {
  check(
    { provider: `aws: {${SERVICE}, region: eu-west-1, prefix: my-prefix/}`, key: 'secret-key' },
    '111122223333:eu-west-1? my-prefix/secret-key (my-prefix/secret-key)',
  );
  check({ provider: `aws: {${SERVICE}, region: eu-west-1, prefix: a}`, key: 'b' }, '111122223333:eu-west-1? ab (ab)');
});

test('an ARN says account and region itself, and takes no prefix', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf';
  const expected = `111122223333:eu-west-1 ${arn} (prod/db, prod/db-AbCdEf)`;
  check({ key: arn }, expected);
  check({ key: arn, accounts: TWO_ACCOUNTS }, expected);
  check({ key: arn, provider: `aws: {${SERVICE}, region: eu-west-1, prefix: x/, role: "${ROLE}"}` }, expected);
  check({ key: arn.slice(0, -7) }, `111122223333:eu-west-1 ${arn.slice(0, -7)} (prod/db)`);
});

test('a name is never shortened', () => {
  check({ key: 'prod/db-AbCdEf' }, '111122223333:eu-west-1? prod/db-AbCdEf (prod/db-AbCdEf)');
});

test('an ARN of another account or service is not ours', () => {
  checkForeign(
    { key: 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:a' },
    'Account 999999999999 is not among the allowed ones.',
  );
  for (const key of ['arn:aws:ssm:eu-west-1:111122223333:parameter/a', 'arn:aws:s3:::a']) {
    checkForeign({ key, provider: AWS }, 'The key is no name or ARN of a secret in Secrets Manager.');
  }
});

test('a key that is filled in later is told, with what is known', () => {
  checkUnresolved({ key: 'prod/${app}/db', provider: AWS }, 'templated', {
    account: '111122223333',
    region: 'eu-west-1',
    key: 'prod/${app}/db',
  });
  checkUnresolved({ key: 'db', provider: `aws: {${SERVICE}, region: eu-west-1, prefix: "\${env}/"}` }, 'templated', {
    key: '${env}/db',
  });
  checkUnresolved({ key: '{{ .key }}', accounts: TWO_ACCOUNTS }, 'templated', { account: null });
});

test('what a find finds is one secret, if AWS can tell it', () => {
  expect(referenceOf(AWS)).toMatchObject({
    store: 'SecretStore/aws (store.yaml)',
    resolution: { kind: 'secret', ref: { service: 'find', account: '111122223333', region: 'eu-west-1' } },
  });
  for (const [find, why] of [
    ['{path: prod/}', 'External Secrets Operator refuses'],
    ['{name: {regexp: "["}}', 'RE2 does not take'],
    ['{name: {regexp: "${x}"}}', 'filled in later'],
    ['{name: {regexp: a}, path: "a*"}', 'AWS does not take'],
    ['{tags: {a: b, c: d, e: f, g: h, i: j, k: l}}', 'no more than ten filters'],
  ] as const) {
    const resolution = { kind: 'unresolved', code: 'find', reason: expect.stringContaining(why) };
    expect(referenceOf(AWS, written(find))).toMatchObject({ resolution });
  }
  expect(referenceOf('vault: {server: x}')).toMatchObject({ resolution: { kind: 'foreign' } });
});

/** The reference of an object with this spec, whose store has this provider. */
function referenceOf(provider: string, spec = written('{name: {regexp: ^prod}}')): unknown {
  const files = { 'es.yaml': externalSecret('db', spec), 'store.yaml': store('aws', provider) };
  return indexOf(files).externalSecrets[0]?.references[0];
}

function written(find: string): string {
  return `secretStoreRef: {name: aws}, dataFrom: [{find: ${find}}]`;
}
