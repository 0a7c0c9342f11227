import { expect, test } from 'vitest';
import { reach } from '../../../../src/adapters/git/objects/closure.ts';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { listEntries } from '../../../../src/adapters/git/objects/list-entries.ts';
import {
  type Adoption,
  createObjectStore,
  type ObjectStore,
} from '../../../../src/adapters/git/objects/object-store.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { findEntry, newShelf } from '../../../../src/adapters/git/objects/packed/shelf.ts';
import { unpack } from '../../../../src/adapters/git/objects/packed/unpack.ts';
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
  const entries = listEntries('2'.repeat(40), (oid) => trees.get(oid) ?? Buffer.alloc(0), LIMITS).entries;
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
const OPTIONS = { ...LIMITS, blobLimit: 1000, maxObjects: 1000, maxObjectBytes: 100_000, maxTotalBytes: 10_000_000 };
const holding = (root: GitObject): GitObject => ({ type: 'commit', data: Buffer.from(`tree ${oidOf(root)}\n\nm`) });
const WHOLE: Adoption = { missing: 'damage', look: 'new' };
const PARTIAL: Adoption = { missing: 'left-out', look: 'new' };

async function adopt(store: ObjectStore, how: Adoption, commit: GitObject, ...others: readonly GitObject[]) {
  return store.adopt(oidOf(commit), await store.open([writePack(others)]), how);
}

test('a commit is a tip only when all of it is here; nothing is kept before', async () => {
  const store = createObjectStore(OPTIONS);
  const commit = commitOf(1);
  for (const part of [[], [commit], [tree, blob], [commit, tree], [commit, blob]] as const) {
    await expect(adopt(store, WHOLE, commit, ...part)).rejects.toThrow('is missing');
  }
  expect([store.tips(), [commit, tree, blob].map((one) => store.find(oidOf(one)))]).toEqual([[], [null, null, null]]);
  const junk: GitObject = { type: 'blob', data: Buffer.from('nobody asked for it') };
  await adopt(store, WHOLE, commit, commit, tree, blob, junk);
  expect(store.tips()).toEqual([oidOf(commit)]);
  expect(store.find(oidOf(blob))).toEqual(blob);
  expect(store.find(oidOf(junk))).toBe(null);
  expect([oidOf(blob), 'abc', ''].map((oid) => store.has(oid))).toEqual([true, false, false]);
});

test('a folder that is a file, and the other way round, are missing', async () => {
  const store = createObjectStore(OPTIONS);
  for (const [mode, oid] of [
    ['40000', oidOf(blob)],
    ['100644', oidOf(tree)],
  ] as const) {
    const root: GitObject = { type: 'tree', data: rawTree([mode, 'x', oid]) };
    const commit: GitObject = { type: 'commit', data: Buffer.from(`tree ${oidOf(root)}\n\nm`) };
    await expect(adopt(store, PARTIAL, commit, commit, root, tree, blob)).rejects.toThrow('is missing');
  }
});

test('where the host leaves out large blobs, a missing blob is no damage', async () => {
  const store = createObjectStore(OPTIONS);
  expect(await adopt(store, PARTIAL, commitOf(1), commitOf(1), tree)).toEqual([oidOf(blob)]);
  expect(store.tips()).toHaveLength(1);
});

test('of millions of blobs that are left out only some are named', async () => {
  const store = createObjectStore(OPTIONS);
  const many = Array.from({ length: 10_500 }, (_, at) => ['100644', `${at}`, `${at}`.padStart(40, '0')] as const);
  const root: GitObject = { type: 'tree', data: rawTree(...many) };
  const wide = createObjectStore({ ...OPTIONS, maxObjectBytes: 1_000_000 });
  await expect(adopt(store, PARTIAL, holding(root), holding(root), root)).rejects.toThrow('size limit');
  expect(await adopt(wide, PARTIAL, holding(root), holding(root), root)).toHaveLength(10_000);
});

test('large files that were dropped are forgotten with the last tip that names them', async () => {
  const store = createObjectStore(OPTIONS);
  const large: GitObject = { type: 'blob', data: Buffer.alloc(5000, 'large') };
  const root: GitObject = { type: 'tree', data: rawTree(['100644', 'z', oidOf(large)]) };
  const first = holding(root);
  await adopt(store, WHOLE, first, first, root, large);
  for (const time of [1, 2, 3]) await adopt(store, WHOLE, commitOf(time), commitOf(time), tree, blob);
  await expect(adopt(store, WHOLE, first, first, root)).rejects.toThrow('is missing');
});

test('blobs that come later stay as long as a tip holds them', async () => {
  const store = createObjectStore(OPTIONS);
  await adopt(store, PARTIAL, commitOf(1), commitOf(1), tree);
  const junk: GitObject = { type: 'blob', data: Buffer.from('nobody asked for it') };
  store.adoptBlobs(await store.open([writePack([blob, junk, tree])]), [oidOf(blob), oidOf(tree), OID]);
  expect([store.find(oidOf(blob)), store.find(oidOf(junk))]).toEqual([blob, null]);
  for (const time of [2, 3]) await adopt(store, PARTIAL, commitOf(time), commitOf(time));
  expect(store.find(oidOf(blob))).toEqual(blob);
  const empty: GitObject = { type: 'tree', data: rawTree() };
  const other = (message: string): GitObject => ({
    type: 'commit',
    data: Buffer.from(`tree ${oidOf(empty)}\n\n${message}`),
  });
  for (const one of [other('a'), other('b'), other('c')]) await adopt(store, PARTIAL, one, one, empty);
  expect(store.find(oidOf(blob))).toBe(null);
});

test('a large file that a host sends all the same is not kept, and is no damage from then on', async () => {
  const store = createObjectStore(OPTIONS);
  const large: GitObject = { type: 'blob', data: Buffer.alloc(5000, 'large') };
  const rootOf = (name: string): GitObject => ({
    type: 'tree',
    data: rawTree(['100644', name, oidOf(blob)], ['100644', 'z', oidOf(large)]),
  });
  const [first, second] = [rootOf('a'), rootOf('b')];
  expect(await adopt(store, WHOLE, holding(first), holding(first), first, blob, large)).toEqual([]);
  expect([store.has(oidOf(large)), store.has(oidOf(blob))]).toEqual([false, true]);
  expect(await adopt(store, WHOLE, holding(second), holding(second), second)).toEqual([]);
  expect(store.tips()).toHaveLength(2);
});

test('the oldest tips go, with what only they held', async () => {
  const store = createObjectStore(OPTIONS);
  for (const time of [1, 2, 3]) await adopt(store, WHOLE, commitOf(time), commitOf(time), tree, blob);
  expect(store.tips()).toEqual([oidOf(commitOf(2)), oidOf(commitOf(3))]);
  expect([1, 2, 3].map((time) => store.find(oidOf(commitOf(time))) !== null)).toEqual([false, true, true]);
  expect(store.find(oidOf(blob))).toEqual(blob);
});

test('whatever is read while old tips go is there; what they alone held goes then', async () => {
  const store = createObjectStore(OPTIONS);
  for (const time of [1, 2]) await adopt(store, WHOLE, commitOf(time), commitOf(time), tree, blob);
  const last = commitOf(3);
  const adopting = store.adopt(oidOf(last), await store.open([writePack([last])]), WHOLE);
  expect([1, 2, 3].map((time) => store.has(oidOf(commitOf(time))))).toEqual([true, true, true]);
  expect(store.read(oidOf(blob), 'blob')).toEqual(blob.data);
  expect(await adopting).toEqual([]);
  expect([1, 2, 3].map((time) => store.has(oidOf(commitOf(time))))).toEqual([false, true, true]);
});

test('of many trees everybody has a turn in between, and each is looked into once', async () => {
  const folders = Array.from({ length: 100 }, (_, folder): GitObject => {
    const names = Array.from({ length: 40 }, (__, at) => ['100644', `${folder}-${at}`.padStart(20, 'x'), OID] as const);
    return { type: 'tree', data: rawTree(...names, ['40000', 'z', oidOf(tree)]) };
  });
  const root: GitObject = {
    type: 'tree',
    data: rawTree(...folders.map((one, at) => ['40000', `${at}`, oidOf(one)] as const)),
  };
  const junk = commitOf(1);
  const pack = writePack([holding(root), root, ...folders, tree, blob, junk]);
  const shelf = await unpack([pack], newShelf(100_000, 0), OPTIONS);
  let turns = 0;
  const takeTurn = async () => {
    turns += 1;
  };
  const dropped = new Set([OID, 'cd'.repeat(20)]);
  const { needed, named } = await reach(shelf, { tips: [oidOf(holding(root))], dropped, takeTurn });
  expect([turns, ...named]).toEqual([2, OID]);
  expect([needed.reduce((sum, one) => sum + one, 0), needed[findEntry(shelf, oidOf(junk))]]).toEqual([104, 0]);
});

test('everything may be forgotten, and something added, while old tips go', async () => {
  const [emptied, added] = [createObjectStore(OPTIONS), createObjectStore(OPTIONS)];
  const stores = [emptied, added] as const;
  for (const store of stores) {
    for (const time of [1, 2]) await adopt(store, WHOLE, commitOf(time), commitOf(time), tree, blob);
  }
  const packs = await Promise.all(stores.map((store) => store.open([writePack([commitOf(3)])])));
  const late = await added.open([writePack([commitOf(4)])]);
  const adopting = stores.map((store, at) => store.adopt(oidOf(commitOf(3)), packs[at] ?? late, WHOLE));
  emptied.clear();
  await Promise.all([...adopting, added.adopt(oidOf(commitOf(4)), late, WHOLE)]);
  expect([emptied.tips(), emptied.has(oidOf(blob))]).toEqual([[], false]);
  expect(added.tips().filter((tip) => !added.has(tip))).toEqual([]);
  expect(added.tips()).toContain(oidOf(commitOf(4)));
});

test('a pack that was opened before everything was forgotten is not adopted', async () => {
  const store = createObjectStore(OPTIONS);
  const pack = await store.open([writePack([commitOf(1), tree, blob])]);
  store.clear();
  await expect(store.adopt(oidOf(commitOf(1)), pack, WHOLE)).rejects.toThrow('too late');
});

const listed = (trees: ReadonlyMap<string, Buffer>, root: string) =>
  listEntries(root, (oid) => trees.get(oid) ?? Buffer.alloc(0), { ...LIMITS, maxEntries: 200_000, maxDepth: 60 })
    .entries;

test('names that no disk takes are refused, paths that none takes are left out', async () => {
  const store = createObjectStore(OPTIONS);
  const root: GitObject = { type: 'tree', data: rawTree(['100644', 'x'.repeat(4097), OID]) };
  const commit: GitObject = { type: 'commit', data: Buffer.from(`tree ${oidOf(root)}\n\nm`) };
  await expect(adopt(store, PARTIAL, commit, commit, root)).rejects.toThrow('a name of more than 4096 bytes');
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
