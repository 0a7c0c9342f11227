import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { createHealth } from '../../../src/service/health.ts';
import { keepReconciled } from '../../../src/service/reconcile/keep-reconciled.ts';
import { version } from '../manifests.ts';
import type { Process, World } from '../memory-world.ts';
import { createTeamWorld, TEAM } from '../team-world.ts';

const HOUR = 3_600_000;

/** Lets a process reconcile for as long, and ends it. */
async function reconcileFor(world: World, process: Process, milliseconds: number): Promise<void> {
  const stop = new AbortController();
  const clock = process.served.clock;
  const loop = keepReconciled(
    {
      served: process.served,
      clock,
      health: createHealth([], clock, process.meter),
      host: 'pod-a',
      intervalMilliseconds: HOUR,
    },
    { stopping: stop.signal, abort: new AbortController().signal },
  );
  await world.time.pass(milliseconds);
  stop.abort();
  await world.time.run(loop);
}

function measuresOf({ meter }: Process) {
  const read = (name: string, more = '') => meter.read(`${name}{repository="platform@main"${more}}`) ?? 0;
  return {
    done: read('reconciles_total', ',result="done"'),
    failed: read('reconciles_total', ',result="failed"'),
    without: read('objects_without_baseline'),
    behind: read('secrets_behind'),
  };
}

test('at the start and in each interval, saying each thing once, until it is stopped', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  const process = world.start();
  await reconcileFor(world, process, 5.5 * HOUR);
  expect(measuresOf(process)).toEqual({ done: 6, failed: 0, without: 3, behind: 0 });
  expect(process.lines.filter(({ message }) => message === 'baseline').map(({ fields }) => fields['baseline'])).toEqual(
    ['proposed'],
  );
  await world.time.pass(24 * HOUR);
  expect(measuresOf(process).done).toBe(6);
});

test('what fails is tried again less and less often, and said once', async () => {
  const world = createTeamWorld(TEAM);
  const down = new Failure('no answer', { code: 'git-unreachable', retry: 'later', hint: 'Wait.' });
  let isDown = true;
  const process = world.start({
    gate: async (call) => {
      if (call === 'refs' && isDown) throw down;
    },
  });
  await reconcileFor(world, process, HOUR);
  const { failed, done } = measuresOf(process);
  expect([done, failed >= 4, failed <= 7]).toEqual([0, true, true]);
  expect(process.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    'reconcile failed',
  ]);
  isDown = false;
  await reconcileFor(world, process, HOUR / 2);
  expect(measuresOf(process).done).toBe(1);
});

test('a secret that nobody uses here is told when it rotates, not before', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c', 'stranger']) world.rotate(name, version(1));
  const process = world.start();
  const turning = reconcileFor(world, process, 3.5 * HOUR);
  world.time.sleep(1.2 * HOUR, new AbortController().signal).then(
    () => world.rotate('stranger', version(2)),
    () => undefined,
  );
  await turning;
  const told = process.lines.filter(({ message }) => message.startsWith('secrets that are used nowhere'));
  expect(told.map(({ fields }) => fields['secrets'])).toEqual([['111122223333/eu-west-1/stranger']]);
});

test('in event mode nothing is asked', async () => {
  const world = createTeamWorld(TEAM, { truth: 'event' });
  const process = world.start();
  await reconcileFor(world, process, 5 * HOUR);
  expect(process.lines.map(({ message }) => message)).toEqual(['nothing is reconciled in event mode']);
});
