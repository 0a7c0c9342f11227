import { expect, test } from 'vitest';
import { mergeValue, operateOn } from '../../../../src/manifests/indexing/kustomize/patch-value.ts';
import { type Plain, readPlain } from '../../../../src/manifests/reading/kustomize/plain-value.ts';

const plain = (value: unknown): Plain => readPlain(JSON.stringify(value));

test.each([
  [{ a: '1', b: { c: '2' } }, { b: { d: '3' } }, { a: '1', b: { c: '2', d: '3' } }],
  [{ a: ['1', '2'] }, { a: ['3'] }, { a: ['3'] }],
  [{ a: '1', b: '2' }, { a: null }, { b: '2' }],
  [{ a: '1' }, { a: { b: 'c' } }, undefined],
  [{ a: ['1'] }, { a: { b: 'c' } }, undefined],
  [{ a: { b: 'c' } }, { a: ['1'] }, undefined],
  [{}, JSON.parse('{"__proto__": {"a": "b"}}'), JSON.parse('{"__proto__": {"a": "b"}}')],
  [{ a: '1' }, { $patch: 'delete' }, undefined],
  [{ a: { b: '1' } }, { a: { $patch: 'replace', c: '2', d: null } }, { a: { c: '2' } }],
  [{ a: { b: '1' } }, { a: { $patch: 'merge', c: '2' } }, { a: { b: '1', c: '2' } }],
  [{ a: { b: '1' } }, { a: { $patch: 'delete' }, e: { $patch: 'delete' } }, {}],
  [{ a: { b: '1' } }, { a: { $patch: 'other' } }, undefined],
  [{ a: { b: '1' } }, { a: { $retainKeys: ['b'] } }, undefined],
  [{ a: ['1'] }, { a: [{ $patch: 'delete' }, { b: null }] }, { a: [{ $patch: 'delete' }, { b: null }] }],
  [{}, { a: { b: { c: null } } }, { a: { b: {} } }],
])('%j merged with %j', (base, patch, expected) => {
  expect(mergeValue(plain(base), plain(patch))).toEqual(expected);
});

const SPEC = {
  metadata: { labels: {} },
  spec: { data: [{ remoteRef: { key: 'a' } }, { remoteRef: { key: 'b' } }], 'x/y': '1' },
};

test.each([
  ['replace', '/spec/data/1/remoteRef/key', 'c', '[{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"c"}}]'],
  ['remove', '/spec/data/0', null, '[{"remoteRef":{"key":"b"}}]'],
  ['add', '/spec/data/-', 'z', '[{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"b"}},"z"]'],
  ['add', '/spec/data/0', 'z', '["z",{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"b"}}]'],
  ['replace', '/spec/x~1y', '2', undefined],
  ['replace', '/spec/none', '2', undefined],
  ['replace', '/spec/constructor', '2', undefined],
  ['replace', '/spec/data/-1/remoteRef/key', 'c', '[{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"c"}}]'],
  ['remove', '/spec/data/-2', null, '[{"remoteRef":{"key":"b"}}]'],
  ['add', '/metadata/labels/a', 'b', undefined],
  ['test', '/spec/none', 'b', undefined],
])('%s %s is carried out', (op, path, value, data) => {
  const result = operateOn(plain(SPEC), plain([{ op, path, value }]));
  expect(result).toMatchObject({ spec: { data: data === undefined ? SPEC.spec.data : JSON.parse(data) } });
});

test.each([
  ['replace', '/spec/data/2/remoteRef/key'],
  ['replace', '/spec/data/-/remoteRef/key'],
  ['replace', '/spec/data/01'],
  ['remove', '/spec/none'],
  ['replace', '/spec/data/-3'],
  ['replace', '/metadata/name'],
  ['add', '/metadata'],
  ['replace', '/kind'],
  ['remove', '/spec/data/9'],
  ['add', '/spec/data/3'],
  ['add', '/spec/none/a'],
  ['move', '/spec/data/0'],
  ['copy', '/spec/data/0'],
  ['add', 'spec/data'],
  ['add', ''],
])('%s %s is not', (op, path) => {
  expect(operateOn(plain(SPEC), plain([{ op, path, value: 'x' }]))).toBe(undefined);
});

test.each([
  ['copy', '/spec/data/0', '/spec/data/-', 'a b a'],
  ['move', '/spec/data/0', '/spec/data/1', 'b a'],
  ['move', '/spec/data/1/remoteRef', '/spec/data/0/remoteRef', 'b '],
])('%s from %s to %s', (op, from, path, expected) => {
  const result = operateOn(plain(SPEC), plain([{ op, from, path }])) as unknown as typeof SPEC;
  expect(result.spec.data.map((one) => one.remoteRef?.key ?? '').join(' ')).toBe(expected);
});
