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

test('a commit is a tip only when all of it is here; nothing is kept before', () => {
  const store = createObjectStore(LIMITS, () => false);
  const commit = commitOf(1);
  const adopt = (...objects: readonly GitObject[]) => store.adopt(oidOf(commit), mapOf(...objects));
  for (const part of [[], [commit], [tree, blob], [commit, tree], [commit, blob]] as const) {
    expect(() => adopt(...part)).toThrow('is missing');
  }
  expect([store.tips(), [commit, tree, blob].map((one) => store.find(oidOf(one)))]).toEqual([[], [null, null, null]]);
  const junk: GitObject = { type: 'blob', data: Buffer.from('nobody asked for it') };
  adopt(commit, tree, blob, junk);
  expect(store.tips()).toEqual([oidOf(commit)]);
  expect(store.find(oidOf(blob))).toEqual(blob);
  expect(store.find(oidOf(junk))).toBe(null);
});

test('a folder that is a file, and the other way round, are missing', () => {
  const store = createObjectStore(LIMITS, () => true);
  for (const [mode, oid] of [
    ['40000', oidOf(blob)],
    ['100644', oidOf(tree)],
  ] as const) {
    const root: GitObject = { type: 'tree', data: rawTree([mode, 'x', oid]) };
    const commit: GitObject = { type: 'commit', data: Buffer.from(`tree ${oidOf(root)}\n\nm`) };
    expect(() => store.adopt(oidOf(commit), mapOf(commit, root, tree, blob))).toThrow('is missing');
  }
});

test('where the host leaves out large blobs, a missing blob is no damage', () => {
  const store = createObjectStore(LIMITS, () => true);
  store.adopt(oidOf(commitOf(1)), mapOf(commitOf(1), tree));
  expect(store.tips()).toHaveLength(1);
});

test('the oldest tips go, with what only they held', () => {
  const store = createObjectStore(LIMITS, () => false);
  for (const time of [1, 2, 3]) store.adopt(oidOf(commitOf(time)), mapOf(commitOf(time), tree, blob));
  expect(store.tips()).toEqual([oidOf(commitOf(2)), oidOf(commitOf(3))]);
  expect([1, 2, 3].map((time) => store.find(oidOf(commitOf(time))) !== null)).toEqual([false, true, true]);
  expect(store.find(oidOf(blob))).toEqual(blob);
});

const listed = (trees: ReadonlyMap<string, Buffer>, root: string) =>
  listEntries(root, (oid) => trees.get(oid) ?? Buffer.alloc(0), { ...LIMITS, maxEntries: 200_000, maxDepth: 60 });

test('names that no disk takes are refused, paths that none takes are left out', () => {
  const store = createObjectStore(LIMITS, () => true);
  const root: GitObject = { type: 'tree', data: rawTree(['100644', 'x'.repeat(4097), OID]) };
  const commit: GitObject = { type: 'commit', data: Buffer.from(`tree ${oidOf(root)}\n\nm`) };
  expect(() => store.adopt(oidOf(commit), mapOf(commit, root))).toThrow('a name of more than 4096 bytes');
  const long = 'x'.repeat(1300);
  const trees = new Map(
    [1, 2, 3, 4].map((level) => [`${level}`.repeat(40), rawTree(['40000', long, `${level + 1}`.repeat(40)])]),
  );
  trees.set('5'.repeat(40), rawTree(['100644', 'file', OID]));
  expect(listed(trees, '1'.repeat(40))).toEqual([]);
  expect(listed(trees, '2'.repeat(40)).map(({ path }) => path.length)).toEqual([3907]);
});

test('a small tree whose paths would fill the memory is refused', () => {
  const many = rawTree(...Array.from({ length: 70_000 }, (_, at) => ['100644', `${at}`, OID] as const));
  const trees = new Map([['1'.repeat(40), many]]);
  trees.set('2'.repeat(40), rawTree(['40000', 'x'.repeat(4000), '1'.repeat(40)]));
  expect(() => listed(trees, '2'.repeat(40))).toThrow('of paths');
});
