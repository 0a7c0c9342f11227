import { expect, test } from 'vitest';
import { possibleUsers, usersOf } from '../../../../src/manifests/query-index.ts';
import { externalSecret, indexOf, ONE_ACCOUNT, store, TWO_ACCOUNTS } from '../../repository.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const PARAMETERS = store('aws', 'aws: {service: ParameterStore, region: eu-west-1}');
const SECRETS = store('aws', 'aws: {service: SecretsManager, region: eu-west-1}');
const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/';

function fetching(remoteRef: string, files: Readonly<Record<string, string>> = { 'store.yaml': PARAMETERS }) {
  return indexOf({
    ...files,
    'es.yaml': externalSecret('es', `secretStoreRef: {name: aws}, data: [{remoteRef: {${remoteRef}}}]`),
  });
}

/** `<service> <id> (<names>) <what it follows>`, or why not. */
function show(index: ReturnType<typeof indexOf>): string {
  const [resolved] = index.externalSecrets.flatMap(({ references }) => references);
  if (resolved === undefined) return 'nothing';
  const { reference, resolution } = resolved;
  if (resolution.kind !== 'secret') return `${resolution.kind}: ${resolution.reason}`;
  const { kind, ...what } = reference.follows;
  return `${resolution.ref.service} ${resolution.ref.id} (${resolution.names.join(', ')}) ${[kind, ...Object.values(what)].join(' ')}`;
}

test.each([
  ['key: /prod/db', 'ssm /prod/db (/prod/db) label AWSCURRENT'],
  ['key: plain', 'ssm plain (plain) label AWSCURRENT'],
  [`key: "${ARN}prod/db"`, `ssm ${ARN}prod/db (/prod/db) label AWSCURRENT`],
  [`key: "${ARN}plain"`, `ssm ${ARN}plain (plain, /plain) label AWSCURRENT`],
  ['key: /prod/db, version: "3"', 'ssm /prod/db (/prod/db) pinned 3'],
  ['key: "/prod/db:3"', 'ssm /prod/db (/prod/db) pinned 3'],
  ['key: /prod/db, version: blue', 'ssm /prod/db (/prod/db) parameter-label blue'],
  // A label of that name cannot be: it is none that moves.
  ['key: /prod/db, version: AWSCURRENT', 'ssm /prod/db (/prod/db) parameter-label AWSCURRENT'],
  ['key: /prod/db, version: uuid/1', 'ssm /prod/db (/prod/db) parameter-label uuid/1'],
  ['key: /prod/db, metadataPolicy: Fetch', 'ssm /prod/db (/prod/db) tags'],
  ['key: "/prod/db:3", version: "4"', 'foreign: The key is no name or ARN of a parameter in Parameter Store.'],
  [
    'key: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"',
    'foreign: The key is no name or ARN of a parameter in Parameter Store.',
  ],
  [
    'key: "arn:aws:ssm:eu-west-1:999999999999:parameter/db"',
    'foreign: Account 999999999999 is not among the allowed ones.',
  ],
  // Parameter Store hands these on to Secrets Manager.
  ['key: /aws/reference/secretsmanager/prod/db', 'secretsmanager prod/db (prod/db) label AWSCURRENT'],
  ['key: "/aws/reference/secretsmanager/db:blue"', 'secretsmanager db (db) label blue'],
])('through ParameterStore: %s', (remoteRef, expected) => {
  expect(show(fetching(remoteRef))).toBe(expected);
});

test('a prefix stands before a name, and a template is filled in later', () => {
  const prefixed = store('aws', 'aws: {service: ParameterStore, region: eu-west-1, prefix: /prod/}');
  expect(show(fetching('key: db', { 's.yaml': prefixed }))).toBe('ssm /prod/db (/prod/db) label AWSCURRENT');
  expect(show(fetching('key: "/${env}/db"'))).toBe('unresolved: The key is filled in later: /${env}/db.');
});

test('a parameter and a secret of one name never meet', () => {
  const secret = { service: 'secretsmanager', ...PLACE, names: ['db'] } as const;
  const parameter = { ...secret, service: 'ssm' } as const;
  for (const [text, used, unused] of [
    [SECRETS, secret, parameter],
    [PARAMETERS, parameter, secret],
  ] as const) {
    const index = fetching('key: db', { 'store.yaml': text });
    expect([usersOf(index, used).length, usersOf(index, unused).length]).toEqual([1, 0]);
    expect(possibleUsers(index, unused, 'open')).toEqual([]);
  }
});

test('find stays unresolved, and only a parameter may be meant by it', () => {
  const index = indexOf({
    'store.yaml': PARAMETERS,
    'es.yaml': externalSecret('es', 'secretStoreRef: {name: aws}, dataFrom: [{find: {name: {regexp: ^/prod}}}]'),
  });
  expect(show(index)).toBe(
    'unresolved: It fetches whatever matches: name ~ ^/prod. Parameter Store lists what a find finds only together with values.',
  );
  const asked = { ...PLACE, names: ['/prod/db'] };
  expect(possibleUsers(index, { ...asked, service: 'ssm' }, 'open')).toMatchObject([{ code: 'find' }]);
  expect(possibleUsers(index, { ...asked, service: 'secretsmanager' }, 'open')).toEqual([]);
});

test.each([
  ['a store that is not here', {}],
  ['a store that does not say it yet', { 's.yaml': store('aws', 'aws: {service: "${SERVICE}", region: eu-west-1}') }],
])('%s is taken for Secrets Manager, and a parameter may be meant', (_, files) => {
  const index = fetching('key: db', files);
  expect(show(index)).toBe('secretsmanager db (db) label AWSCURRENT');
  expect(possibleUsers(index, { service: 'ssm', ...PLACE, names: ['db'] }, 'open')).toMatchObject([
    { code: 'ambiguous-account', reason: expect.stringContaining('reads SecretsManager or ParameterStore') },
  ]);
  expect(possibleUsers(index, { service: 'ssm', ...PLACE, names: ['other'] }, 'open')).toEqual([]);
  // Its ARN leaves no doubt.
  expect(show(fetching(`key: "${ARN}db"`, files))).toBe(`ssm ${ARN}db (db, /db) label AWSCURRENT`);
});

test('stores of one name that read different services are told apart by nothing', () => {
  const index = fetching('key: db', {
    'a.yaml': store('aws', 'aws: {service: ParameterStore, region: eu-west-1}', 'SecretStore', null),
    'b.yaml': store('aws', 'aws: {service: SecretsManager, region: eu-west-1}', 'SecretStore', null),
  });
  expect(show(index)).toBe('unresolved: Stores of this name read different services: a.yaml, b.yaml.');
  for (const service of ['ssm', 'secretsmanager'] as const) {
    expect(possibleUsers(index, { service, ...PLACE, names: ['db'] }, 'open')).toHaveLength(1);
  }
});

test('the home of an object has the service of its store', () => {
  expect([homes(PARAMETERS), homes(SECRETS)]).toEqual([['ssm'], ['secretsmanager']]);
  const role = 'arn:aws:iam::444455556666:role/eso';
  const far = store('aws', `aws: {service: ParameterStore, region: eu-west-1, role: "${role}"}`);
  expect(homes(far, TWO_ACCOUNTS)).toEqual(['ssm']);
});

test('a file that cannot be read names a parameter by its ARN too', () => {
  for (const [text, name] of [
    [`key: ${ARN}prod/db`, '/prod/db'],
    [`key: ${ARN}plain`, 'plain'],
    [`key: ${ARN}plain`, '/plain'],
    ['key: /prod/db:3', '/prod/db'],
    ['key: /${env}/db', '/prod/db'],
    [`key: ${ARN}\${env}/db`, '/prod/db'],
  ] as const) {
    expect(possible(text, name)).toHaveLength(1);
  }
  expect(possible(`key: ${ARN}prod/db`, '/db')).toEqual([]);
  expect(possible(`key: ${ARN}prod/db2`, '/prod/db')).toEqual([]);
});

function homes(text: string, accounts = ONE_ACCOUNT) {
  const es = externalSecret('es', 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: a}}]');
  return indexOf({ 's.yaml': text, 'es.yaml': es }, accounts).externalSecrets.map(({ home }) => home?.service);
}

function possible(text: string, name: string) {
  const index = indexOf({ 'x.yaml': `remoteRef:\n  ${text}\n[` });
  return possibleUsers(index, { service: 'ssm', ...PLACE, names: [name] }, 'open');
}
