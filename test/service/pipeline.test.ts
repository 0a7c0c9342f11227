import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, play, scripts } from './pipeline-model.ts';

/** `pipeline.deep.ts` plays for longer. */
test('random lives lose nothing, double nothing and overwrite nobody', async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      expect(await play(script, counts)).toEqual([]);
    }),
    { numRuns: 8 },
  );

  expect(counts.size).toBeGreaterThan(10);
  // Only a counterexample takes long: it is made as short as it can be.
}, 120_000);
