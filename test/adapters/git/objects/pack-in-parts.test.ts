import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { mergeShelves } from '../../../../src/adapters/git/objects/packed/merge-shelves.ts';
import { contentOf, findEntry, newShelf, type Shelf } from '../../../../src/adapters/git/objects/packed/shelf.ts';
import { type PackParts, unpack } from '../../../../src/adapters/git/objects/packed/unpack.ts';
import { blobOf, copy, deltaOf, entry, insert, onOffset, onOid, packOf, whole } from '../hostile/hostile-packs.ts';
import { inPieces } from '../in-pieces.ts';

const MEGABYTE = 1024 * 1024;
const LIMITS = { maxObjects: 10_000, maxObjectBytes: 8 * MEGABYTE, maxTotalBytes: 64 * MEGABYTE };

/** Nothing is kept unpacked: what is read is what is packed. */
const open = (parts: PackParts) => unpack(parts, newShelf(LIMITS.maxObjectBytes, 0), LIMITS);
const contents = (shelf: Shelf, objects: readonly GitObject[]) =>
  objects.map((object) => contentOf(shelf, findEntry(shelf, oidOf(object))).equals(object.data));

/** As many parts of so many bytes as it takes. */
const every = (size: number, pack: Buffer) => inPieces(pack, Array<number>(Math.floor(pack.length / size)).fill(size));

async function* later(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    await Promise.resolve();
    yield part;
  }
}

/** The object with a sign in front. */
function inFront({ data }: GitObject): Buffer {
  return deltaOf(data.length, data.length + 1, insert('+'), copy(0, data.length));
}

/** A whole object, a delta on it by its place, one on that by its id, and one whose base comes last. */
function everyForm() {
  const [first, last] = [blobOf('first of all\n'), blobOf('last of all\n')];
  const second = blobOf(`+${first.data.toString()}`);
  const third = blobOf(`+${second.data.toString()}`);
  const early = blobOf(`+${last.data.toString()}`);
  const head = whole(first);
  const entries = [head, onOffset(head.length, inFront(first)), onOid(oidOf(second), inFront(second))];
  const pack = packOf([...entries, onOid(oidOf(last), inFront(last)), whole(last)]);
  return { objects: [first, second, third, early, last], pack };
}

test('a pack is the same pack, wherever it is cut on its way', async () => {
  const { objects, pack } = everyForm();
  const lengths = fc.array(fc.nat(40), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lengths, async (some) => {
      const shelf = await open(later(inPieces(pack, some)));
      expect(contents(shelf, objects)).toEqual([true, true, true, true, true]);
      expect(shelf.table.count).toBe(5);
    }),
    { numRuns: 200 },
  );
  expect(contents(await open(every(1, pack)), objects)).not.toContain(false);
});

test('objects larger than what comes at once, and packs larger than a segment, are read and kept whole', async () => {
  const sizes = [10, 3 * MEGABYTE, 100_000, 700_000, 700_000, 700_000, 5];
  const objects = sizes.map((size) => blobOf(randomBytes(size)));
  const pack = writePack(objects);
  for (const size of [1000, 65_515, 2 * MEGABYTE, pack.length]) {
    const shelf = await open(every(size, pack));
    expect(contents(shelf, objects), `${size}`).not.toContain(false);
    // No room is left that nothing stands in.
    const held = shelf.segments.reduce((sum, segment) => sum + segment.byteLength, 0);
    expect(held, `${size}`).toBeLessThan(2 * pack.length + MEGABYTE);
  }
});

test('a delta finds its base in a segment before', async () => {
  const base = blobOf(randomBytes(900_000));
  const between = [1, 2, 3].map(() => blobOf(randomBytes(900_000)));
  const size = base.data.length;
  const result = blobOf(Buffer.concat([Buffer.from('+'), base.data]));
  const entries = [base, ...between].map(whole);
  const back = entries.reduce((sum, { length }) => sum + length, 0);
  const delta = deltaOf(size, size + 1, insert('+'), copy(0, 900_000));
  const shelf = await open(every(50_000, packOf([...entries, onOffset(back, delta)])));
  expect(shelf.segments.length).toBeGreaterThan(2);
  expect(contents(shelf, [base, ...between, result])).not.toContain(false);
});

test('of a pack of several segments all is moved, or what is needed of it', async () => {
  const objects = [1, 2, 3, 4].map(() => blobOf(randomBytes(800_000)));
  const pack = await open(every(60_000, writePack(objects)));
  const target = newShelf(LIMITS.maxObjectBytes, 0);
  mergeShelves(target, pack, new Uint8Array(4).fill(1));
  expect(contents(target, objects)).not.toContain(false);
  const some = newShelf(LIMITS.maxObjectBytes, 0);
  mergeShelves(some, pack, Uint8Array.of(0, 1, 0, 1));
  expect(
    contents(
      some,
      [objects[1], objects[3]].flatMap((one) => one ?? []),
    ),
  ).toEqual([true, true]);
  expect(some.segments.map(({ length }) => length < 1_700_000)).toEqual([true]);
});

test('what follows a pack that is over is refused at once, however much there is', async () => {
  const pack = writePack([blobOf('a')]);
  let sent = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield pack;
    for (;;) {
      sent += 1;
      yield Buffer.alloc(1000);
    }
  }
  await expect(open(endless())).rejects.toThrow('a pack with bytes left over');
  // It looks at what is here in steps.
  expect(sent).toBeLessThan(200);
});

test.each([
  ['a size over the limit', entry(3, 9 * MEGABYTE, Buffer.from('a')), 'an object over the size limit'],
  ['more than it says', entry(3, 1, Buffer.alloc(1000)), 'an object that cannot be unpacked'],
  ['no zlib stream', Buffer.concat([Buffer.from([0x31]), Buffer.alloc(100, 1)]), 'an object that cannot be unpacked'],
])('an entry with %s is refused before the rest has come', async (_, bad, message) => {
  // It waits for so much before it looks.
  const pack = packOf([bad, whole(blobOf(randomBytes(300_000)))], 3);
  async function* stalled(): AsyncGenerator<Buffer> {
    yield pack.subarray(0, 200_000);
    await new Promise(() => undefined);
  }
  await expect(open(stalled())).rejects.toThrow(message);
});

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from('PACK');
  throw new Error('the line is dead');
}

test('what the sender throws is thrown on', async () => {
  await expect(open(broken())).rejects.toThrow('the line is dead');
});
