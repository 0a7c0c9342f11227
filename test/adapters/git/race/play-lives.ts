import * as fc from 'fast-check';
import { expect } from 'vitest';
import { openBudget, type TimeBudget } from '../../../time-budget.ts';
import type { OpenRaceWorld } from './host/race-world.ts';
import { live, type Plant } from './life.ts';
import { scripts } from './script.ts';

// The same lives at every run, so that what one machine finds every other one finds as well; another seed explores others.
const SEED = Number(process.env['RACE_SEED'] ?? 20_261_127);

/** How many lives were played, and how often which outcome came of a publish. */
export interface Played {
  readonly lives: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Plays so many lives, or as many as a budget allows. */
export async function playLives(open: OpenRaceWorld, lives: number, budget?: TimeBudget): Promise<Played> {
  let played = 0;
  const counts: Record<string, number> = {};
  const mayBegin = budget === undefined ? () => true : openBudget(budget);
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      if (!mayBegin()) return;
      played += 1;
      const { wrong, outcomes } = await live(open, script);
      for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
      expect(wrong).toEqual([]);
    }),
    { numRuns: lives, seed: SEED, endOnFailure: true },
  );
  return { lives: played, outcomes: counts };
}

/** In how many of so many lives a planted defect is found. */
export async function countFound(open: OpenRaceWorld, lives: number, plant?: Plant): Promise<number> {
  let found = 0;
  for (const script of fc.sample(scripts, { numRuns: lives, seed: SEED })) {
    if ((await live(open, script, plant)).wrong.length > 0) found += 1;
  }
  return found;
}
