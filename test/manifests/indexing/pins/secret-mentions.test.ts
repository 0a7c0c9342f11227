import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretMentions } from '../../../../src/manifests/indexing/pins/secret-mentions.ts';
import { samples } from '../../manifest-arbitrary.ts';

/** Where the Secret `db` of namespace `app` seems to be named. */
function mentions(text: string): readonly string[] | 'unreadable' {
  const found = secretMentions(text, 'db', 'app');
  return found.kind === 'unreadable' ? 'unreadable' : found.mentions.map(({ keys }) => keys.join('.'));
}

test.each<[string, string]>([
  ['a: {secretName: db}', 'a.secretName'],
  ['tls: [{secretName: db}, {secretName: db2}]', 'tls.0.secretName'],
  ['auth: {existingSecret: "db"}', 'auth.existingSecret'],
  ['imagePullSecrets: [db]', 'imagePullSecrets.0'],
  ['imagePullSecrets: [{name: db}]', 'imagePullSecrets.0.name'],
  ['ref: {secretRef: {name: db}}', 'ref.secretRef.name'],
  ['from: {secretKeyRef: {name: db, key: db}}', 'from.secretKeyRef.name'],
  ['valuesFrom: [{kind: Secret, name: db}]', 'valuesFrom.0.name'],
  ['kind: Secret\nmetadata: {name: db}', 'metadata.name'],
  ['kind: SealedSecret\nmetadata: {name: db, namespace: app}', 'metadata.name'],
  ['secretGenerator: [{name: db}]', 'secretGenerator.0.name'],
  ['- {op: replace, path: /spec/secretName, value: db}', '0.value'],
  ['env: [{name: SECRET_NAME, value: db}]', 'env.0.value'],
  [
    'metadata: {annotations: {secret.reloader.stakater.com/reload: "a,db"}}',
    'metadata.annotations.secret.reloader.stakater.com/reload',
  ],
  ['data:\n  x: |\n    secretName: db\n', 'data.x'],
  ['a: &x {secretName: db}\nb: *x', 'a.secretName'],
])('%s', (text, expected) => {
  expect(mentions(text)).toContain(expected);
});

test.each([
  'secretKey: db',
  'secretStoreRef: {name: db}',
  'kind: ExternalSecret\nmetadata: {name: db}',
  'remoteRef: {key: db}\nkind: ExternalSecret',
  'metadata: {name: db, labels: {app: db}}\nkind: NotSecret',
  'secretName: db-2',
  'valuesFrom: [{kind: ConfigMap, name: db}]\n# Secret',
  'metadata: {name: x, namespace: other}\nspec: {secretName: db}',
  'data:\n  x: |\n    secretName: my-db\n',
])('not: %s', (text) => {
  expect(mentions(text)).toEqual([]);
});

test('a file that cannot be read and has the name may mean it', () => {
  expect(mentions('secretName: {{ x }}\nname: db')).toBe('unreadable');
  expect(mentions('secretName: {{ x }}\nname: db-x')).toEqual([]);
  expect(mentions('a: [')).toEqual([]);
});

test('whatever a file holds, it is looked through', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    samples.map(({ text }) => text.replaceAll('app-0', 'db')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(['mentions', 'unreadable']).toContain(secretMentions(`secretName: db\n---\n${text}`, 'db', null).kind);
    }),
    { numRuns: 60 },
  );
  const deep = `secretName: ${'['.repeat(500)}db${']'.repeat(500)}`;
  expect(mentions(deep)).toBeDefined();
});
