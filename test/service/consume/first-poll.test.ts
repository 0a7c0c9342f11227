import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { createTeamWorld } from '../team-world.ts';

const NEVER = new AbortController().signal;
const DOWN = new Failure('unreachable', { code: 'aws-unreachable', retry: 'later', hint: 'Look at the network.' });

test('an empty queue makes nobody wait for its long poll: not at the start, and not once it answers again', async () => {
  const world = createTeamWorld({});
  const stopping = new AbortController();
  let broken = false;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      inbox: {
        ...ports.inbox,
        receive: (signal, wait) => (broken ? Promise.reject(DOWN) : ports.inbox.receive(signal, wait)),
      },
    }),
  });
  const { health, inbox } = process.request;
  const isUp = () => process.meter.read(`queue_up{queue="${inbox.name}"}`);
  health.well({ kind: 'repository', name: process.served.name });
  const loop = consume(process.request, { stopping: stopping.signal, abort: NEVER });
  await world.time.pass(100);
  expect(health.readiness().ready).toBe(true);
  broken = true;
  await world.time.pass(20_000);
  expect(isUp()).toBe(0);
  broken = false;
  await world.time.pass(1500);
  expect(isUp()).toBe(1);
  stopping.abort();
  await world.time.run(loop);
});
