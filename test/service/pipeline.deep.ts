import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, play, scripts } from './pipeline-model.ts';

test('random lives, for a minute and a half', async () => {
  const counts: Counts = new Map();
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      lives += 1;
      expect(await play(script, counts)).toEqual([]);
    }),
    { numRuns: 1_000_000, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: false },
  );
  const steps = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  process.stdout.write(`${lives} lives: ${steps.map(([step, count]) => `${count} ${step}`).join(', ')}\n`);
  expect(lives).toBeGreaterThan(100);
}, 150_000);
