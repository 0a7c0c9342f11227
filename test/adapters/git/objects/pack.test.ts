import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { applyDelta } from '../../../../src/adapters/git/objects/delta.ts';
import { type GitObject, oidOf, sha1 } from '../../../../src/adapters/git/objects/git-object.ts';
import { readPack } from '../../../../src/adapters/git/objects/pack-read.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { commitFiles, createBareRepository } from '../../../../src/demo/git/bare-repository.ts';
import { git, gitBytes, gitFilter, gitWithInput } from '../../../../src/demo/git/git-cli.ts';
import { Failure } from '../../../../src/domain/failure.ts';

const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-pack-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const LIMITS = { maxObjects: 10_000, maxObjectBytes: 1_000_000, maxTotalBytes: 10_000_000 };
const read = (pack: Buffer, base: (oid: string) => GitObject | null = () => null) => readPack(pack, base, LIMITS);
const blob = (text: string): GitObject => ({ type: 'blob', data: Buffer.from(text) });

async function expectUnreadable(pack: Buffer, message: string, limits = LIMITS) {
  const error: unknown = await readPack(pack, () => null, limits).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  expect((error as Failure).code).toBe('git-unreadable');
  expect((error as Failure).message).toContain(message);
}

/** A pack of hand-made entries: first byte(s) and what is compressed behind. */
function packOf(
  entries: readonly (readonly [head: readonly number[], data: Uint8Array])[],
  count = entries.length,
): Buffer {
  const header = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, count]);
  const body = Buffer.concat([header, ...entries.flatMap(([head, data]) => [Buffer.from(head), deflateSync(data)])]);
  return Buffer.concat([body, Buffer.from(sha1(body), 'hex')]);
}

test('objects that were written are read back, whatever their size', async () => {
  const objects = [0, 1, 15, 16, 2047, 2048, 300_000].map((size) => blob('x'.repeat(size)));
  const found = await read(writePack(objects));
  expect([...found.keys()]).toEqual(objects.map(oidOf));
  expect(
    [...found.values()].every((object, index) => object.data.equals(objects[index]?.data ?? Buffer.from('?'))),
  ).toBe(true);
});

test('a pack of ours is one that Git accepts, object by object', async () => {
  const dir = join(folder, 'ours.git');
  await createBareRepository(dir, { files: new Map(), branch: 'main', person: { name: 'A', email: 'a@b.c' }, time: 1 });
  const objects = [blob(''), blob('text\n'), blob('y'.repeat(70_000))];
  await gitWithInput(dir, ['unpack-objects', '-q', '--strict'], writePack(objects));
  for (const object of objects) expect(await gitBytes(dir, ['cat-file', 'blob', oidOf(object)])).toEqual(object.data);
});

const textOf = (version: number) =>
  Array.from({ length: 300 }, (_, line) => `line ${line} ${line % 7 === version ? version : ''}\n`).join('');
const filesOf = (version: number) =>
  new Map(['a', 'b', 'c', 'd'].map((name) => [`${name}/${name}.yaml`, textOf(version) + name]));

test('packs of Git with deltas, by offset and by id, thin and whole, are read as Git reads them', async () => {
  const dir = join(folder, 'theirs.git');
  const person = { name: 'A', email: 'a@b.c' };
  await createBareRepository(dir, { files: filesOf(0), branch: 'main', person, time: 1 });
  const first = (await git(dir, ['rev-parse', 'main'])).trim();
  for (const version of [1, 2, 3, 4]) {
    await commitFiles(dir, { branch: 'main', files: filesOf(version), message: 'm\n', person, time: version });
  }
  const all = (await git(dir, ['rev-list', '--objects', 'main'])).split('\n').map((line) => line.slice(0, 40));
  const whole = await packObjects(dir, ['--delta-base-offset'], 'main\n');
  const byId = await packObjects(dir, [], 'main\n');
  const before = await read(await packObjects(dir, [], `${first}\n`));
  const thin = await packObjects(dir, ['--thin', '--delta-base-offset'], `main\n^${first}\n`);
  expect(whole.length).toBeLessThan(byId.length);
  for (const objects of [await read(whole), await read(byId), await read(thin, (oid) => before.get(oid) ?? null)]) {
    for (const [oid, object] of objects) {
      expect(all).toContain(oid);
      expect(object.data).toEqual(await gitBytes(dir, ['cat-file', object.type, oid]));
    }
  }
  expect([...(await read(whole)).keys()].toSorted()).toEqual(all.filter((oid) => oid !== '').toSorted());
  await expectUnreadable(thin, 'a delta whose base is missing');
});

function packObjects(dir: string, args: readonly string[], revisions: string): Promise<Buffer> {
  const options = ['--stdout', '--revs', '--window=50', '--depth=50'];
  return gitFilter(dir, ['pack-objects', '-q', ...options, ...args], revisions);
}

test('a delta may come before its base', async () => {
  const base = blob('hello world\n');
  const delta = Buffer.from([12, 7, 0x90, 6, 1, 0x21]);
  const pack = packOf([
    [[0x76, ...Buffer.from(oidOf(base), 'hex')], delta],
    [[0x3c], base.data],
  ]);
  const objects = await read(pack);
  expect(objects.get(oidOf(blob('hello !')))?.data.toString()).toBe('hello !');
});

test('damage and hostile sizes are refused', async () => {
  const good = writePack([blob('hello\n')]);
  const flipped = Buffer.from(good);
  flipped.writeUInt8(good.readUInt8(15) ^ 1, 15);
  await expectUnreadable(flipped, 'cannot be unpacked');
  // The sender's sum alone tells that this was meant to be another object, or these were meant to be other bytes.
  const other = writePack([blob('hallo\n')]);
  await expectUnreadable(Buffer.concat([other.subarray(0, -20), good.subarray(-20)]), 'a damaged pack');
  await expectUnreadable(Buffer.concat([good.subarray(0, -1), Buffer.from([0])]), 'a damaged pack');
  await expectUnreadable(good.subarray(0, -1), 'cannot be unpacked');
  await expectUnreadable(Buffer.from('PACK'), 'cut short');
  await expectUnreadable(Buffer.concat([Buffer.from('PICK'), good.subarray(4)]), 'none');
  await expectUnreadable(good.subarray(4), 'none');
  await expectUnreadable(packOf([], 9), 'fewer objects');
  await expectUnreadable(packOf([[[0x31], Buffer.from('longer than one')]]), 'cannot be unpacked');
  await expectUnreadable(packOf([[[0x3f], Buffer.from('short')]]), 'cannot be unpacked');
  await expectUnreadable(
    packOf(
      [
        [[0x31], Buffer.from('a')],
        [[0x31], Buffer.from('a')],
      ],
      1,
    ),
    'bytes left over',
  );
  await expectUnreadable(packOf([[[0x51], Buffer.from('a')]]), 'unknown type');
  await expectUnreadable(packOf([[[0x01], Buffer.from('a')]]), 'unknown type');
  await expectUnreadable(packOf([[[0x61, 0x7f], Buffer.from('a')]]), 'base is missing');
  await expectUnreadable(packOf([[[0xb1, ...Array<number>(9).fill(0xff), 0], Buffer.from('a')]]), 'impossible size');
  await expectUnreadable(good, 'more than 0 objects', { ...LIMITS, maxObjects: 0 });
  await expectUnreadable(good, 'size limit', { ...LIMITS, maxObjectBytes: 5 });
  await expectUnreadable(good, 'more than the limit', { ...LIMITS, maxTotalBytes: 5 });
});

const BASE = Buffer.from('0123456789');
const DELTAS: readonly (readonly [name: string, delta: readonly number[], expected: string | null])[] = [
  ['insert', [10, 2, 2, 0x61, 0x62], 'ab'],
  ['copy', [10, 3, 0x91, 4, 3], '456'],
  ['copy and insert', [10, 4, 0x90, 3, 1, 0x61], '012a'],
  ['nothing', [10, 0], ''],
  ['another base size', [9, 0], null],
  ['copy beyond the base', [10, 3, 0x91, 8, 3], null],
  ['insert beyond the delta', [10, 5, 5, 0x61], null],
  ['more than said', [10, 1, 2, 0x61, 0x62], null],
  ['less than said', [10, 9, 2, 0x61, 0x62], null],
  ['reserved command', [10, 1, 0], null],
  ['a size over the limit', [10, 0xff, 0x7f], null],
  ['a size without end', [10, ...Array<number>(12).fill(0xff)], null],
  ['empty', [], null],
];
test.each(DELTAS)('delta: %s', (_, delta, expected) => {
  expect(applyDelta(BASE, Buffer.from(delta), 100)?.toString() ?? null).toBe(expected);
});

const frame = (body: Uint8Array, count: number) => {
  const bytes = Buffer.concat([Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, count]), body]);
  return Buffer.concat([bytes, Buffer.from(sha1(bytes), 'hex')]);
};

test('no bytes make the readers do anything but refuse', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      async (bytes, count) => {
        applyDelta(BASE, Buffer.from(bytes), 1000);
        const error: unknown = await read(frame(bytes, count)).catch((reason: unknown) => reason);
        expect(error instanceof Failure ? error.code : error).toBe('git-unreadable');
      },
    ),
    { numRuns: 200 },
  );
});
