import { expect, test } from 'vitest';
import { consume } from '../../../src/service/consume/consume.ts';
import { createLiveness } from '../../../src/service/probes/liveness.ts';
import { keepSwept } from '../../../src/service/sweep/keep-swept.ts';
import { version } from '../manifests.ts';
import { type Process, START, type World } from '../memory-world.ts';
import { forever, type Gate } from '../ports-of-process.ts';
import { createTeamWorld, type Layout } from '../team-world.ts';
import { createVirtualTime } from '../virtual-time.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };
const MINUTE = 60_000;

interface Running {
  readonly world: World;
  readonly process: Process;
  readonly silent: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** The loops of one process, whose port calls pass the gate, and one event to handle. */
function start(gate: (world: World) => Gate): Running {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  const stopping = new AbortController();
  const signals = { stopping: stopping.signal, abort: new AbortController().signal };
  const process = world.start({ gate: gate(world) });
  const { request, served } = process;
  const { health, clock } = request;
  const loops = [
    consume(request, signals),
    keepSwept({ served, clock, health, intervalMilliseconds: 30_000 }, signals),
  ];
  world.tell('a', version(2));
  return {
    world,
    process,
    silent: () => health.silences().map(({ loop }) => loop),
    stop: async () => {
      stopping.abort();
      await world.time.run(Promise.all(loops));
    },
  };
}

const hanging = (call: string): ((world: World) => Gate) => {
  return () => async (name) => {
    if (name === call) await forever();
  };
};

/** Every call takes two minutes. */
const slow = (world: World): Gate => {
  return async (name, moment) => {
    if (moment === 'before' && name !== 'extend') await world.time.sleep(2 * MINUTE, new AbortController().signal);
  };
};

test('a service at work and at rest is alive, for hours', async () => {
  const { world, silent, stop } = start(() => async () => undefined);
  for (let hour = 0; hour < 3; hour += 1) {
    await world.time.pass(60 * MINUTE);
    expect(silent()).toEqual([]);
  }
  await stop();
  await world.time.pass(600 * MINUTE);
  expect(silent()).toEqual([]);
});

test('hosts that are slow in every call are none the less: only this process counts', async () => {
  const { world, silent, stop, process } = start(slow);
  for (let quarter = 0; quarter < 20; quarter += 1) {
    await world.time.pass(15 * MINUTE);
    expect(silent()).toEqual([]);
  }
  expect(process.lines.some(({ fields }) => fields['outcome'] === 'published')).toBe(true);
  await stop();
});

test.each([
  ['receive', ['queue memory']],
  ['refs', ['lane platform@main', 'sweep platform@main']],
  ['publish', ['lane platform@main']],
])('a call that never ends (%s): its loops are told after a quarter of an hour, not before', async (call, loops) => {
  const { world, silent } = start(hanging(call));
  await world.time.pass(14 * MINUTE);
  expect(silent()).toEqual([]);
  await world.time.pass(30 * MINUTE);
  expect(silent().toSorted()).toEqual(loops);
});

test('a pause on purpose is added, a sign while it rests begins nothing, and a late one never shortens', async () => {
  const time = createVirtualTime(START);
  const liveness = createLiveness(time);
  const pulse = liveness.pulse('sweep x');
  pulse.sign();
  await time.pass(60 * MINUTE);
  expect(liveness.silences()).toEqual([]);
  pulse.beat(60 * MINUTE);
  pulse.sign();
  await time.pass(75 * MINUTE);
  expect(liveness.silences()).toEqual([]);
  await time.pass(1);
  expect(liveness.silences()).toEqual([{ loop: 'sweep x', due: START + 135 * MINUTE }]);
  pulse.rest();
  expect(liveness.silences()).toEqual([]);
});
