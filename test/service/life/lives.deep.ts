import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, play } from './model/play.ts';
import { scripts } from './model/steps.ts';

const MILLISECONDS = 240_000;

test('five thousand random lives, or as many as there is time for', async () => {
  const counts: Counts = new Map();
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(scripts(2, 40), async (script) => {
      lives += 1;
      expect(await play(script, { counts, until: 'peace' })).toEqual([]);
    }),
    { numRuns: 5000, interruptAfterTimeLimit: MILLISECONDS, markInterruptAsFailure: false },
  );
  const steps = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  process.stdout.write(`${lives} lives: ${steps.map(([step, count]) => `${count} ${step}`).join(', ')}\n`);
  expect(lives).toBeGreaterThan(100);
}, 500_000);
