import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createPacketReader,
  DELIMITER,
  FLUSH,
  packet,
  readPackets,
} from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { readAdvertisement } from '../../../../src/adapters/git/protocol/server-refs.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { inPieces } from '../in-pieces.ts';

const A = 'a'.repeat(40);
const answer = (...lines: readonly string[]) => Buffer.concat([...lines.map(packet), FLUSH]);
const SERVICE = '# service=git-upload-pack\n';

function check(body: Buffer, expected: { version: number; refs: readonly string[]; capabilities: readonly string[] }) {
  const { version, refs, capabilities } = readAdvertisement(body);
  expect({ version, refs: refs.map((ref) => ref.name), capabilities: [...capabilities.keys()] }).toEqual(expected);
}

test('protocol 2 names capabilities only', () => {
  const body = answer(SERVICE, 'version 2\n', 'agent=git/2\n', 'ls-refs=unborn\n', 'fetch=shallow filter\n');
  check(body, { version: 2, refs: [], capabilities: ['agent', 'ls-refs', 'fetch'] });
  expect(readAdvertisement(body).capabilities.get('fetch')).toBe('shallow filter');
});

test('protocols 0 and 1 list the refs; peeled tags and the stand-in of an empty repository are none', () => {
  const lines = [
    `${A} HEAD\0side-band-64k agent=x\n`,
    `${A} refs/heads/main\n`,
    `${A} refs/tags/v1\n`,
    `${A} refs/tags/v1^{}\n`,
  ];
  const expected = {
    version: 0,
    refs: ['HEAD', 'refs/heads/main', 'refs/tags/v1'],
    capabilities: ['side-band-64k', 'agent'],
  };
  check(answer(SERVICE, ...lines), expected);
  check(answer(SERVICE, 'version 1\n', ...lines), expected);
  check(answer(SERVICE, ...lines, `shallow ${A}\n`), expected);
  check(answer(SERVICE, `${'0'.repeat(40)} capabilities^{}\0report-status\n`), {
    version: 0,
    refs: [],
    capabilities: ['report-status'],
  });
});

test('what is no advertisement is refused', () => {
  for (const body of [
    Buffer.alloc(0),
    Buffer.from('<html>'),
    answer(SERVICE),
    answer(SERVICE, 'ERR no\n'),
    Buffer.from('0009x'),
    // Cut between two packets, and one line that swallowed the next.
    answer(SERVICE, 'version 2\n', 'fetch=shallow\n').subarray(0, -4),
    answer(SERVICE, `${A} refs/heads/a\0report-status\n`, `${A} refs/heads/b\n`).subarray(0, -4),
    answer(SERVICE, `${A} refs/heads/a\0report-status\n`, `${A} refs/heads/b\n003d${A} refs/heads/c\n`),
  ]) {
    expect(() => readAdvertisement(body)).toThrow(Failure);
  }
});

test('packets: data, flush, delimiter; a length that does not fit is refused', () => {
  expect(
    [...readPackets(Buffer.from('0005a000100000004'))].map((one) =>
      one.kind === 'data' ? one.bytes.toString() : one.kind,
    ),
  ).toEqual(['a', 'delimiter', 'flush', '']);
  for (const text of ['000', '00', 'zzzz', '0006a', '-001'])
    expect(() => [...readPackets(Buffer.from(text))]).toThrow(Failure);
});

test('packets that come in pieces are the same, wherever they are cut', () => {
  const text = fc.string({ maxLength: 40 });
  const packets = fc.array(
    fc.oneof(
      text.map((one) => packet(one)),
      fc.constantFrom(FLUSH, DELIMITER),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(packets, fc.array(fc.nat(60), { maxLength: 60 }), (sent, lengths) => {
      const bytes = Buffer.concat(sent);
      const reader = createPacketReader();
      const found = inPieces(bytes, lengths).flatMap((piece) => [...reader.read(piece)]);
      reader.end();
      expect(found).toEqual([...readPackets(bytes)]);
    }),
    { numRuns: 300 },
  );
});

test('a piece in the middle of a packet waits for the rest, and an end there is an error', () => {
  const reader = createPacketReader();
  expect([...reader.read(Buffer.from('0006'))]).toEqual([]);
  expect(() => reader.end()).toThrow('a packet that is cut short');
  expect([...reader.read(Buffer.from('a'))]).toEqual([]);
  expect([...reader.read(Buffer.from('b00'))]).toEqual([{ kind: 'data', bytes: Buffer.from('ab') }]);
  expect(() => reader.end()).toThrow('a packet without a length');
  // What can be no packet is refused before the rest of it is here.
  expect(() => [...reader.read(Buffer.from('0z'))]).toThrow('a packet without a length');
});
