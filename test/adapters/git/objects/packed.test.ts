import { expect, test } from 'vitest';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import {
  addEntry,
  entryOf,
  nameEntry,
  newEntryTable,
} from '../../../../src/adapters/git/objects/packed/entry-table.ts';
import { mergeInTurns, mergeShelves } from '../../../../src/adapters/git/objects/packed/merge-shelves.ts';
import { contentOf, findEntry, newShelf, type Shelf } from '../../../../src/adapters/git/objects/packed/shelf.ts';
import { createSlabs } from '../../../../src/adapters/git/objects/packed/slabs.ts';
import { unpack } from '../../../../src/adapters/git/objects/packed/unpack.ts';
import { blobOf, copy, deltaOf, insert, onOid, packOf, whole } from '../hostile/hostile-packs.ts';
import { numbers } from '../random-files.ts';

const LIMITS = { maxObjects: 10_000, maxObjectBytes: 1_000_000, maxTotalBytes: 50_000_000 };

/** Each object is the one before with a line in front; as deltas, and what they make. */
function chain(length: number, start: string) {
  const objects: GitObject[] = [blobOf(start)];
  const entries: Buffer[] = [];
  for (let at = 1; at < length; at += 1) {
    const before = objects[at - 1] ?? blobOf('');
    const line = `${at}\n`;
    objects.push(blobOf(Buffer.concat([Buffer.from(line), before.data])));
    const delta = deltaOf(
      before.data.length,
      before.data.length + line.length,
      insert(line),
      copy(0, before.data.length),
    );
    entries.push(onOid(oidOf(before), delta));
  }
  return { objects, entries };
}

const textOf = (shelf: Shelf, object: GitObject) => contentOf(shelf, findEntry(shelf, oidOf(object))).toString();
const all = (shelf: Shelf) => new Uint8Array(shelf.table.count).fill(1);

test('chains that grow with every pack stay short, and are read right without what was kept unpacked', async () => {
  const { objects, entries } = chain(300, 'start\n');
  // Nothing is kept unpacked.
  const shelf = newShelf(LIMITS.maxObjectBytes, 0);
  const packs = [packOf([whole(blobOf('start\n')), ...entries.slice(0, 100)])];
  for (let at = 100; at < entries.length; at += 1) packs.push(packOf(entries.slice(at, at + 1)));
  for (const pack of packs) {
    const opened = await unpack([pack], shelf, LIMITS);
    mergeShelves(shelf, opened, all(opened));
  }
  expect(Math.max(...shelf.table.depths)).toBeLessThanOrEqual(60);
  for (const object of objects) expect(textOf(shelf, object)).toBe(object.data.toString());
});

test('what is moved to another shelf takes its bases along, and nothing else', async () => {
  const { objects, entries } = chain(10, 'start\n');
  const other = blobOf('x'.repeat(5000));
  const from = await unpack(
    [packOf([whole(blobOf('start\n')), whole(other), ...entries])],
    newShelf(1_000_000, 0),
    LIMITS,
  );
  const needed = new Uint8Array(from.table.count);
  const wanted = objects[4] ?? other;
  needed[findEntry(from, oidOf(wanted))] = 1;
  const shelf = newShelf(1_000_000, 0);
  mergeShelves(shelf, from, needed);
  expect(shelf.table.count).toBe(5);
  expect(textOf(shelf, wanted)).toBe(wanted.data.toString());
  expect(findEntry(shelf, oidOf(other))).toBe(-1);
});

test('moved step by step, everybody has a turn in between, and it is the same', async () => {
  const { objects, entries } = chain(10, 'start\n');
  const others = Array.from({ length: 1100 }, (_, at) => whole(blobOf(`${at}`)));
  const pack = packOf([whole(blobOf('start\n')), ...others, ...entries]);
  const source = await unpack([pack], newShelf(1_000_000, 0), LIMITS);
  const [atOnce, inTurns] = [newShelf(1_000_000, 0), newShelf(1_000_000, 0)];
  let turns = 0;
  const takeTurn = async () => {
    turns += 1;
    // What lies there may be read, and kept unpacked, meanwhile.
    expect(textOf(source, objects[turns] ?? blobOf(''))).toBe(objects[turns]?.data.toString());
  };
  mergeShelves(atOnce, source, all(source));
  await mergeInTurns({ target: inTurns, source }, all(source), takeTurn);
  expect(turns).toBe(4);
  expect([inTurns.table, inTurns.segments]).toEqual([atOnce.table, atOnce.segments]);
});

const big = (letter: string) => blobOf(letter.repeat(400_000));

test('a pack that takes ever more unpacking is refused', async () => {
  // Long deltas on the same few objects, which do not stay unpacked.
  const bases = Array.from('abcdefgh', big);
  const deltas = Array.from({ length: 800 }, (_, at) =>
    onOid(oidOf(bases[at % bases.length] ?? big('a')), deltaOf(400_000, 6, insert(`${at}`.padEnd(6)))),
  );
  const pack = packOf([...bases.map(whole), ...deltas]);
  await expect(unpack([pack], newShelf(1_000_000, 0), LIMITS)).rejects.toThrow('more unpacking than the limit');
  const warm = await unpack([pack], newShelf(1_000_000, 10_000_000), LIMITS);
  expect(warm.table.count).toBe(808);
});

test('a table finds each id of many, the first of two, and none that was not put in', () => {
  const table = newEntryTable(0);
  const next = numbers(5);
  const ids = Array.from({ length: 3000 }, () =>
    Array.from({ length: 20 }, () => next(256).toString(16).padStart(2, '0')).join(''),
  );
  for (const id of [...ids, ...ids.slice(0, 5)]) nameEntry(table, addEntry(table), 3, id);
  for (const [at, id] of ids.entries()) expect(entryOf(table, Buffer.from(id, 'hex'), 0)).toBe(at);
  expect(entryOf(table, Buffer.alloc(20, 1), 0)).toBe(-1);
});

test('unpacked bytes go with the oldest piece, large ones have a piece of their own', () => {
  const slabs = createSlabs(2_500_000);
  const small = slabs.take(10);
  small.bytes.write('0123456789', small.at);
  const large = slabs.take(600_000);
  const next = slabs.take(5);
  expect([next.slab, next.at, large.slab === small.slab]).toEqual([small.slab, 10, false]);
  slabs.take(900_000);
  // Over the limit: the large one goes, as the oldest is still written to.
  expect([slabs.get(small.slab) === small.bytes, slabs.get(large.slab), slabs.get(0)]).toEqual([true, null, null]);
  slabs.limit(0);
  expect(slabs.get(small.slab)).toBe(null);
  const gone = slabs.take(7);
  expect([gone.bytes.length - gone.at >= 7, slabs.get(gone.slab) === gone.bytes]).toEqual([true, true]);
});

test('a piece of unpacked objects goes when all of them were read, and no other', () => {
  const slabs = createSlabs(10 * 1024 * 1024);
  const small = [slabs.take(10), slabs.take(20)];
  const large = slabs.take(500_000);
  const next = Array.from({ length: 6 }, () => slabs.take(250_000));
  const [first, second] = small.map(({ slab }) => slab);
  expect(first).toBe(second);
  slabs.done(first ?? 0);
  expect(slabs.get(first ?? 0)).not.toBeNull();
  for (let more = 0; more < 5; more += 1) slabs.done(first ?? 0);
  expect(slabs.get(first ?? 0)).toBeNull();
  slabs.done(large.slab);
  expect(slabs.get(large.slab)).toBeNull();
  slabs.done(large.slab);
  // The piece that is being written stays, whoever was read of it.
  const last = next.at(-1);
  for (let more = 0; more < 5; more += 1) slabs.done(last?.slab ?? 0);
  expect(slabs.get(last?.slab ?? 0)).not.toBeNull();
});
