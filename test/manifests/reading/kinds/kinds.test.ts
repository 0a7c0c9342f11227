import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { usersOf } from '../../../../src/manifests/query-index.ts';
import { readBlob } from '../../../../src/manifests/read-blob.ts';
import { deployment, indexOf, readText } from '../../repository.ts';

const ESO = 'apiVersion: external-secrets.io/v1alpha1\nmetadata: {name: db, namespace: app}\n';
const CSI =
  'apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: db, namespace: app}\n';

/** The references of the first object, as `field key follows`. */
function references(text: string): readonly string[] {
  const [object] = readText(text).objects;
  if (object?.type !== 'external-secret' && object?.type !== 'restart-source') return [];
  return object.references.map(
    ({ field, key, follows }) => `${field} ${key} ${JSON.stringify(Object.values(follows))}`,
  );
}

function classOf(objects: string): string {
  const lines = objects.split('\n').map((line) => `      ${line}\n`);
  return `${CSI}spec:\n  provider: aws\n  parameters:\n    objects: |\n${lines.join('')}`;
}

test('a SecretProviderClass: each object with its version or label', () => {
  const text = classOf(
    '- objectName: a\n  objectVersion: v1\n- {objectName: b, objectVersionLabel: BLUE}\n- objectName: c',
  );
  expect(references(text)).toEqual([
    'spec.parameters.objects[0] a ["pinned","v1"]',
    'spec.parameters.objects[1] b ["label","BLUE"]',
    'spec.parameters.objects[2] c ["label","AWSCURRENT"]',
  ]);
});

test.each([
  ['[', 'is not YAML'],
  ['a: b', 'is not a list'],
  ['- 1\n- {objectName: }', 'has no objectName'],
])('objects that say nothing are a problem of the class: %j', (objects, message) => {
  const { unreadable } = readText(classOf(objects));
  expect(unreadable.map((one) => one.code)).toContain('malformed');
  expect(unreadable[0]?.message).toContain(message);
});

test('a class of another provider, and one without objects, name nothing', () => {
  expect(readText(`${CSI}spec: {provider: azure}\n`)).toMatchObject({ objects: [], unreadable: [] });
  expect(references(`${CSI}spec: {provider: aws}\n`)).toEqual([]);
});

test('a PushSecret names each key through each of its stores', () => {
  const data = 'data: [{match: {remoteRef: {remoteKey: prod/db}}}], dataTo: [{storeRef: {name: c}, remoteKey: bundle}]';
  const text = `${ESO}kind: PushSecret\nspec: {secretStoreRefs: [{name: a}, {name: b}], ${data}}\n`;
  expect(references(text).map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
    'spec.data[0].match.remoteRef prod/db',
    'spec.data[0].match.remoteRef prod/db',
    'spec.dataTo[0] bundle',
  ]);
});

test('of a hostile PushSecret no more references are kept than a bound', () => {
  const stores = Array.from({ length: 200 }, (_, at) => `{name: s${at}}`).join(', ');
  const data = Array.from({ length: 200 }, (_, at) => `{match: {remoteRef: {remoteKey: k${at}}}}`).join(', ');
  expect(references(`${ESO}kind: PushSecret\nspec: {secretStoreRefs: [${stores}], data: [${data}]}\n`)).toHaveLength(
    2000,
  );
});

test('whatever stands in these kinds, reading never throws', () => {
  const kinds = ['ClusterExternalSecret', 'PushSecret', 'ClusterPushSecret', 'ExternalSecret'];
  const value = fc.oneof(fc.json({ maxDepth: 4 }), fc.constantFrom('[]', '{}', 'null', '"\\u0000"', '&a [*a]', '-'));
  const keys = fc.constantFrom('spec', 'metadata', 'externalSecretSpec', 'namespaces', 'namespaceSelectors');
  fc.assert(
    fc.property(fc.constantFrom(...kinds), keys, value, value, (kind, key, one, other) => {
      const spec = `${key}: {data: ${one}, namespaceSelector: ${other}, externalSecretSpec: ${one}, secretStoreRefs: ${other}}`;
      for (const version of ['external-secrets.io/v1', 'kubernetes-client.io/v1']) {
        readBlob(new TextEncoder().encode(`apiVersion: ${version}\nkind: ${kind}\n${spec}\n`));
      }
      readBlob(new TextEncoder().encode(classOf(one)));
    }),
    { numRuns: 100 },
  );
});

const DB = { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', names: ['prod/db'] } as const;

/** The workloads that one ClusterExternalSecret with this reach feeds; `?` marks those that nobody can tell for certain. */
function fed(reach: string, more: Readonly<Record<string, string>> = {}): readonly string[] {
  const spec = 'externalSecretSpec: {target: {name: db}, data: [{remoteRef: {key: prod/db}}]}';
  const index = indexOf({
    'c.yaml': `apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: c}\nspec: {${reach}, ${spec}}\n`,
    'a/w.yaml': deployment('a', 'db', 'a'),
    'b/w.yaml': deployment('b', 'db', 'b'),
    ...more,
  });
  return usersOf(index, DB).flatMap(({ consumers, unsure = [] }) =>
    consumers.map((one) => `${one.name}${unsure.includes(one) ? '?' : ''}`),
  );
}

function namespace(name: string, labels: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
}

test('which namespaces a ClusterExternalSecret reaches', () => {
  expect(fed('namespaces: [b]')).toEqual(['b']);
  expect(fed('namespaceSelector: {}')).toEqual(['a', 'b']);
  expect(fed('namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}')).toEqual(['a']);
  expect(fed('namespaceSelector: {matchLabels: {team: x}}')).toEqual(['a?', 'b?']);
  const known = { 'ns.yaml': `${namespace('a', 'team: x')}---\n${namespace('b', 'team: y')}` };
  expect(fed('namespaceSelector: {matchLabels: {team: x}}', known)).toEqual(['a']);
  expect(fed('namespaceSelectors: [{matchExpressions: [{key: team, operator: Near, values: [x]}]}]', known)).toEqual([
    'a?',
    'b?',
  ]);
  expect(fed('namespaceSelectors: [{matchExpressions: [{key: team, operator: Exists}]}]', known)).toEqual(['a', 'b']);
  expect(fed('namespaces: []')).toEqual([]);
});
