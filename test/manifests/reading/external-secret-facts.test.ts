import { expect, test } from 'vitest';
import type { ExternalSecretFacts } from '../../../src/manifests/objects.ts';
import { externalSecret, readText } from '../repository.ts';

function read(spec: string): ExternalSecretFacts {
  const [facts] = readText(externalSecret('db', spec)).objects;
  if (facts?.type !== 'external-secret') throw new Error('no ExternalSecret was read');
  return facts;
}

/** Each reference as `field key store follows`. */
function check(spec: string, expected: readonly string[]): void {
  const shown = read(spec).references.map(({ field, key, store, follows }) => {
    const what = follows.kind === 'label' ? follows.label : JSON.stringify(follows);
    return `${field} ${key} ${store === null ? '-' : `${store.kind}/${store.name}`} ${what}`;
  });
  expect(shown).toEqual(expected);
}

test('data fetches one key per entry', () => {
  check('secretStoreRef: {name: aws}, data: [{secretKey: a, remoteRef: {key: prod/db, property: a}}]', [
    'spec.data[0].remoteRef prod/db SecretStore/aws AWSCURRENT',
  ]);
});

test('dataFrom extracts a whole secret', () => {
  check('secretStoreRef: {name: aws, kind: ClusterSecretStore}, dataFrom: [{extract: {key: prod/db}}]', [
    'spec.dataFrom[0].extract prod/db ClusterSecretStore/aws AWSCURRENT',
  ]);
});

test('v1alpha1 has the key in the dataFrom entry itself', () => {
  const text = externalSecret('db', 'secretStoreRef: {name: aws}, dataFrom: [{key: prod/db, version: AWSPREVIOUS}]');
  const [facts] = readText(text.replace('/v1\n', '/v1alpha1\n')).objects;
  expect(facts).toMatchObject({
    references: [{ field: 'spec.dataFrom[0]', key: 'prod/db', follows: { label: 'AWSPREVIOUS' } }],
  });
});

test('a key that is left empty is a reference: patches of overlays fill it in', () => {
  check('data: [{remoteRef: {key: ""}}, {remoteRef: {key: }}], dataFrom: [{extract: {key: ~}}]', [
    'spec.data[0].remoteRef  - AWSCURRENT',
    'spec.data[1].remoteRef  - AWSCURRENT',
    'spec.dataFrom[0].extract  - AWSCURRENT',
  ]);
});

test("an entry's own store wins over the object's", () => {
  check(
    `secretStoreRef: {name: aws}, data: [{remoteRef: {key: a}, sourceRef: {storeRef: {name: other, kind: ClusterSecretStore}}}, {remoteRef: {key: b}}],
     dataFrom: [{extract: {key: c}, sourceRef: {storeRef: {name: third}}}]`,
    [
      'spec.data[0].remoteRef a ClusterSecretStore/other AWSCURRENT',
      'spec.data[1].remoteRef b SecretStore/aws AWSCURRENT',
      'spec.dataFrom[0].extract c SecretStore/third AWSCURRENT',
    ],
  );
});

test('without any store there is none', () => {
  check('data: [{remoteRef: {key: a}}]', ['spec.data[0].remoteRef a - AWSCURRENT']);
});

test.each([
  ['version: ""', 'AWSCURRENT'],
  ['version: AWSCURRENT', 'AWSCURRENT'],
  ['version: AWSPREVIOUS', 'AWSPREVIOUS'],
  ['version: 1', '1'],
  ['version: uuid/1234-5678', '{"kind":"pinned","versionId":"1234-5678"}'],
  ['metadataPolicy: Fetch, version: uuid/1', '{"kind":"tags"}'],
  ['metadataPolicy: None', 'AWSCURRENT'],
])('%s follows %s', (written, expected) => {
  check(`data: [{remoteRef: {key: a, ${written}}}]`, [`spec.data[0].remoteRef a - ${expected}`]);
});

test('find is kept as what it looks for', () => {
  const { references } = read('dataFrom: [{find: {name: {regexp: "^prod/.*"}, path: prod/, tags: {team: a, env: b}}}]');
  expect(references).toMatchObject([
    {
      kind: 'find',
      key: 'name ~ ^prod/.*, path prod/, tags team, env',
      find: {
        regexp: '^prod/.*',
        path: 'prod/',
        tags: [
          ['env', 'b'],
          ['team', 'a'],
        ],
      },
    },
  ]);
});

test('a generator is no reference, but it is told', () => {
  const facts = read('dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}, {extract: {key: a}}]');
  expect(facts).toMatchObject({ generators: true, references: [{ field: 'spec.dataFrom[1].extract', key: 'a' }] });
  expect(read('dataFrom: [{extract: {key: a}}]').generators).toBe(false);
});

test('the target is named by the object unless it says otherwise', () => {
  expect(read('data: []').targetName).toBe('db');
  expect(read('target: {name: ""}').targetName).toBe('db');
  expect(read('target: {name: other}').targetName).toBe('other');
});

test('what decides the effect of a bump is read', () => {
  const written = 'refreshPolicy: OnChange, refreshInterval: 0, target: {creationPolicy: Merge, immutable: true}';
  expect(read(written)).toMatchObject({
    refreshPolicy: 'OnChange',
    refreshInterval: '0',
    creationPolicy: 'Merge',
    immutable: true,
  });
  expect(read('target: {immutable: "true"}')).toMatchObject({
    refreshPolicy: null,
    refreshInterval: null,
    immutable: false,
  });
});

test.each([
  ['data: {remoteRef: {key: a}}', 'spec.data is not a list'],
  ['data: [{remoteRef: {property: a}}]', 'spec.data[0].remoteRef has no key'],
  ['data: [{remoteRef: {key: [a]}}]', 'spec.data[0].remoteRef has no key'],
  ['data: [prod/db]', 'spec.data[0].remoteRef has no key'],
  ['dataFrom: [{extract: {}}]', 'spec.dataFrom[0].extract has no key'],
  ['dataFrom: [{find: {}}]', 'spec.dataFrom[0].find has neither a name pattern nor tags'],
  ['dataFrom: [{find: {name: {regexp: [a]}}}]', 'spec.dataFrom[0].find.name.regexp is no text'],
  ['dataFrom: [{find: {name: {regexp: a}, path: {b: c}}}]', 'spec.dataFrom[0].find.path is no text'],
  ['dataFrom: [{find: {tags: {team: [a]}}}]', 'spec.dataFrom[0].find.tags is no text'],
  ['dataFrom: [~]', 'spec.dataFrom[0] has no key'],
])('%s is malformed; the rest is read and the text kept', (spec, message) => {
  const facts = readText(externalSecret('db', `${spec}, target: {name: t}`));
  expect(facts.objects).toMatchObject([{ name: 'db', references: [], targetName: 't' }]);
  expect(facts.unreadable).toEqual([{ code: 'malformed', message: `ExternalSecret app/db: ${message}`, line: 4 }]);
  expect(facts.text).toContain('kind: ExternalSecret');
});

test('lines are those of the file', () => {
  const text = `# first\n---\n${externalSecret('a', '')}---\napiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata: {name: b}
spec:
  data:
    - secretKey: x
      remoteRef:
        key: prod/db
`;
  const [first, second] = readText(text).objects;
  expect([first?.line, second?.line, first?.document, second?.document]).toEqual([3, 8, 0, 1]);
  expect(second).toMatchObject({ references: [{ line: 15, key: 'prod/db' }] });
});
