import { expect, test } from 'vitest';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { readPushReport } from '../../../../src/adapters/git/protocol/push-report.ts';

const REF = 'refs/heads/bot';
const reportOf = (...lines: readonly string[]) => Buffer.concat([...lines.map((line) => packet(`${line}\n`)), FLUSH]);
const band = (number: number, content: string | Buffer) =>
  packet(Buffer.concat([Buffer.from([number]), Buffer.from(content)]));

function check(body: Buffer, sideBand: boolean, expected: object) {
  expect(readPushReport(body, sideBand)(REF)).toMatchObject(expected);
}

test('done, with and without bands, and in several packets of a band', () => {
  const report = reportOf('unpack ok', `ok ${REF}`);
  check(report, false, { kind: 'ok' });
  check(Buffer.concat([band(1, report), FLUSH]), true, { kind: 'ok' });
  check(Buffer.concat([band(1, report.subarray(0, 7)), band(2, 'note'), band(1, report.subarray(7)), FLUSH]), true, {
    kind: 'ok',
  });
});

test('refused, with what the host wrote for people', () => {
  const body = Buffer.concat([
    band(2, 'GH006: '),
    band(2, 'no\n'),
    band(1, reportOf('unpack ok', `ng ${REF} hook declined`)),
  ]);
  check(body, true, { kind: 'refused', reason: 'hook declined', notes: 'GH006: no\n' });
});

test('the host could not store it', () => {
  check(reportOf('unpack disk full', `ng ${REF} unpacker error`), false, {
    kind: 'unpack-failed',
    reason: 'disk full',
  });
});

test('anything else leaves it open', () => {
  const open = { kind: 'unclear' };
  check(Buffer.alloc(0), true, open);
  check(Buffer.alloc(0), false, open);
  check(reportOf('unpack ok'), false, open);
  check(reportOf('unpack ok', 'ok refs/heads/other'), false, open);
  check(reportOf(`ok ${REF}`), false, open);
  check(reportOf('unpack ok', `ok ${REF}`).subarray(0, 20), false, open);
  check(Buffer.from('<html>'), true, open);
  check(Buffer.concat([band(1, reportOf('unpack ok', `ok ${REF}`)), band(3, 'died')]), true, {
    kind: 'unclear',
    notes: 'died',
  });
  check(reportOf('unpack ok', `ng ${REF}x no`), false, open);
  // Damaged: what was not stored is not moved to either.
  check(reportOf('unpack mk', `ok ${REF}`), false, open);
  check(reportOf(`unpack ok\n001aok ${REF}`), false, open);
});

test('what contradicts itself leaves it open, and one ref leaves the others alone', () => {
  const open = { kind: 'unclear' };
  check(reportOf('unpack ok', `ok ${REF}`, `ng ${REF} hook declined`), false, open);
  check(reportOf('unpack ok', `ng ${REF} hook declined`, `ok ${REF}`), false, open);
  check(reportOf('unpack disk full', `ng ${REF} unpacker error`, `ok ${REF}`), false, open);
  check(reportOf('unpack ok', `ok ${REF}`, 'unpack disk full'), false, open);
  check(reportOf('unpack disk full', 'unpack ok', `ok ${REF}`), false, open);
  check(reportOf('unpack ok', 'ok refs/heads/x', 'ng refs/heads/x no', `ok ${REF}`), false, { kind: 'ok' });
});

test('answers of very many tiny packets, and of very many words, are read all the same; of words only the first', () => {
  const report = reportOf('unpack ok', `ok ${REF}`);
  const pieces = Array.from(report, (byte) => band(1, Buffer.from([byte])));
  check(Buffer.concat([packet(''), ...pieces, FLUSH, packet('')]), true, { kind: 'ok' });
  const words = Buffer.concat([band(1, report), ...Array.from({ length: 3 }, () => band(2, 'x'.repeat(60_000)))]);
  const read = readPushReport(Buffer.concat([words, FLUSH]), true)(REF);
  expect(read).toEqual({ kind: 'ok' });
  const refused = Buffer.concat([words, band(1, reportOf(`ng refs/heads/y no`)), FLUSH]);
  const other = readPushReport(refused, true)('refs/heads/y');
  expect(other.kind === 'refused' && other.notes.length).toBe(65_536);
  check(Buffer.alloc(400_000, packet('x')), false, { kind: 'unclear' });
  check(Buffer.concat([Buffer.alloc(600_000, band(2, 'x')), band(1, report), FLUSH]), true, { kind: 'ok' });
});
