import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBlock, type HiddenBlock, readBlock } from '../../../src/words/pull/hidden-block.ts';
import { HOSTILE } from '../sample-plans.ts';

const BLOCK: HiddenBlock = {
  instance: 'acme',
  group: 'prod/db',
  stage: 1,
  fingerprint: '0123456789abcdef0123456789abcdef',
  effects: ['prod/db=00000000-0000-4000-8000-000000000002'],
  count: 1,
};
const WRITTEN = formatBlock(BLOCK);

/** What a body with this block in the place of ours says. */
function check(change: (fields: Record<string, unknown>) => unknown, expected: string): void {
  const fields = JSON.parse(WRITTEN.slice('<!-- gitops-reloader: '.length, -' -->'.length)) as Record<string, unknown>;
  expect(readBlock(`Hello.\n\n<!-- gitops-reloader: ${JSON.stringify(change(fields))} -->\n\nX: y\n`).kind).toBe(
    expected,
  );
}

test('what is written is read back, wherever it stands', () => {
  for (const body of [WRITTEN, `Hello.\n\n${WRITTEN}\n\nX: y\n`, `Hello.\r\n\r\n${WRITTEN}\r\n\r\nX: y\r\n`]) {
    expect(readBlock(body)).toEqual({ kind: 'block', block: BLOCK });
  }
});

test('the last one counts', () => {
  const other = formatBlock({ ...BLOCK, group: 'other' });
  expect(readBlock(`${other}\n${WRITTEN}`)).toMatchObject({ block: { group: 'prod/db' } });
});

test('fields that are not known are no damage', () => {
  check((fields) => ({ ...fields, more: 1 }), 'block');
});

test.each<[string, string, (fields: Record<string, unknown>) => unknown]>([
  ['a later version', 'newer', (fields) => ({ ...fields, v: 2 })],
  ['a later version of another shape', 'newer', () => ({ v: 99 })],
  ['an earlier version', 'damaged', (fields) => ({ ...fields, v: 0 })],
  ['a version in words', 'damaged', (fields) => ({ ...fields, v: '1' })],
  ['half a version', 'damaged', (fields) => ({ ...fields, v: 1.5 })],
  ['no object', 'damaged', () => [1]],
  ['null', 'damaged', () => null],
  ['no instance', 'damaged', (fields) => ({ ...fields, instance: undefined })],
  ['a long group', 'damaged', (fields) => ({ ...fields, group: 'x'.repeat(301) })],
  ['another stage', 'damaged', (fields) => ({ ...fields, stage: 3 })],
  ['a short fingerprint', 'damaged', (fields) => ({ ...fields, fingerprint: 'abc' })],
  ['effects in one text', 'damaged', (fields) => ({ ...fields, effects: 'x' })],
  ['many effects', 'damaged', (fields) => ({ ...fields, effects: Array.from({ length: 21 }, () => 'x') })],
  ['an effect that is no text', 'damaged', (fields) => ({ ...fields, effects: [{}] })],
  ['a negative count', 'damaged', (fields) => ({ ...fields, count: -1 })],
  ['too long', 'damaged', (fields) => ({ ...fields, more: 'x'.repeat(5000) })],
])('%s: %s', (_, expected, change) => {
  check(change, expected);
});

test.each([
  ['no block', 'Hello.', 'none'],
  ['no end', '<!-- gitops-reloader: {"v":1', 'damaged'],
  ['nothing in it', '<!-- gitops-reloader:  -->', 'damaged'],
  ['no JSON', '<!-- gitops-reloader: {v:1} -->', 'damaged'],
  ['over several lines', WRITTEN.replace(',', ',\n'), 'damaged'],
  ['a nest', `<!-- gitops-reloader: ${'['.repeat(4000)} -->`, 'damaged'],
  ['a prototype', '<!-- gitops-reloader: {"__proto__":{"v":1},"constructor":1} -->', 'damaged'],
])('%s', (_, body, expected) => {
  expect(readBlock(body).kind).toBe(expected);
});

test('whatever its texts hold, it is one comment of one line that a commit message may hold too', () => {
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE, '-->', '--!>', '<!--', 'x'.repeat(400), '#'.repeat(300), '\u2028\u202e\ud800\uE000é😀'),
    fc.string({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 22 }), (one, effects) => {
      const written = formatBlock({ ...BLOCK, instance: one, group: one, effects, count: effects.length });
      expect(written).toMatch(/^<!-- gitops-reloader: [^<>@#\n\r\u2028\u2029-]{1,4096} -->$/);
      expect(written.length).toBeLessThanOrEqual(4096);
      expect(written).not.toMatch(/:\/\/|www\.|[\p{Cc}\p{Cf}]/u);
      expect(readBlock(written).kind).toBe('block');
    }),
    { numRuns: 25 },
  );
});

test('reading never throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const body of [text, `<!-- gitops-reloader: ${text} -->`])
        expect(['none', 'newer', 'damaged']).toContain(readBlock(body).kind);
    }),
    { numRuns: 100 },
  );
});
