import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editAnnotations, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';
import { mutants, type Sample, samples } from './manifest-arbitrary.ts';

const RUNS = { numRuns: 100 };

test('an edit made twice is an edit made once', () => {
  fc.assert(
    fc.property(samples, ({ text, edits }) => {
      const once = editWhatCanBe(text, edits);
      expect(editWhatCanBe(once.text, once.done)).toEqual({ text: once.text, lines: [], done: once.done, refused: [] });
    }),
    RUNS,
  );
});

test('lines that are not named never change', () => {
  fc.assert(
    fc.property(samples, ({ text, edits }) => {
      const { text: after, lines } = editWhatCanBe(text, edits);
      expect(keepsOtherLines(text, after, lines)).toBe(true);
    }),
    RUNS,
  );
});

test('another reader sees the wanted difference alone', () => {
  fc.assert(fc.property(samples, checkMeaning), RUNS);
});

test('so it is for texts that are nearly or not at all valid', () => {
  fc.assert(fc.property(mutants, checkMeaning), RUNS);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), samples, (text, { edits }) => checkMeaning({ text, edits })),
    RUNS,
  );
});

test('all together or not at all', () => {
  fc.assert(
    fc.property(samples, ({ text, edits }) => {
      const all = editAnnotations(text, edits);
      const some = editWhatCanBe(text, edits);
      if (all.kind === 'edited') expect([all.text, some.refused]).toEqual([some.text, []]);
      if (all.kind === 'unchanged') expect([text, some.refused]).toEqual([some.text, []]);
      if (all.kind === 'refused') expect(some.refused[0]?.edit).toBe(all.edit);
    }),
    RUNS,
  );
});

test('most samples can be edited, so that these properties say something', () => {
  const results = fc.sample(samples, 100).map(({ text, edits }) => editAnnotations(text, edits).kind);
  expect(results.filter((kind) => kind === 'edited').length).toBeGreaterThan(60);
});

function checkMeaning({ text, edits }: Sample): void {
  const { text: after, done } = editWhatCanBe(text, edits);
  expect(judge(text, after, done)).not.toBe('wrong');
  if (done.length === 0) expect(after).toBe(text);
}
