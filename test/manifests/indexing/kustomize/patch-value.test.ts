import { expect, test } from 'vitest';
import { mergeValue, operateOn } from '../../../../src/manifests/indexing/kustomize/patch-value.ts';
import { type Plain, readPlain } from '../../../../src/manifests/reading/kustomize/plain-value.ts';

const plain = (value: unknown): Plain => readPlain(JSON.stringify(value));

test.each([
  [{ a: '1', b: { c: '2' } }, { b: { d: '3' } }, { a: '1', b: { c: '2', d: '3' } }],
  [{ a: ['1', '2'] }, { a: ['3'] }, { a: ['3'] }],
  [{ a: '1', b: '2' }, { a: null }, { b: '2' }],
  [{ a: '1' }, { a: { b: 'c' } }, { a: { b: 'c' } }],
  [{}, JSON.parse('{"__proto__": {"a": "b"}}'), JSON.parse('{"__proto__": {"a": "b"}}')],
  [{ a: '1' }, { $patch: 'delete' }, undefined],
  [{ a: '1' }, { a: { $patch: 'replace' } }, undefined],
  [{ a: '1' }, { a: [{ $patch: 'delete' }] }, undefined],
])('%j merged with %j', (base, patch, expected) => {
  expect(mergeValue(plain(base), plain(patch))).toEqual(expected);
});

const SPEC = { spec: { data: [{ remoteRef: { key: 'a' } }, { remoteRef: { key: 'b' } }], 'x/y': '1' } };

test.each([
  ['replace', '/spec/data/1/remoteRef/key', 'c', '[{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"c"}}]'],
  ['remove', '/spec/data/0', null, '[{"remoteRef":{"key":"b"}}]'],
  ['add', '/spec/data/-', 'z', '[{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"b"}},"z"]'],
  ['add', '/spec/data/0', 'z', '["z",{"remoteRef":{"key":"a"}},{"remoteRef":{"key":"b"}}]'],
  ['replace', '/spec/x~1y', '2', undefined],
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
  ['replace', '/spec/none'],
  ['replace', '/spec/constructor'],
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
