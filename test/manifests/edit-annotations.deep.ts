import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';
import { mutants, type Sample, samples } from './manifest-arbitrary.ts';

test('20,000 manifests: no edit is wrong, and few are refused', () => {
  const figures = run(samples, 20_000);
  expect(figures.edited / (figures.edited + figures.refused)).toBeGreaterThan(0.85);
});

test('20,000 manifests with flipped characters: no edit is wrong', () => {
  const figures = run(mutants, 20_000);
  expect(figures.edited).toBeGreaterThan(500);
});

interface Figures {
  readonly edited: number;
  readonly refused: number;
}

/** Edits random samples, fails with the smallest that goes wrong, and prints what became of them. */
function run(arbitrary: fc.Arbitrary<Sample>, samplesWanted: number): Figures {
  const count = { samples: 0, edited: 0, refused: 0, unjudged: 0 };
  const reasons = new Map<string, number>();
  const check = (sample: Sample): boolean => {
    const result = editWhatCanBe(sample.text, sample.edits);
    const verdict = judge(sample.text, result.text, result.done);
    const again = editWhatCanBe(result.text, result.done);
    count.samples += 1;
    count.edited += result.done.length;
    count.refused += result.refused.length;
    if (verdict === 'unknown') count.unjudged += result.done.length;
    for (const { reason } of result.refused) {
      const general = reason.replaceAll(/cannot be read: .*/g, 'cannot be read').replaceAll(/\d+/g, 'N');
      reasons.set(general, (reasons.get(general) ?? 0) + 1);
    }
    const kept = keepsOtherLines(sample.text, result.text, result.lines);
    return verdict !== 'wrong' && kept && again.text === result.text && again.refused.length === 0;
  };
  fc.assert(fc.property(arbitrary, check), { numRuns: samplesWanted });
  const common = [...reasons].toSorted((a, b) => b[1] - a[1]).slice(0, 15);
  console.log({ ...count, reasons: Object.fromEntries(common) });
  return { edited: count.edited, refused: count.refused };
}
