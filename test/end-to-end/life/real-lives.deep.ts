import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Create, DIRECT, ISOMORPHIC } from '../../adapters/git/git-world.ts';
import { filesOf, playIn } from '../../service/life/model/play.ts';
import { type Script, scripts } from '../../service/life/model/steps.ts';
import { TEAM } from '../../service/team-world.ts';
import { openBudget, type TimeBudget } from '../../time-budget.ts';
import { openRealTown } from './real-town.ts';

async function playForReal(script: Script, create: Create): Promise<readonly string[]> {
  const town = await openRealTown(TEAM, filesOf(script.house), script.house, create);
  try {
    return await playIn(town, script);
  } finally {
    await town.close();
  }
}

// The same lives at every run, so that what one machine finds every other one finds as well; another seed explores others.
const SEED = Number(process.env['LIVES_SEED'] ?? 20_261_127);

async function playLives(create: Create, numRuns: number, budget: TimeBudget): Promise<void> {
  let lives = 0;
  const mayBegin = openBudget(budget);
  await fc.assert(
    fc.asyncProperty(scripts(2, 12), async (script) => {
      if (!mayBegin()) return;
      lives += 1;
      expect(await playForReal(script, create)).toEqual([]);
    }),
    { numRuns, seed: SEED, endOnFailure: true },
  );
  process.stdout.write(`${lives} lives on real Git\n`);
}

test('fifty of the random lives, on real Git and GitHub on loopback', async () => {
  await playLives(DIRECT[1], 50, { atLeast: 6, milliseconds: 240_000 });
});

test('the first of them once more, by isomorphic-git', async () => {
  await playLives(ISOMORPHIC[1], 15, { atLeast: 3, milliseconds: 120_000 });
});
