import { waitUntil } from '../../../src/demo/program-process.ts';
import { WORLD } from '../../../src/demo/world.ts';
import type { Stage } from '../stage.ts';

/** Every merge moves the base and makes whoever works begin again: people need a moment between two rounds of them. */
const COFFEE_MILLISECONDS = 700;
const REVIEWER = { login: 'ada-reviewer', type: 'User' } as const;

/** People merge everything that is open, in either way, and delete every other branch. How many they merged. */
export async function mergeAll({ world }: Stage): Promise<number> {
  const people = world.github.people(WORLD.repository);
  const open = await people.openPulls();
  for (const { number, branch } of open) {
    await people.mergeAs(number, REVIEWER, number % 3 === 0 ? 'squash' : 'merge');
    if (number % 2 === 0) await people.deleteBranchAs(branch, REVIEWER);
  }
  return open.length;
}

/** Time passes and people merge until the queue is empty and nothing is open, due or left over. */
export async function untilAtRest(stage: Stage, isDone: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const { sqs } = stage.world;
  let mergedAt = 0;
  await waitUntil(
    'everything has come to its end',
    async () => {
      if (Date.now() > mergedAt + COFFEE_MILLISECONDS) {
        await mergeAll(stage);
        mergedAt = Date.now();
      }
      // In small steps, so that the lease of what is being handled does not run out.
      if (sqs.visible(WORLD.queue) === 0) sqs.advance(1000);
      return sqs.bodies(WORLD.queue).length === 0 && (await isDone());
    },
    milliseconds,
  );
}
