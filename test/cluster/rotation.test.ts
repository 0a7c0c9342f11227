import { readFileSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BY_STATUSES,
  GATED,
  GATED_LAYOUTS,
  holdsAlways,
  holdsBySettleTime,
  pinnedByName,
  SEED,
  shortestFailure,
} from './laws.ts';
import { LAYOUTS } from './sample-repository.ts';
import { closeStories, stories } from './stories.ts';
import { withStory } from './story-blocks.ts';

test.each(GATED_LAYOUTS)('gated, %s: no pod is ever restarted with the old value', (layout) => {
  fc.assert(
    fc.property(stories([layout]), (story) => holdsAlways(story, GATED)),
    { numRuns: 10, seed: SEED },
  );
});

test('pin: name, whatever is applied first: the same, by one commit', () => {
  fc.assert(
    fc.property(stories(), (story) => holdsAlways(story, pinnedByName(story.layout))),
    { numRuns: 12, seed: SEED },
  );
});

test('staged, by statuses of a check that knows of refreshes: the same, without any settle time', () => {
  fc.assert(
    fc.property(stories(), (story) => holdsAlways(story, BY_STATUSES)),
    { numRuns: 12, seed: SEED },
  );
});

test.each([
  ['random stories', stories(), 15],
  ['two ExternalSecrets of one Deployment', closeStories(), 25],
] as const)('staged, by settle time: the same whenever the refresh is complete by then: %s', (_, told, numRuns) => {
  let inTime = 0;
  fc.assert(
    fc.property(told, (story) => {
      if (holdsBySettleTime(story)) inTime += 1;
    }),
    { numRuns, seed: SEED },
  );
  expect(inTime).toBeGreaterThan(numRuns / 2);
});

const PAGE = 'docs/ordering.md';

test.each(LAYOUTS)('together, %s: a pod is restarted with the old value, and keeps it', (layout) => {
  const story = shortestFailure(layout);
  expect(story).toMatch(
    /starts with version 1 of prod\/db, restarted for version 2\n[^]*writes version 2 [^]*has version 1 of prod\/db$/,
  );
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['UPDATE'] === '1') writeFileSync(PAGE, withStory(page, layout, story));
  else expect(page).toBe(withStory(page, layout, story));
});
