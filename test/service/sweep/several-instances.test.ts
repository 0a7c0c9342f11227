import { expect, test } from 'vitest';
import { version } from '../manifests.ts';
import type { Process } from '../memory-world.ts';
import { createTeamWorld } from '../team-world.ts';

const LONG = 'platform-team-production-europe-west-one';

test.each([
  ['a', 'a-b'],
  ['a-b', 'a--b'],
  [`${LONG}-blue`, `${LONG}-green`],
])('instances %s and %s on one repository leave each other alone', async (...instances) => {
  const world = createTeamWorld({ db: ['a'] });
  world.rotate('a', version(1));
  world.rotate('a', version(2));
  const processes: Process[] = [];
  for (const instance of instances) {
    const process = world.start({ settings: { instance } });
    world.tell('a', version(2));
    await process.batch();
    processes.push(process);
  }
  for (const process of [...processes, ...processes]) await process.sweep();
  expect((await world.forge.pulls()).map(({ state }) => state)).toEqual(['open', 'open']);
});
