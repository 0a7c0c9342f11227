import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, play } from './model/play.ts';
import { scripts } from './model/steps.ts';

// The same lives at every run, so that what one machine finds every other one finds as well; another seed explores others.
const SEED = Number(process.env['LIVES_SEED'] ?? 20_261_127);

/** Plays this many random lives, and says how many of each step they were made of. */
async function playAll(lives: number, steps: ReturnType<typeof scripts>, until: 'rest' | 'peace'): Promise<void> {
  const counts: Counts = new Map();
  let played = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      played += 1;
      expect(await play(script, { counts, until })).toEqual([]);
    }),
    { numRuns: lives, seed: SEED },
  );
  const sorted = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  process.stdout.write(`${played} lives: ${sorted.map(([step, count]) => `${count} ${step}`).join(', ')}\n`);
}

test('4,700 random lives of a few steps', () => playAll(4700, scripts(1, 6), 'rest'), 1_800_000);

test(
  '300 random lives of up to forty steps, in which people make peace in the end',
  () => playAll(300, scripts(2, 40), 'peace'),
  1_800_000,
);
