import { expect, test } from 'vitest';
import { ALL_STEPS, checkNextFinishes, killed, lane, lost, PUSHING, reach } from './lanes.ts';
import { proposedOnce, traceOf } from './traces.ts';

lane('SIGTERM while', (on) => {
  test.sequential.each(ALL_STEPS)('$name: it is brought to its end, exit code 0', async (step) => {
    const { program, stage } = on();
    const { rotation, code } = await reach(on(), step, async () => program.signal('SIGTERM'));
    expect(code).toBe(0);
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
    await checkNextFinishes(on(), rotation);
  });

  test.sequential('a server never answers: a second signal ends it with 130, the message comes again', async () => {
    const { program, stage } = on();
    const { rotation, code } = await reach(on(), PUSHING, async () => {
      program.signal('SIGTERM');
      program.signal('SIGINT');
      await lost(program);
    });
    expect(code).toBe(130);
    expect(await traceOf(stage, rotation)).toMatchObject({ commits: 0, waiting: true });
    await checkNextFinishes(on(), rotation);
  });
});

lane('SIGKILL while', (on) => {
  test.sequential.each(ALL_STEPS)('$name: the next process finishes', async (step) => {
    const { program } = on();
    const { rotation } = await reach(on(), step, () => killed(program));
    await checkNextFinishes(on(), rotation);
  });

  test.sequential.each(ALL_STEPS.filter(({ name }) => /^(?:pushing|opening|deleting)/.test(name)))(
    '$name, and it is not carried out: the next process finishes',
    async (step) => {
      const { program, stage } = on();
      const { rotation } = await reach(on(), step, async () => {
        program.signal('SIGKILL');
        await lost(program);
      });
      expect(await traceOf(stage, rotation)).toMatchObject({ waiting: true });
      await checkNextFinishes(on(), rotation);
    },
  );
});
