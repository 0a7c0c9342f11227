import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { filesOf, playIn } from '../../service/life/model/play.ts';
import { type Script, scripts } from '../../service/life/model/steps.ts';
import { TEAM } from '../../service/team-world.ts';
import { openRealTown } from './real-town.ts';

const MILLISECONDS = 240_000;

async function playForReal(script: Script): Promise<readonly string[]> {
  const town = await openRealTown(TEAM, filesOf(script.house), script.house);
  try {
    return await playIn(town, script);
  } finally {
    await town.close();
  }
}

// The same lives at every run, so that what one machine finds every other one finds as well; another seed explores others.
const SEED = Number(process.env['LIVES_SEED'] ?? 20_261_127);

test('fifty of the random lives, on real Git and GitHub on loopback', async () => {
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(scripts(2, 12), async (script) => {
      lives += 1;
      expect(await playForReal(script)).toEqual([]);
    }),
    {
      numRuns: 50,
      seed: SEED,
      interruptAfterTimeLimit: MILLISECONDS,
      markInterruptAsFailure: false,
      endOnFailure: true,
    },
  );
  process.stdout.write(`${lives} lives on real Git\n`);
  expect(lives).toBeGreaterThan(5);
}, 500_000);
