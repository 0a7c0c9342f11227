import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GATED, GATED_LAYOUTS, holdsAlways, holdsBySettleTime, SEED } from './laws.ts';
import { stories } from './stories.ts';

test.each(GATED_LAYOUTS)('gated, %s, in 2,000 stories', (layout) => {
  fc.assert(
    fc.property(stories([layout]), (story) => holdsAlways(story, GATED)),
    { numRuns: 2000, seed: SEED },
  );
});

test('staged by settle time, in 3,000 stories', () => {
  let inTime = 0;
  fc.assert(
    fc.property(stories(), (story) => {
      if (holdsBySettleTime(story)) inTime += 1;
    }),
    { numRuns: 3000, seed: SEED },
  );
  expect(inTime).toBeGreaterThan(1500);
});
