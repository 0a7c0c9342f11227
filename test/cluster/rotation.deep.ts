import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BY_STATUSES, GATED, GATED_LAYOUTS, holdsAlways, holdsBySettleTime, pinnedByName, SEED } from './laws.ts';
import { LAYOUTS } from './sample-repository.ts';
import { closeStories, stories } from './stories.ts';

test.each(GATED_LAYOUTS)('gated, %s, in 2,000 stories', (layout) => {
  fc.assert(
    fc.property(stories([layout]), (story) => holdsAlways(story, GATED)),
    { numRuns: 2000, seed: SEED },
  );
});

test.each(LAYOUTS)('pin: name, %s, in 1,000 stories', (layout) => {
  fc.assert(
    fc.property(stories([layout]), (story) => holdsAlways(story, pinnedByName(layout))),
    { numRuns: 1000, seed: SEED },
  );
});

test.each([
  ['random stories', stories()],
  ['two ExternalSecrets of one Deployment', closeStories()],
])('staged by statuses, in 2,000 stories: %s', (_, told) => {
  fc.assert(
    fc.property(told, (story) => holdsAlways(story, BY_STATUSES)),
    { numRuns: 2000, seed: SEED },
  );
});

test.each([
  ['random stories', stories()],
  ['two ExternalSecrets of one Deployment', closeStories()],
])('staged by settle time, in 2,000 stories: %s', (_, told) => {
  let inTime = 0;
  fc.assert(
    fc.property(told, (story) => {
      if (holdsBySettleTime(story)) inTime += 1;
    }),
    { numRuns: 2000, seed: SEED },
  );
  expect(inTime).toBeGreaterThan(1000);
});
