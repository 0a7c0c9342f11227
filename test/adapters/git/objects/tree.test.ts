import { expect, test } from 'vitest';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { listEntries } from '../../../../src/adapters/git/objects/list-entries.ts';
import { createObjectStore } from '../../../../src/adapters/git/objects/object-store.ts';
import { isPlainFile, readTree } from '../../../../src/adapters/git/objects/tree.ts';
import { Failure } from '../../../../src/domain/failure.ts';

const LIMITS = { maxTips: 2, maxEntries: 100, maxDepth: 10 };
const OID = 'ab'.repeat(20);

function rawTree(...entries: readonly (readonly [mode: string, name: string | Uint8Array, oid: string])[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([mode, name, oid]) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.from([0]),
      Buffer.from(oid, 'hex'),
    ]),
  );
}

test('a raw tree is read entry by entry; what is malformed is refused', () => {
  const data = rawTree(['100644', 'a', OID], ['40000', 'b c', OID]);
  expect([...readTree(data)].map((entry) => [entry.mode, entry.name.toString(), entry.oid])).toEqual([
    ['100644', 'a', OID],
    ['40000', 'b c', OID],
  ]);
  for (const bad of [
    data.subarray(0, -1),
    Buffer.from('100644'),
    Buffer.from('100644 a\0short'),
    rawTree(['9', 'a', OID]),
  ]) {
    expect(() => [...readTree(bad)]).toThrow(Failure);
  }
});

test('names that are not UTF-8 and names that lead elsewhere are left out, with all below them', () => {
  const trees = new Map([
    ['1'.repeat(40), rawTree(['100644', 'inside', OID])],
    [
      '2'.repeat(40),
      rawTree(
        ['100644', '', OID],
        ['100644', '../up', OID],
        ['40000', 'a/b', '1'.repeat(40)],
        ['40000', Buffer.from([0xe9]), '1'.repeat(40)],
        ['40000', 'fine', '1'.repeat(40)],
        ['100644', '__proto__', OID],
      ),
    ],
  ]);
  const entries = listEntries('2'.repeat(40), (oid) => trees.get(oid) ?? Buffer.alloc(0), LIMITS);
  expect(entries.map((entry) => entry.path)).toEqual(['fine/inside', '__proto__']);
});

test.each([
  ['100644', true],
  ['100755', true],
  ['100664', true],
  ['120000', false],
  ['160000', false],
  ['40000', false],
  ['100600', false],
])('a file of mode %s may be edited: %s', (mode, expected) => {
  expect(isPlainFile(mode)).toBe(expected);
});

const blob: GitObject = { type: 'blob', data: Buffer.from('x') };
const tree: GitObject = { type: 'tree', data: rawTree(['100644', 'x', oidOf(blob)], ['160000', 'sub', OID]) };
const commitOf = (time: number): GitObject => ({
  type: 'commit',
  data: Buffer.from(`tree ${oidOf(tree)}\nauthor A <a> ${time} +0000\ncommitter A <a> ${time} +0000\n\nm`),
});
const mapOf = (...objects: readonly GitObject[]) => new Map(objects.map((object) => [oidOf(object), object]));

test('a commit is a tip only when all of it is here', () => {
  const store = createObjectStore(LIMITS, () => false);
  const commit = commitOf(1);
  expect(() => store.markTip(oidOf(commit))).toThrow('is missing');
  store.add(mapOf(commit));
  expect(() => store.markTip(oidOf(commit))).toThrow('is missing');
  store.add(mapOf(tree));
  expect(() => store.markTip(oidOf(commit))).toThrow('is missing');
  expect(store.tips()).toEqual([]);
  store.add(mapOf(blob));
  store.markTip(oidOf(commit));
  expect(store.tips()).toEqual([oidOf(commit)]);
});

test('where the host leaves out large blobs, a missing blob is no damage', () => {
  const store = createObjectStore(LIMITS, () => true);
  store.add(mapOf(commitOf(1), tree));
  store.markTip(oidOf(commitOf(1)));
  expect(store.tips()).toHaveLength(1);
});

test('the oldest tips go, with what only they held', () => {
  const store = createObjectStore(LIMITS, () => false);
  for (const time of [1, 2, 3]) {
    store.add(mapOf(commitOf(time), tree, blob));
    store.markTip(oidOf(commitOf(time)));
  }
  expect(store.tips()).toEqual([oidOf(commitOf(2)), oidOf(commitOf(3))]);
  expect([1, 2, 3].map((time) => store.find(oidOf(commitOf(time))) !== null)).toEqual([false, true, true]);
  expect(store.find(oidOf(blob))).toEqual(blob);
});
