import { expect, test } from 'vitest';
import type { GitObject } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { type Push, pushRequest, splitPushes } from '../../../../src/adapters/git/protocol/push/push-request.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const NOBODY = '0'.repeat(40);
const blob = (text: string): GitObject => ({ type: 'blob', data: Buffer.from(text) });
const move = (ref: string, ...objects: readonly GitObject[]): Push => ({
  kind: 'move',
  ref,
  expected: null,
  oid: B,
  parent: A,
  objects,
});
const remove = (ref: string): Push => ({ kind: 'delete', ref, expected: A });

const ALL = 'report-status side-band-64k atomic push-options object-format delete-refs';
const pack = (objects: readonly GitObject[]) => Buffer.from(`<${objects.map(({ data }) => data).join(' ')}>`);
const textOf = async (pushes: readonly Push[], options: readonly string[], words = ALL) => {
  const capabilities = new Map(words.split(' ').map((word) => [word, '']));
  return (await pushRequest(pushes, { capabilities, options, pack })).body.toString();
};

const lines = (...texts: readonly string[]) => texts.map((text) => packet(text).toString()).join('');

test('one ref asks for nothing that only several need', async () => {
  const words = ' report-status side-band-64k object-format=sha1';
  expect(await textOf([move('r1', blob('x'))], [])).toBe(`${lines(`${NOBODY} ${B} r1\0${words}`)}0000<x>`);
});

test('several are one request, with each object once, and options in a section of their own', async () => {
  const pushes = [move('r1', blob('x'), blob('y')), move('r2', blob('y'), blob('z')), remove('r3')];
  const words = ' report-status side-band-64k atomic push-options object-format=sha1';
  const rest = [`${NOBODY} ${B} r2`, `${A} ${NOBODY} r3`];
  expect(await textOf(pushes, ['ci.skip'])).toBe(
    `${lines(`${NOBODY} ${B} r1\0${words}`, ...rest)}0000${lines('ci.skip')}0000<x y z>`,
  );
  expect(await textOf(pushes, ['ci.skip'], 'report-status')).toBe(
    `${lines(`${NOBODY} ${B} r1\0 report-status`, ...rest)}0000<x y z>`,
  );
});

test('deletions come without a pack, and commits that the host made with an empty one', async () => {
  expect(await textOf([remove('r1'), remove('r2')], [])).toMatch(/ r20000$/);
  const [{ body }] = [await pushRequest([move('r1')], { capabilities: new Map(), options: [], pack: writePack })];
  expect(body.subarray(body.indexOf('PACK')).readUInt32BE(8)).toBe(0);
});

test('at most so many refs and bytes go together, in order, and none twice', () => {
  const limits = { maxRefs: 3, maxBytes: 10 };
  const names = (pushes: readonly Push[]) =>
    splitPushes(pushes, limits).map((batch) => batch.map(({ ref }) => ref).join(' '));
  expect(names([])).toEqual([]);
  expect(names(['a', 'b', 'c', 'd'].map(remove))).toEqual(['a b c', 'd']);
  expect(names([move('a', blob('12345')), move('b', blob('12345')), move('c', blob('1'))])).toEqual(['a b', 'c']);
  expect(names([remove('a'), move('b', blob('x'.repeat(99))), remove('c')])).toEqual(['a', 'b', 'c']);
  expect(names([remove('a'), remove('b'), remove('a'), remove('c')])).toEqual(['a b', 'a c']);
});
