import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UnreadableCode } from '../../src/manifests/objects.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import { deployment, externalSecret, readText, store } from './repository.ts';

const SECRET = externalSecret('db', 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: prod/db}}]');

/** Objects as `document/item kind namespace/name`. */
function check(text: string, expected: readonly string[]): void {
  const { objects, unreadable } = readText(text);
  expect(unreadable).toEqual([]);
  expect(
    objects.map((one) => `${one.document}/${one.item ?? '-'} ${one.kind} ${one.namespace ?? '-'}/${one.name}`),
  ).toEqual(expected);
}

function checkUnreadable(text: string | Uint8Array, code: UnreadableCode, keepsText: boolean): void {
  const facts = typeof text === 'string' ? readText(text) : readBlob(text);
  expect(facts.objects).toEqual([]);
  expect(facts.unreadable.map((one) => one.code)).toEqual([code]);
  expect(facts.text !== null).toBe(keepsText);
}

test('several documents, comments and other kinds between them', () => {
  check(
    `# x\n---\n${SECRET}---\n---\nkind: ConfigMap\n---\n${deployment('web', 'db')}---\n${store('aws', 'aws: {}')}`,
    ['0/- ExternalSecret app/db', '3/- Deployment app/web', '4/- SecretStore app/aws'],
  );
});

test('carriage returns, a byte order mark and JSON', () => {
  check(SECRET.replaceAll('\n', '\r\n'), ['0/- ExternalSecret app/db']);
  check(`\ufeff${SECRET}`, ['0/- ExternalSecret app/db']);
  check('{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"name":"db"},"spec":{}}', [
    '0/- ExternalSecret -/db',
  ]);
});

test('the items of a List', () => {
  const item = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}';
  const secret = '{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: db}, spec: {}}';
  check(`apiVersion: v1\nkind: List\nitems:\n- ${item}\n- {kind: ConfigMap}\n- ${secret}\n`, [
    '0/0 Deployment -/web',
    '0/2 ExternalSecret -/db',
  ]);
  check('kind: List\nitems: {a: ExternalSecret}\n', []);
});

test('an item that cannot be read leaves the others', () => {
  const good = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}';
  const bad = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, name: bad}}';
  const { objects, unreadable } = readText(`kind: List\nitems:\n- ${bad}\n- ${good}\n`);
  expect(objects).toMatchObject([{ name: 'web', item: 1 }]);
  expect(unreadable).toMatchObject([{ code: 'duplicate-key', line: 3 }]);
});

test('what is of no interest says nothing', () => {
  check('', []);
  check('kind: Service\nmetadata: {name: web, namespace: app}\nspec: {}\n', []);
  check('not: [yaml', []);
  check('apiVersion: external-secrets.io/v1\nkind: [ExternalSecret]\n', []);
  check('# ExternalSecret\n- a\n- b\n', []);
});

test.each([
  ['not-yaml', 'kind: ExternalSecret\nspec: [\n'],
  ['helm-template', `${SECRET}{{- if .Values.x }}\na: b\n{{- end }}\n`],
  ['helm-template', SECRET.replace('key: prod/db', 'key: {{ .Values.key }}')],
  ['helm-template', SECRET.replace(/name: \w+/, 'name: "${{ values.name }}"')],
  ['helm-template', deployment('web', 'db').replace(/namespace: \w+/, 'namespace: "{{ space }}"')],
  ['malformed', 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {}\n'],
  ['encrypted', `${SECRET}sops: {mac: "ENC[AES256_GCM,data:x]", version: 3.8.1}\n`],
  ['encrypted', `${deployment('web', 'db')}sops: {mac: x}\n`],
] satisfies [UnreadableCode, string][])('%s keeps the text', (code, text) => {
  checkUnreadable(text, code, true);
});

test.each([
  ['external-secrets.io/v2', 'ClusterExternalSecret', ''],
  ['external-secrets.io/v2', 'PushSecret', ''],
  ['external-secrets.io/v2', 'ClusterPushSecret', ''],
  ['external-secrets.io/v2', 'ExternalSecret', ''],
  ['kubernetes-client.io/v2', 'ExternalSecret', ''],
  ['example.com/v1', 'SecretsRotationMapping', ''],
])('%s %s is named as unsupported', (apiVersion, kind, spec) => {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: db, namespace: app}\nspec: {${spec}}\n`;
  checkUnreadable(text, 'unsupported-kind', true);
  expect(readText(text).unreadable[0]?.message).toContain(`${kind} app/db`);
});

test('a SecretProviderClass of another provider is of no interest', () => {
  check(
    'apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: a}\nspec: {provider: azure}\n',
    [],
  );
});

test('fields of an ExternalSecret inside something else are not overlooked', () => {
  checkUnreadable('- op: replace\n  path: /spec/data/0/remoteRef/key\n  value: prod/db\n', 'unsupported-kind', true);
  checkUnreadable(
    'extraObjects:\n- {kind: ExternalSecret, spec: {data: [{remoteRef: {key: prod/db}}]}}\n',
    'unsupported-kind',
    true,
  );
  const patch = 'kind: Kustomization\npatches: [{patch: "- {path: /spec/data/0/remoteRef/key}"}]\n';
  expect(readText(patch)).toMatchObject({
    objects: [{ type: 'kustomization' }],
    unreadable: [{ code: 'unsupported-kind' }],
  });
});

test('the schema of an ExternalSecret is none', () => {
  check('kind: CustomResourceDefinition\nspec: {names: {kind: ExternalSecret}, x: {remoteRef: {}}}\n', []);
});

test('text that is not UTF-8, and pointers', () => {
  const broken = new Uint8Array([...new TextEncoder().encode(SECRET), 0xff]);
  checkUnreadable(broken, 'not-text', true);
  expect(readBlob(broken).text).toContain('prod/db');
  const wide = new Uint8Array([0xff, 0xfe, ...new Uint8Array(Buffer.from(SECRET, 'utf16le'))]);
  checkUnreadable(wide, 'not-text', true);
  expect(readBlob(wide).text).toContain('prod/db');
  check(Buffer.from([0xff, 0xd8, 0x00, 0x10]).toString('latin1'), []);
  checkUnreadable('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n', 'not-text', false);
});

test('a file over 1 MiB is not parsed, and up to 16 MiB it is kept to be searched', () => {
  checkUnreadable(`${SECRET}# ${'x'.repeat(17_000_000)}`, 'too-large', false);
  checkUnreadable(`${SECRET}# ${'x'.repeat(10_000_000)}`, 'too-large', true);
  checkUnreadable(`${SECRET}# ${'x'.repeat(2_000_000)}`, 'too-large', true);
  check(`a: ${'x'.repeat(10_000_000)}`, []);
});

test('long runs of blanks take no time by their square', () => {
  for (const blanks of ['\n', ' \n', '\t', '\n\t', '\r\n']) {
    check(`${blanks.repeat(200_000)}{x: y}\n`, []);
    check(`${blanks.repeat(200_000)}"x"\n`, []);
  }
});

test('a large bundle of schemas names no secret', () => {
  const schema = `kind: CustomResourceDefinition\nspec: {x: {remoteRef: {}}, kind: ExternalSecret}\n# ${'x'.repeat(1_100_000)}\n`;
  check(`${schema}---\n${schema}`, []);
  const facts = readText(`${schema}---\n${deployment('eso', 'x')}`);
  expect(facts.unreadable).toMatchObject([{ code: 'too-large' }]);
  expect(facts.text?.length).toBeLessThan(1000);
});

function list(anchor: string, item: string): string {
  return `&${anchor} [${Array(1000).fill(item).join(', ')}]`;
}

test('aliases that multiply are given up', () => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
x-env: ${list('env', '{name: A, valueFrom: {secretKeyRef: {name: s}}}')}
x-container: &container {env: *env}
spec: {template: {spec: {containers: ${list('all', '*container')}}}}
`;
  checkUnreadable(text, 'too-large', true);
});

// Each alias brings a text that is parsed, or written, once more: a file of one MiB took hours so.
test.each([
  [
    'secrets-store.csi.x-k8s.io/v1',
    'SecretProviderClass',
    (text: string) => `{provider: aws, parameters: {objects: ${text}}}`,
  ],
  ['argoproj.io/v1alpha1', 'Application', (text: string) => `{source: ${text}}`],
  ['kustomize.config.k8s.io/v1', 'Kustomization', (text: string) => `{}, patches: [{patch: ${text}}]`],
])('a long text in each of many %s %s is given up', (apiVersion, kind, specOf) => {
  const text = `"[{objectName: a}] # ${'x'.repeat(40_000)}"`;
  const first = `&one {apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a}, spec: ${specOf(text)}}`;
  const facts = readText(`kind: List\nitems:\n- ${first}\n${'- *one\n'.repeat(4000)}`);
  expect(facts.unreadable).toContainEqual(expect.objectContaining({ code: 'too-large' }));
  expect(facts.objects.length).toBeLessThan(2000);
});

test('a thousand laughs are nothing', () => {
  const levels = Array.from(
    { length: 20 },
    (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`,
  );
  const { objects } = readText(`a0: &a0 x\n${levels.join('\n')}\n${SECRET}`);
  expect(objects).toMatchObject([{ name: 'db' }]);
});

test('deep nesting is refused', () => {
  checkUnreadable(`${SECRET}x: ${'['.repeat(100_000)}`, 'too-large', true);
});

const KINDS = fc.constantFrom(
  { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' },
  { apiVersion: 'external-secrets.io/v1beta1', kind: 'ClusterSecretStore' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
  { apiVersion: 'v1', kind: 'List' },
);
// Keys that are looked at, with values of any type: every reader meets every wrong shape.
const KEYS = fc.constantFrom(
  ...(
    'spec metadata name namespace annotations labels data dataFrom remoteRef extract find key version target template ' +
    'containers env envFrom valueFrom secretKeyRef provider aws role additionalRoles resources patches items jobTemplate ' +
    'volumes secretStoreRef sourceRef regexp sops __proto__ constructor'
  ).split(' '),
);
const { tree } = fc.letrec<{ tree: unknown; list: unknown; map: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, '', 'text', '${x}', '{{ x }}'),
    tie('map'),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('tree'), { maxLength: 2 }),
  map: fc.dictionary(KEYS, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
}));

test('whatever a document holds, reading it never throws and gives the same answer twice', () => {
  fc.assert(
    fc.property(KINDS, fc.dictionary(KEYS, tree, { maxKeys: 4, noNullPrototype: true }), (head, body) => {
      const text = JSON.stringify({ ...body, ...head });
      const facts = readText(text);
      expect(readText(text)).toEqual(facts);
      expect(facts.text === null).toBe(facts.unreadable.length === 0);
    }),
    { numRuns: 200 },
  );
});

test('whatever the bytes are, reading them never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(SECRET.length), (noise, at) => {
      const bytes = new TextEncoder().encode(SECRET);
      const facts = readBlob(new Uint8Array([...bytes.slice(0, at), ...noise, ...bytes.slice(at)]));
      expect(facts.text === null || facts.unreadable.length > 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('the same problem at many lines is one problem', () => {
  const stray = 'spec: {data: [{remoteRef: {key: a}}]}\n---\n';
  expect(readText(stray.repeat(10)).unreadable).toMatchObject([{ code: 'unsupported-kind', line: 1 }]);
});
