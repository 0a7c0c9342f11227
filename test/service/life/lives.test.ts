import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, play } from './model/play.ts';
import { scripts } from './model/steps.ts';

test('two hundred short random lives lose nothing, double nothing and overwrite nobody', async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(scripts(1, 5, ['none', 'none', 'none', 'some']), async (script) => {
      expect(await play(script, { counts, until: 'rest' })).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(counts.size).toBeGreaterThan(20);
  // Only a counterexample takes long: it is made as short as it can be.
}, 120_000);
