import { test } from 'vitest';
import { checkNextFinishes, killed, lane, reach, STEPS } from './lanes.ts';

const READS = STEPS.filter(({ name }) => !/^(receiving|pushing|opening|deleting)/.test(name));

lane('SIGKILL while', (on) => {
  test.sequential.each(READS)('$name: the next process finishes', async (step) => {
    const { program } = on();
    const { rotation } = await reach(on(), step, () => killed(program));
    await checkNextFinishes(on(), rotation);
  });
});
