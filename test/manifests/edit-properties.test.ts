import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesIn } from '../../src/manifests/annotation-line.ts';
import { editAnnotations, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { parseEditable } from '../../src/manifests/parse-documents.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';
import { mutants, type Sample, samples } from './manifest-arbitrary.ts';

test('an edit is exact for another reader and by bytes, and made twice is made once', () => {
  let edited = 0;
  const count = (sample: Sample): void => {
    edited += checkExact(sample);
  };
  fc.assert(fc.property(samples, count), { numRuns: 200 });
  // Else these properties would say little.
  expect(edited).toBeGreaterThan(150);
});

test('so it is for texts that are nearly or not at all valid', () => {
  fc.assert(fc.property(mutants, check), { numRuns: 50 });
  const garbage = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(garbage, samples, (text, { edits }) => check({ text, edits })),
    { numRuns: 25 },
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
    { numRuns: 15 },
  );
});

function check(sample: Sample): void {
  checkExact(sample);
}

/** How many edits were made. */
function checkExact({ text, edits }: Sample): number {
  const { text: after, done, lines, lineOf } = editWhatCanBe(text, edits);
  expect(judge(text, after, done)).not.toBe('wrong');
  expect(keepsOtherLines(text, after, lines)).toBe(true);
  expect(editWhatCanBe(after, done)).toMatchObject({ text: after, lines: [], done, refused: [] });
  // The text that the edits were proved on is the one that is written.
  const again = parseEditable(after);
  const lineAgain = again.kind === 'editable' ? linesIn(again) : () => null;
  expect(done.map((edit) => lineOf(edit))).toEqual(done.map((edit) => lineAgain(edit)));
  if (done.length === 0) expect(after).toBe(text);
  return done.length;
}
