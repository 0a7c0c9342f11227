import { expect, test } from 'vitest';
import type { Index } from '../../src/manifests/graph.ts';
import { possibleUsers, secretsOf, unresolvedUses, usersOf } from '../../src/manifests/query-index.ts';
import { externalSecret, indexOf, store, TWO_ACCOUNTS } from './repository.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const TEAM_STORE = store('aws', 'aws: {service: SecretsManager, region: eu-west-1, prefix: team/}');

/** Who may use `prod/db`, as `path code certainty`. */
function check(index: Index, expected: readonly string[], names: readonly string[] = ['prod/db']): void {
  const shown = possibleUsers(
    index,
    { service: 'secretsmanager', names, account: ACCOUNT, region: REGION },
    'open',
  ).map(({ path, code, certainty }) => `${path} ${code} ${certainty}`);
  expect(shown).toEqual(expected);
}

function checkText(text: string, expected: readonly string[], names?: readonly string[]): void {
  check(
    indexOf({ 'a.yaml': text }),
    expected.map((one) => `a.yaml ${one}`),
    names,
  );
}

function checkFind(find: string, expected: readonly string[]): void {
  checkText(
    externalSecret('db', `dataFrom: [{find: {${find}}}]`),
    expected.map((one) => `find ${one}`),
  );
}

function checkKey(key: string, expected: readonly string[]): void {
  checkText(
    externalSecret('db', `data: [{remoteRef: {key: ${JSON.stringify(key)}}}]`),
    expected.map((one) => `templated ${one}`),
  );
}

test('users are found by any of the names, each once, in order', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf';
  const index = indexOf({
    'a.yaml': externalSecret('a', `data: [{remoteRef: {key: prod/db}}, {remoteRef: {key: "${arn}"}}]`),
    'b.yaml': externalSecret('b', 'data: [{remoteRef: {key: other}}]'),
    'c.yaml': externalSecret('c', 'data: [{remoteRef: {key: prod/db-AbCdEf}}]'),
  });
  const find = (names: readonly string[], account = ACCOUNT): readonly string[] =>
    usersOf(index, { service: 'secretsmanager', account, region: REGION, names }).map(({ object }) => object.name);
  expect(find(['prod/db'])).toEqual(['a']);
  expect(find(['prod/db-AbCdEf', 'prod/db'])).toEqual(['a', 'c']);
  expect(find(['prod/db'], '444455556666')).toEqual([]);
  expect(find(['none'])).toEqual([]);
  expect(find([])).toEqual([]);
});

test('the secrets of an object, each once', () => {
  const spec =
    'data: [{remoteRef: {key: a}}, {remoteRef: {key: b, version: X}}, {remoteRef: {key: a}}, {remoteRef: {key: "${c}"}}]';
  const [user] = indexOf({ 'a.yaml': externalSecret('a', spec) }).externalSecrets;
  expect(user === undefined ? [] : secretsOf(user).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('a proved use is no possible use', () => {
  checkText(externalSecret('db', 'data: [{remoteRef: {key: prod/db}}]'), []);
});

test('find: an unanchored RE2 pattern on the name', () => {
  checkFind('name: {regexp: ^prod/.*}', ['fits']);
  checkFind('name: {regexp: d/d}', ['fits']);
  checkFind('name: {regexp: ^PROD/}', []);
  checkFind("name: {regexp: '(?i)^PROD/(?P<rest>[[:alpha:]]+)\\z'}", ['fits']);
  checkFind('name: {regexp: ^db}', []);
});

test('find: a path is a prefix of the name, and case counts', () => {
  checkFind('path: prod/, name: {regexp: db}', ['fits']);
  checkFind('path: Prod/, name: {regexp: db}', []);
  checkFind('path: db, name: {regexp: db}', []);
  checkFind('path: stage/, name: {regexp: .*}', []);
  checkFind('path: "!stage/", name: {regexp: .*}', ['open']);
});

test('find: tags cannot be told from a name, but a name can rule them out', () => {
  checkFind('tags: {team: a}', ['open']);
  checkFind('tags: {team: a}, name: {regexp: db$}', ['open']);
  checkFind('tags: {team: a}, name: {regexp: ^db}', []);
});

test('find: a pattern that RE2 refuses, or one that is filled in later, rules nothing out', () => {
  checkFind('name: {regexp: "["}', ['open']);
  checkFind('name: {regexp: "(?=prod)"}', ['open']);
  checkFind('name: {regexp: "^${env}/"}', ['open']);
  checkFind(`name: {regexp: "${'(a|b)*'.repeat(1000)}"}`, ['open']);
});

test('a pattern that would hang other engines does not', () => {
  const index = indexOf({ 'a.yaml': externalSecret('db', 'dataFrom: [{find: {name: {regexp: "^(a+)+$"}}}]') });
  check(index, [], [`${'a'.repeat(500)}!`]);
});

test('templated keys fit, fit not, or say nothing', () => {
  checkKey('prod/${name}', ['fits']);
  checkKey('{{ .env }}/db', ['fits']);
  checkKey('stage/${name}', []);
  checkKey('${key}', ['open']);
  checkKey('arn:aws:secretsmanager:${region}:${account}:secret:prod/db-AbCdEf', ['fits']);
  checkKey('arn:aws:secretsmanager:eu-west-1:444455556666:secret:${key}', []);
});

test('an account that cannot be told: the key has to be one of the names', () => {
  const files = { 'a.yaml': externalSecret('a', 'data: [{remoteRef: {key: prod/db}}, {remoteRef: {key: x}}]') };
  check(indexOf(files, TWO_ACCOUNTS), ['a.yaml ambiguous-account fits']);
  check(indexOf(files, TWO_ACCOUNTS), [], ['db']);
});

test('stores that differ: any of their prefixes may be meant', () => {
  const index = indexOf({
    'a.yaml': externalSecret('a', 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: db}}]'),
    'b.yaml': TEAM_STORE,
    'c.yaml': TEAM_STORE.replace('team/', 'prod/'),
  });
  check(index, ['a.yaml ambiguous-account fits']);
  check(index, ['a.yaml ambiguous-account fits'], ['team/db']);
  check(index, [], ['other/db']);
});

test('another account or region is ruled out where it is known', () => {
  const find = 'secretStoreRef: {name: aws}, dataFrom: [{find: {name: {regexp: .*}}}]';
  const role = 'arn:aws:iam::444455556666:role/x';
  const files = {
    'a.yaml': externalSecret('a', find),
    'b.yaml': TEAM_STORE.replace('prefix: team/', `role: "${role}"`),
  };
  check(indexOf(files, TWO_ACCOUNTS), []);
  check(indexOf({ ...files, 'b.yaml': TEAM_STORE }, TWO_ACCOUNTS), ['a.yaml find fits']);
  const regions = [{ id: ACCOUNT, regions: [REGION, 'us-east-1'] }];
  check(indexOf({ ...files, 'b.yaml': TEAM_STORE }, regions), ['a.yaml find fits']);
  check(indexOf({ ...files, 'b.yaml': TEAM_STORE.replace(REGION, 'us-east-1') }, regions), []);
});

test('unreadable files that name the secret', () => {
  checkText('kind: ExternalSecret\nkey: prod/db\n[', ['not-yaml fits']);
  checkText('kind: ExternalSecret\nkey: prod/db2\n[', []);
  checkText('{"kind": "ExternalSecret", "key": "prod\\/db", [', ['not-yaml fits']);
  checkText('- {path: /spec/data/0/remoteRef/key, value: prod/db}', ['unsupported-kind fits']);
  const cluster = 'apiVersion: external-secrets.io/v2\nkind: ClusterExternalSecret\nmetadata: {name: c}\n';
  checkText(`${cluster}spec: {externalSecretSpec: {data: [{remoteRef: {key: prod/db}}]}}`, ['unsupported-kind fits']);
  checkText(`${cluster}spec: {externalSecretSpec: {data: [{remoteRef: {key: other}}]}}`, []);
  checkText(`${cluster}spec: {externalSecretSpec: {dataFrom: [{find: {name: {regexp: a}}}]}}`, [
    'unsupported-kind open',
  ]);
});

test('an unreadable file may leave the prefix to a store', () => {
  const index = indexOf({ 'a.yaml': 'kind: ExternalSecret\nkey: db\n[', 'b.yaml': TEAM_STORE });
  check(index, ['a.yaml not-yaml fits'], ['team/db']);
  check(index, [], ['prod/db']);
});

function template(key: string): string {
  return `{{ if .x }}\nkind: ExternalSecret\nremoteRef:\n  key: ${key}\n{{ end }}\n`;
}

test('templates that build their keys', () => {
  checkText(template('{{ .Values.key }}'), ['helm-template open']);
  checkText(template('"{{ .Values.env }}/db"'), ['helm-template fits']);
  checkText(template('"stage/{{ .Values.name }}"'), []);
  checkText(template('other'), []);
  checkText(template('{{'.repeat(5000)), ['helm-template open']);
});

function through(name: string, what: string): string {
  return externalSecret('a', `secretStoreRef: {name: ${name}, kind: ClusterSecretStore}, ${what}`);
}

test('templates without braces name their keys, but for those of a store that is not of AWS', () => {
  const index = indexOf({
    'app/Chart.yaml': 'name: app',
    'app/templates/data.yaml': through('aws', 'data: [{remoteRef: {key: prod/db}}]'),
    'app/templates/extract.yaml': through('unknown', 'dataFrom: [{extract: {key: prod/other}}]'),
    'app/templates/find.yaml': through('aws', 'dataFrom: [{find: {name: {regexp: ^x}}}]'),
    'app/templates/vault.yaml': through('vault', 'data: [{remoteRef: {key: prod/db}}]'),
    'app/templates/bao.yaml': through('bao', 'data: [{remoteRef: {key: prod/db}}]'),
    'app/templates/store.yaml': store('bao', 'vault: {}', 'ClusterSecretStore'),
    'app/templates/web.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n',
    'stores.yaml': `${store('aws', 'aws: {}', 'ClusterSecretStore')}---\n${store('vault', 'vault: {}', 'ClusterSecretStore')}`,
  });
  check(index, ['app/templates/data.yaml helm-template fits', 'app/templates/find.yaml helm-template open']);
  expect(unresolvedUses(index, 'open').map(({ path }) => path)).toEqual([
    'app/templates/data.yaml',
    'app/templates/extract.yaml',
    'app/templates/find.yaml',
  ]);
});

test('what is encrypted hides its keys; what was not read at all hides everything', () => {
  const secret = externalSecret('a', 'data: [{remoteRef: {key: "ENC[AES256_GCM,data:x]"}}]');
  checkText(`${secret}sops: {mac: x}\n`, ['encrypted open']);
  checkText('version https://git-lfs.github.com/spec/v1\n', ['not-text open']);
  const problem = {
    line: null,
    text: null,
    message: '',
    path: indexOf({ 'a.yaml': '[ExternalSecret' }).problems[0]?.path,
  };
  const { path } = problem;
  if (path === undefined) throw new Error('no problem');
  const index = {
    ...indexOf({}),
    problems: [
      { ...problem, path, code: 'symlink' as const },
      { ...problem, path, code: 'helm-template' as const },
    ],
  };
  check(index, []);
});

test('a possible use says where and why', () => {
  const [find, file] = possibleUsers(
    indexOf({
      'a.yaml': externalSecret('db', 'dataFrom: [{find: {name: {regexp: ^prod/}}}]'),
      'b.yaml': 'a: b\nkey: prod/db ExternalSecret\n[',
    }),
    { service: 'secretsmanager', names: ['prod/db'], account: ACCOUNT, region: REGION },
    'open',
  );
  expect(find).toMatchObject({
    kind: 'ExternalSecret',
    name: 'db',
    line: 4,
    field: 'spec.dataFrom[0].find',
    reason: 'It fetches whatever matches: name ~ ^prod/.',
  });
  expect(file).toMatchObject({ kind: 'File', name: 'b.yaml', line: 3 });
  expect(file?.reason).toMatch(/^The secret is named in a file that cannot be read: ./);
});

test('a possible use tells the namespace of its object', () => {
  const index = indexOf({
    'a.yaml': externalSecret('db', 'data: [{remoteRef: {key: "${x}"}}]', 'shop'),
    'b.yaml': 'kind: ExternalSecret\nkey: prod/db\n[',
  });
  const secret = { service: 'secretsmanager' as const, names: ['prod/db'], account: ACCOUNT, region: REGION };
  const uses = possibleUsers(index, secret, 'open');
  expect(uses.map(({ kind, namespace }) => [kind, namespace])).toEqual([
    ['ExternalSecret', 'shop'],
    ['File', null],
  ]);
});
