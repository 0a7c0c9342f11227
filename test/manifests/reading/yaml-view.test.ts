import { expect, test } from 'vitest';
import { externalSecret, readText } from '../repository.ts';

const HEAD = 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n';

function keysOf(text: string): readonly string[] {
  return readText(text).objects.flatMap((one) =>
    one.type === 'external-secret' ? one.references.map(({ key }) => key) : [],
  );
}

test('aliases are followed, to the last anchor before them', () => {
  const text = `${HEAD}metadata: {name: a, labels: {x: &key first, y: &key second}}
spec: {data: [{remoteRef: {key: *key}}, {remoteRef: &third {key: third}}, {remoteRef: *third}]}\n`;
  expect(keysOf(text)).toEqual(['second', 'third', 'third']);
});

test('merge keys count; own keys and earlier maps win', () => {
  const text = `${HEAD}metadata: {name: a, labels: {x: &one x}}
spec:
  data:
    - remoteRef: &base {key: base, version: OLD}
    - remoteRef: {<<: *base, version: NEW}
    - remoteRef:
        <<: [{key: first}, *base]
    - remoteRef: {"<<": {key: no}, key: own}
`;
  const [facts] = readText(text).objects;
  expect(facts).toMatchObject({
    references: [
      { key: 'base', follows: { label: 'OLD' } },
      { key: 'base', follows: { label: 'NEW' } },
      { key: 'first', follows: { label: 'OLD' } },
      { key: 'own' },
    ],
  });
});

test('annotations may come from a merge', () => {
  const text = `${HEAD}metadata: {name: a, labels: &shared {x: y}, annotations: {<<: *shared, z: ~, n: [1]}}\nspec: {}\n`;
  const [facts] = readText(text).objects;
  expect([...(facts?.annotations ?? [])]).toEqual([
    ['z', ''],
    ['x', 'y'],
  ]);
});

test.each([
  ['the root', `${externalSecret('a', '')}spec: {}\n`],
  ['metadata', `${HEAD}metadata: {name: a, name: b}\nspec: {}\n`],
  ['annotations', `${HEAD}metadata: {name: a, annotations: {x: "1", "x": "2"}}\nspec: {}\n`],
  ['a reference', externalSecret('a', 'data: [{remoteRef: {key: a, key: b}}]')],
])('a key that stands twice in %s makes the object unreadable', (_where, text) => {
  expect(readText(text)).toMatchObject({ objects: [], unreadable: [{ code: 'duplicate-key' }] });
});

test('a key that stands twice where nothing is read does no harm', () => {
  expect(keysOf(externalSecret('a', 'data: [{remoteRef: {key: a}}], x: {b: 1, b: 2}'))).toEqual(['a']);
});

function chain(length: number): string {
  const links = Array.from({ length }, (_, at) => `  m${at + 1}: &m${at + 1} {<<: *m${at}}\n`).join('');
  return `${HEAD}metadata: {name: a}\nx:\n  m0: &m0 {data: [{remoteRef: {key: k}}]}\n${links}spec: *m${length}\n`;
}

test('a chain of merges is followed, but not without end', () => {
  expect(keysOf(chain(20))).toEqual(['k']);
  expect(readText(chain(5000))).toMatchObject({ objects: [], unreadable: [{ code: 'too-large' }] });
});

test('keys of objects named like properties of JavaScript objects are plain keys', () => {
  const text = `${HEAD}metadata: {name: a, annotations: {__proto__: x, constructor: y}}\nspec: {}\n`;
  expect([...(readText(text).objects[0]?.annotations ?? [])]).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
