import { expect, test } from 'vitest';
import { WORLD } from '../../src/demo/world.ts';
import { ALL_STEPS, lane, reach } from './lanes.ts';
import { proposedOnce, traceOf, untilDeleted } from './traces.ts';

/** So many rotations at once, each a group of its own. */
const LOAD = 6;

/** SIGTERM in every step, with this grace in seconds; after `freeAfterSeconds` the next process may have whatever is left. */
function stopUnderLoad(grace: number, freeAfterSeconds: number): void {
  lane(
    `SIGTERM under load, with a grace of ${grace} s, while`,
    (on) => {
      test.sequential.each(ALL_STEPS)('$name: it ends within its grace, and nothing is lost', async (step) => {
        const { program, stage } = on();
        const { sqs } = stage.world;
        let signalled = 0;
        const { rotations, code } = await reach(on(), step, async () => {
          signalled = Date.now();
          program.signal('SIGTERM');
        });
        expect(code).toBe(0);
        // What the promise is about, with a few seconds for a busy machine.
        expect(Date.now() - signalled).toBeLessThan((grace + 5) * 1000);
        sqs.advance(freeAfterSeconds * 1000);
        expect(sqs.inFlight(WORLD.queue)).toBe(0);
        for (const rotation of rotations) {
          const trace = await traceOf(stage, rotation);
          if (!trace.waiting) expect(trace).toEqual(proposedOnce(rotation));
        }
        on().program = await stage.run({}, ['--grace', `${grace}`]);
        for (const rotation of rotations) {
          await untilDeleted(stage, rotation);
          expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
        }
      });
    },
    { load: LOAD, args: ['--grace', `${grace}`] },
  );
}

stopUnderLoad(25, 1);
// Too short for the poll under way: what a cut poll has taken comes back with its lease.
stopUnderLoad(0, 31);
