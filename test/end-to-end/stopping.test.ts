import { expect, test } from 'vitest';
import { checkNextFinishes, lane, lost, PUSHING, reach } from './lanes.ts';
import { logOf, proposedOnce, traceOf } from './traces.ts';

/** The step in which most is at stake; the others, a second signal and SIGKILL have `stopping.deep.ts`. */
lane('SIGTERM while', (on) => {
  test.sequential('pushing: it is brought to its end, exit code 0', async () => {
    const { program, stage } = on();
    const { rotation, code } = await reach(on(), PUSHING, async () => program.signal('SIGTERM'));
    expect(code).toBe(0);
    expect(logOf(program).at(-1)).toMatchObject({ msg: 'stopped' });
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
    await checkNextFinishes(on(), rotation, ['--grace', '0']);
  });

  test.sequential('a server never answers: the grace period ends it with 0, the message comes again', async () => {
    const { program, stage } = on();
    const { rotation, code } = await reach(on(), PUSHING, async () => {
      program.signal('SIGTERM');
      await lost(program);
    });
    expect(code).toBe(0);
    expect(await traceOf(stage, rotation)).toMatchObject({ commits: 0, waiting: true });
    await checkNextFinishes(on(), rotation);
  });
});
