import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyDelta } from '../../../../src/adapters/git/objects/delta.ts';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { readPack } from '../../../../src/adapters/git/objects/pack-read.ts';
import type { PackLimits } from '../../../../src/adapters/git/objects/packed/unpack.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { numbers } from '../random-files.ts';
import { blobOf, copy, deltaOf, entry, insert, onOffset, onOid, packOf, trailed, whole } from './hostile-packs.ts';

const LIMITS: PackLimits = { maxObjects: 100_000, maxObjectBytes: 1_000_000, maxTotalBytes: 10_000_000 };
const read = (pack: Buffer, limits: Partial<PackLimits> = {}) => readPack(pack, () => null, { ...LIMITS, ...limits });

async function refused(pack: Buffer, message: string, limits: Partial<PackLimits> = {}) {
  const error: unknown = await read(pack, limits).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  const { code, hint, message: text } = error as Failure;
  expect([code, hint.length > 0, text]).toEqual(['git-unreadable', true, expect.stringContaining(message)]);
}

const BASE = blobOf('0123456789');
const EXTENDED = deltaOf(10, 12, copy(0, 10), insert('ab'));

/** Each object is the one before, one letter longer; in Git's order or the other way round. */
function chain(length: number, order: 'forward' | 'backward') {
  const objects: GitObject[] = [blobOf('')];
  const deltas: Buffer[] = [];
  for (let at = 1; at < length; at += 1) {
    const before = objects[at - 1] ?? BASE;
    const keep = Math.min(before.data.length, 40);
    objects.push(blobOf(Buffer.concat([Buffer.from(`${at}`), before.data.subarray(0, keep)])));
    const parts = [insert(`${at}`), ...(keep === 0 ? [] : [copy(0, keep)])];
    deltas.push(onOid(oidOf(before), deltaOf(before.data.length, objects[at]?.data.length ?? 0, ...parts)));
  }
  const entries = [whole(blobOf('')), ...deltas];
  return { objects, pack: packOf(order === 'forward' ? entries : entries.toReversed()) };
}

test.each([
  [10_000, 'backward'],
  [1000, 'forward'],
] as const)('a chain of %i deltas, written %s', async (length, order) => {
  const { objects, pack } = chain(length, order);
  const found = await read(pack);
  expect(found.size).toBe(objects.length);
  expect(objects.every((object) => found.get(oidOf(object))?.data.equals(object.data) === true)).toBe(true);
});

test('5,000 deltas wait for one base, and each other', async () => {
  const deltas = Array.from({ length: 5000 }, (_, at) => onOid(oidOf(BASE), deltaOf(10, 5, insert(`${10_000 + at}`))));
  expect((await read(packOf([...deltas, whole(BASE)]))).size).toBe(5001);
  await refused(packOf(deltas), 'base is missing');
});

test('deltas on themselves, on each other, on what is no entry, and on what is not there', async () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  await refused(packOf([onOid(one, EXTENDED), onOid(two, EXTENDED)]), 'base is missing');
  await refused(packOf([onOffset(0, EXTENDED)]), 'base is missing');
  await refused(packOf([whole(BASE), onOffset(3, EXTENDED)]), 'base is missing');
  await refused(packOf([whole(BASE), onOffset(127, EXTENDED)]), 'base is missing');
  await refused(packOf([whole(BASE), onOffset(1_000_000, EXTENDED)]), 'a delta without a base');
  await refused(
    packOf([whole(blobOf('another size')), onOid(oidOf(blobOf('another size')), EXTENDED)]),
    'does not fit',
  );
});

test('an object that comes twice, whole and as a delta, is one', async () => {
  const once = blobOf('0123456789ab');
  const found = await read(packOf([whole(once), whole(BASE), onOid(oidOf(BASE), EXTENDED), whole(BASE), whole(once)]));
  expect([...found.keys()].toSorted()).toEqual([oidOf(once), oidOf(BASE)].toSorted());
  expect(found.get(oidOf(once))?.data.toString()).toBe('0123456789ab');
});

test('the number of objects is a lie', async () => {
  await refused(packOf([whole(BASE)], 2), 'fewer objects');
  await refused(packOf([whole(BASE), whole(BASE)], 1), 'bytes left over');
  await refused(packOf([whole(BASE)], 0), 'bytes left over');
  await refused(packOf([whole(BASE)], 2 ** 32 - 1), 'more than 100000 objects');
});

test('bombs: what unpacks to more than it says, and what says more than is allowed', async () => {
  const zeros = Buffer.alloc(50_000_000);
  await refused(packOf([entry(3, 10, zeros)]), 'cannot be unpacked');
  await refused(packOf([entry(3, zeros.length, Buffer.from('x'))]), 'size limit');
  await refused(packOf([entry(3, 900_000, Buffer.from('x'))]), 'cannot be unpacked');
  const full = entry(3, 1_000_000, zeros.subarray(0, 1_000_000));
  await refused(packOf(Array.from({ length: 11 }, () => full)), 'more than the limit');
  const grown = deltaOf(10, 1_000_000, ...Array.from({ length: 100_000 }, () => copy(0, 10)));
  await refused(packOf([whole(BASE), ...Array.from({ length: 11 }, () => onOid(oidOf(BASE), grown))]), 'the limit');
  await refused(packOf([whole(BASE), onOid(oidOf(BASE), deltaOf(10, 2 ** 40))]), 'does not fit');
  // Deltas whose base never comes would be kept until the end.
  const kept = entry(7, 1_000_000, zeros.subarray(0, 1_000_000), Buffer.alloc(20, 1));
  await refused(packOf(Array.from({ length: 11 }, () => kept)), 'more than the limit');
});

test('a pack that is cut anywhere, with a trailer of its own or without', async () => {
  const whole40 = Array.from({ length: 40 }, (_, at) => whole(blobOf(`blob ${at}\n`.repeat(at))));
  const pack = packOf([...whole40, whole(BASE), onOid(oidOf(BASE), EXTENDED)]);
  for (let at = 0; at < pack.length; at += 7) {
    await refused(pack.subarray(0, at), '');
    await refused(trailed(pack.subarray(0, Math.min(at, pack.length - 21))), '');
  }
});

test('bytes that were changed: what is read is still named by its content, or nothing is', async () => {
  const pack = packOf([whole(BASE), onOid(oidOf(BASE), EXTENDED), whole(blobOf('text\n'))]).subarray(0, -20);
  const next = numbers(7);
  for (let round = 0; round < 400; round += 1) {
    const bytes = Buffer.from(pack);
    for (let changes = next(3); changes >= 0; changes -= 1) bytes.writeUInt8(next(256), next(bytes.length));
    const found = await read(trailed(bytes)).catch((error: unknown) => error as Failure);
    if (found instanceof Failure) expect(found.code).toBe('git-unreadable');
    else for (const [oid, object] of found) expect(oidOf(object)).toBe(oid);
  }
});

const LONG = Buffer.concat(Array.from({ length: 9000 }, (_, at) => Buffer.from(`${at} `.padStart(8))));
const FORMS: readonly (readonly [form: string, delta: Buffer, expected: Buffer | null])[] = [
  ['all of it', deltaOf(72_000, 72_000, copy(0, 0x10000), copy(0x10000, 6464)), LONG],
  ['a copy without a size is 0x10000', deltaOf(72_000, 0x10000, Buffer.from([0x80])), LONG.subarray(0, 0x10000)],
  ['one copy above 0x10000', deltaOf(72_000, 70_000, copy(2000, 70_000)), LONG.subarray(2000)],
  ['inserts only', deltaOf(72_000, 6, insert('abc'), insert('def')), Buffer.from('abcdef')],
  ['nothing', deltaOf(72_000, 0), Buffer.alloc(0)],
  ['the last byte', deltaOf(72_000, 1, copy(71_999, 1)), LONG.subarray(-1)],
  ['one byte beyond', deltaOf(72_000, 1, copy(72_000, 1)), null],
  ['a copy whose offset is cut', Buffer.concat([deltaOf(72_000, 0x10000), Buffer.from([0x81])]), null],
  ['a copy whose size is cut', Buffer.concat([deltaOf(72_000, 0x10000), Buffer.from([0x91, 0])]), null],
  ['a size that is cut', Buffer.from([0xc0]), null],
];
test.each(FORMS)('delta: %s', (_, delta, expected) => {
  const result = applyDelta(LONG, delta, 100_000);
  expect(result === null || expected === null ? result === expected : result.equals(expected)).toBe(true);
});

test('a delta of any commands makes what they say', () => {
  const command = fc.oneof(
    fc.tuple(fc.nat(LONG.length - 1), fc.nat(80_000)).map(([offset, size]) => {
      const length = Math.max(1, Math.min(size, LONG.length - offset));
      return [copy(offset, length), LONG.subarray(offset, offset + length)] as const;
    }),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => [insert(text), Buffer.from(text)] as const),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 6 }), (commands) => {
      const expected = Buffer.concat(commands.map(([, result]) => result));
      const delta = deltaOf(LONG.length, expected.length, ...commands.map(([bytes]) => bytes));
      expect(applyDelta(LONG, delta, 1_000_000)?.equals(expected)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
