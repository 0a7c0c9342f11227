import { expect, test } from 'vitest';
import { type AskedSecret, everySecret, namedSecret } from '../../../src/plan/truth/named-secret.ts';
import { ACCOUNTS, es, FAR, type Files, HOME, indexOf } from '../repository.ts';

const ARN = `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:`;

/** `<account>/<region>/<names>`, or the problem. */
function check(files: Files, asked: Partial<AskedSecret>, expected: string): void {
  const named = namedSecret(
    indexOf(files),
    { id: 'db', service: null, account: null, region: null, label: null, ...asked },
    ACCOUNTS,
  );
  const { kind } = named;
  const found =
    kind === 'problem' ? named.message : [named.wish.account, named.wish.region, ...named.wish.names].join('/');
  expect(found).toBe(expected);
}

const AT_HOME = `${HOME.account}/${HOME.region}`;
const AFAR = `${FAR.account}/${FAR.region}`;
const BOTH = { 'x.yaml': es('x', ['db', 'far:db']) };

test('a bare name is where the repository fetches it from', () => {
  check({ 'x.yaml': es('x', ['db']) }, {}, `${AT_HOME}/db`);
  check({ 'x.yaml': es('x', ['far:db']) }, {}, `${AFAR}/db`);
});

test('a bare name that means several secrets is a problem, never a guess', () => {
  check(BOTH, {}, `db is fetched from several places: ${AT_HOME}, ${AFAR}`);
  check(BOTH, { account: FAR.account }, `${AFAR}/db`);
  check(BOTH, { region: HOME.region }, `${AT_HOME}/db`);
  check(BOTH, { account: HOME.account, region: FAR.region }, `${HOME.account}/${FAR.region}/db`);
});

test('an ARN says where it is', () => {
  check(BOTH, { id: `${ARN}db` }, `${AT_HOME}/db`);
  check({}, { id: `${ARN}prod/db-AbCdEf` }, `${AT_HOME}/prod/db/prod/db-AbCdEf`);
  check(BOTH, { id: `${ARN}db`, account: FAR.account, region: FAR.region }, `${AT_HOME}/db`);
});

test('a name that nobody fetches is taken to be in the first place that is allowed', () => {
  check({}, { id: 'nobody' }, `${AT_HOME}/nobody`);
  check({}, { id: 'nobody', ...FAR }, `${AFAR}/nobody`);
});

test.each(['', 'arn:aws:s3:::bucket', 'x'.repeat(3000)])('no secret: %j', (id) => {
  const named = namedSecret(indexOf({}), { id, service: null, account: null, region: null, label: null }, ACCOUNTS);
  expect(named.kind).toBe('problem');
});

test('the wish says that it moved, with the label that was asked for', () => {
  const named = namedSecret(
    indexOf({}),
    { id: 'db', service: null, account: null, region: null, label: 'canary' },
    ACCOUNTS,
  );
  expect(named).toMatchObject({ wish: { label: 'canary', moved: true } });
});

test('every secret is looked at once, none as moved', () => {
  const files = { 'a.yaml': es('a', ['b', 'a', 'a#canary', `c#uuid/1`]), 'b.yaml': es('b', ['a', 'far:a']) };
  const wishes = everySecret(indexOf(files));
  expect(wishes.map(({ account, names }) => `${account}/${names.join('/')}`)).toEqual([
    `${HOME.account}/a`,
    `${HOME.account}/b`,
    `${HOME.account}/c`,
    `${FAR.account}/a`,
  ]);
  expect(wishes.every(({ moved, label }) => !moved && label === null)).toBe(true);
});

const PARAMETERS = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: parameters}
spec: {provider: {aws: {service: ParameterStore, region: ${HOME.region}, role: "arn:aws:iam::${HOME.account}:role/read"}}}
`;

/** One ExternalSecret for each of these keys through Parameter Store. */
function parameters(...keys: readonly string[]): Files {
  const objects = keys.map((key, at) =>
    es(`p${at}`, [key], { spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'parameters' } } }),
  );
  return { 'p.yaml': [PARAMETERS, ...objects].join('---\n') };
}

test.each<[string, Files, Partial<AskedSecret>, string]>([
  ['that only parameters have', parameters('/db'), { id: '/db' }, 'ssm /db'],
  ['that only secrets have', { 'x.yaml': es('x', ['db']) }, { id: 'db' }, 'secretsmanager db'],
  ['that nobody has', {}, { id: '/db' }, 'secretsmanager /db'],
  ['that nobody has, with a service', {}, { id: '/db', service: 'ssm' }, 'ssm /db'],
  [
    'that both have',
    { ...parameters('db'), 'x.yaml': es('x', ['db']) },
    { id: 'db' },
    `db is fetched from several places: ${AT_HOME} (secretsmanager), ${AT_HOME} (ssm)`,
  ],
  [
    'that both have, with a service',
    { ...parameters('db'), 'x.yaml': es('x', ['db']) },
    { id: 'db', service: 'ssm' },
    'ssm db',
  ],
  [
    'of an ARN',
    parameters('/prod/db'),
    { id: `arn:aws:ssm:${HOME.region}:${HOME.account}:parameter/prod/db` },
    'ssm /prod/db',
  ],
  ['that can be none of a parameter', {}, { id: 'prod/db', service: 'ssm' }, '"prod/db" is no parameter name or ARN'],
])('a name %s', (_, files, asked, expected) => {
  const whole = { id: 'db', service: null, account: null, region: null, label: null, ...asked };
  const named = namedSecret(indexOf(files), whole, ACCOUNTS);
  expect(named.kind === 'problem' ? named.message : `${named.wish.service} ${named.wish.names.join('/')}`).toBe(
    expected,
  );
});
