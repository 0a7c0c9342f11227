import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_BINDINGS } from '../../src/domain/policy.ts';
import { buildIndex } from '../../src/manifests/build-index.ts';
import type { Index } from '../../src/manifests/graph.ts';
import { useOfEntry } from '../../src/manifests/indexing/tree-entry.ts';
import { deployment, externalSecret, indexOf, ONE_ACCOUNT, readText, repoPath, store } from './repository.ts';

const SPEC = 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: prod/db}}]';
const AWS = 'aws: {service: SecretsManager, region: eu-west-1}';

const REPOSITORY: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources: [all.yaml, web.yaml]',
  'base/all.yaml': `${externalSecret('db', SPEC, null)}---\n${externalSecret('api', SPEC.replace('prod/db', 'prod/api'), null)}`,
  'base/web.yaml': deployment('web', 'db', null),
  'chart/Chart.yaml': 'name: x',
  'chart/templates/es.yaml': '{{ if .Values.x }}\nkind: ExternalSecret\nkey: prod/db\n{{ end }}',
  'prod/kustomization.yaml': 'resources: [../base, store.yaml]\nnamespace: app',
  'prod/store.yaml': store('aws', AWS, 'SecretStore', null),
  'stage/kustomization.yml': 'resources: [../base]\nnamespace: stage',
  'x/broken.yaml': 'kind: ExternalSecret\n[',
  'x/push.yaml': 'apiVersion: external-secrets.io/v1alpha1\nkind: PushSecret\nmetadata: {name: p}',
  'y/es.yaml': externalSecret('db', SPEC),
  'y/web.yaml': deployment('web', 'db'),
  'z/es.yaml': externalSecret('db', `${SPEC}, dataFrom: [{extract: {key: prod/db}}]`),
};

function problems(index: Index): readonly string[] {
  return index.problems.map(({ path, code, text }) => `${path} ${code} ${text === null ? '-' : 'text'}`);
}

test('the chain from secret to workload', () => {
  const index = indexOf(REPOSITORY);
  const [at = -1] = index.bySecret.get('secretsmanager:111122223333:eu-west-1:prod/api') ?? [];
  expect(index.externalSecrets[at]?.object).toMatchObject({ name: 'api', path: 'base/all.yaml', document: 1 });
  expect(index.bySecret.get('secretsmanager:111122223333:eu-west-1:prod/db')).toEqual([0, 3, 4]);
  expect(index.externalSecrets.map(({ consumers }) => consumers.map(({ path }) => path))).toEqual([
    ['base/web.yaml'],
    [],
    [],
    ['y/web.yaml'],
    [],
  ]);
});

test('whatever the order of the files, the index is the same', () => {
  const paths = Object.keys(REPOSITORY);
  const expected = indexOf(REPOSITORY);
  fc.assert(
    fc.property(fc.shuffledSubarray(paths, { minLength: paths.length }), (order) => {
      expect(indexOf(Object.fromEntries(order.map((path) => [path, REPOSITORY[path] ?? ''])))).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('objects under a chart are none; their text is kept where it may name a secret', () => {
  const index = indexOf({
    'app/Chart.yaml': 'name: app',
    'app/templates/plain/es.yaml': externalSecret('db', SPEC),
    'app/templates/web.yaml': deployment('web', 'db').replace('name: db', 'name: {{ .Values.name }}'),
    'app/templates/es.yaml': '{{ if .x }}\nremoteRef: {key: prod/db}\n{{ end }}',
    'app/templates/service.yaml': 'kind: Service',
    'app/values.yaml': 'replicas: 1',
    'templates/es.yaml': externalSecret('top', SPEC),
    'other/templates/es.yaml': externalSecret('other', SPEC),
  });
  expect(index.externalSecrets.map(({ object }) => object.name)).toEqual(['other', 'top']);
  expect(problems(index)).toEqual([
    'app/templates/es.yaml helm-template text',
    'app/templates/plain/es.yaml helm-template text',
    'app/templates/web.yaml helm-template -',
  ]);
});

test('a chart at the top of the repository', () => {
  const index = indexOf({ 'Chart.yaml': 'name: app', 'templates/es.yaml': externalSecret('db', SPEC) });
  expect([index.externalSecrets.length, ...problems(index)]).toEqual([0, 'templates/es.yaml helm-template text']);
});

test('what could not be read at all is listed with the rest', () => {
  const link = useOfEntry({ path: 'a/link.yaml', mode: '120000' });
  const files = [{ path: repoPath('b/broken.yaml'), facts: readText('kind: ExternalSecret\n[') }];
  const index = buildIndex(
    files,
    { accounts: ONE_ACCOUNT, bindings: NO_BINDINGS },
    link.kind === 'problem' ? [link.problem] : [],
  );
  expect(problems(index)).toEqual(['a/link.yaml symlink -', 'b/broken.yaml not-yaml text']);
});

test('an empty repository has an empty index', () => {
  const index = buildIndex([], { accounts: ONE_ACCOUNT, bindings: NO_BINDINGS });
  expect(index).toEqual({
    externalSecrets: [],
    paths: [],
    workloads: [],
    stores: [],
    kustomizations: [],
    problems: [],
    otherDeployers: [],
    argoHealth: 'not-here',
    bySecret: new Map(),
    restartSources: [],
    sourcesBySecret: new Map(),
  });
});

test('a full ARN is found by each name it can mean', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf';
  const { bySecret } = indexOf({ 'es.yaml': externalSecret('db', `data: [{remoteRef: {key: "${arn}"}}]`) });
  expect([...bySecret.keys()]).toEqual([
    'secretsmanager:111122223333:eu-west-1:prod/db',
    'secretsmanager:111122223333:eu-west-1:prod/db-AbCdEf',
  ]);
});
