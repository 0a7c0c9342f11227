import { expect, test } from 'vitest';
import { ALWAYS } from '../../../src/domain/life/opening-policy.ts';
import { createHealth } from '../../../src/service/health.ts';
import { keepSwept } from '../../../src/service/sweep/keep-swept.ts';
import { version } from '../manifests.ts';
import { createTeamWorld } from '../team-world.ts';

test('the loop wakes when the window begins, opens what waits, and shows how many do', async () => {
  const world = createTeamWorld({ one: ['a'], two: ['b'] });
  const windows = { ...ALWAYS, allow: [{ cron: '23 9 * * *', durationMilliseconds: 3_600_000 }] };
  const process = world.start({ settings: { windows } });
  const { served, meter } = process;
  for (const name of ['a', 'b']) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  await process.batch();
  const health = createHealth([{ kind: 'repository', name: served.name }], served.clock, meter);
  const stopping = new AbortController();
  const request = { served, clock: served.clock, health, intervalMilliseconds: 30_000 };
  const loop = keepSwept(request, { stopping: stopping.signal, abort: new AbortController().signal });
  const waiting = () => meter.read('pull_requests_waiting{reason="window-closed",repository="platform@main"}');
  // It is 09:20.
  await world.time.pass(170_000);
  expect([waiting(), (await world.open()).length]).toEqual([2, 0]);
  await world.time.pass(30_000);
  expect([waiting(), (await world.open()).length]).toEqual([0, 2]);
  stopping.abort();
  await world.time.run(loop);
});
