import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFile } from '../../src/events/decode-file.ts';
import { decodeMessage } from '../../src/events/decode-message.ts';

/** Bytes of real events, changed at random: cut, copied, overwritten, spliced into one another. */
const texts = readdirSync('fixtures/events')
  .filter((name) => name.endsWith('.json') && !['index.json', 'disagreements.json'].includes(name))
  .map((name) => readFileSync(`fixtures/events/${name}`));

const bodies = texts.map((text) => {
  const value = JSON.parse(text.toString('utf8')) as { readonly Body?: string };
  return value.Body === undefined ? text : Buffer.from(value.Body, 'utf8');
});

type Edit = {
  readonly at: number;
  readonly length: number;
  readonly kind: 'cut' | 'copy' | 'overwrite' | 'bracket' | 'splice';
  readonly bytes: Uint8Array;
  readonly from: number;
};

const edits = fc.array(
  fc.record<Edit>({
    at: fc.nat(),
    length: fc.nat(40),
    kind: fc.constantFrom('cut', 'copy', 'overwrite', 'bracket', 'splice'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    from: fc.nat(),
  }),
  { minLength: 1, maxLength: 6 },
);

const BRACKETS = Buffer.from('{}[]",:\\0n');

function change(seed: Buffer, edit: Edit): Buffer {
  const at = edit.at % (seed.length + 1);
  const end = Math.min(seed.length, at + edit.length);
  const piece = inserted(seed.subarray(at, end), edit);
  const rest = edit.kind === 'copy' || edit.kind === 'splice' ? at : end;
  return Buffer.concat([seed.subarray(0, at), piece, seed.subarray(rest)]);
}

function inserted(old: Buffer, edit: Edit): Uint8Array {
  switch (edit.kind) {
    case 'cut':
      return Buffer.alloc(0);
    case 'copy':
      return old;
    case 'overwrite':
      return edit.bytes;
    case 'bracket':
      return Buffer.from([BRACKETS[edit.from % BRACKETS.length] ?? 0]);
    case 'splice':
      return bodies[edit.from % bodies.length] ?? old;
  }
}

function expectHarmless(text: string): void {
  for (const decode of [(body: string) => decodeMessage(body, 1_772_442_759_000), decodeFile]) {
    const decoded = decode(text);
    expect(decoded.length > 0 && decoded.length <= 100).toBe(true);
    for (const one of decoded) {
      expect(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(`${one.reason}${one.eventName ?? ''}`)).toBe(false);
      expect(one.change !== null).toBe(one.kind === 'secret' && one.action === 'reconcile');
      if (one.change === null) continue;
      expect(/^\d{12}$/.test(one.change.account) && /^[a-z0-9-]+$/.test(one.change.region)).toBe(true);
      expect(one.change.id !== '' && one.change.names.length > 0).toBe(true);
    }
  }
}

test('damaged events are decoded without harm', () => {
  fc.assert(
    fc.property(fc.nat(), edits, (index, list) => {
      const seed = bodies[index % bodies.length] ?? Buffer.alloc(0);
      const bytes = list.reduce(change, seed);
      expectHarmless(bytes.toString('utf8'));
      expectHarmless(JSON.stringify({ Type: 'Notification', Message: bytes.toString('latin1') }));
    }),
    { numRuns: 60_000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
});

test('damaged message files are decoded without harm', () => {
  fc.assert(
    fc.property(fc.nat(), edits, (index, list) => {
      const seed = texts[index % texts.length] ?? Buffer.alloc(0);
      expectHarmless(list.reduce(change, seed).toString('utf8'));
    }),
    { numRuns: 30_000, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
  );
});
