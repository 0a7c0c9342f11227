import { afterAll, expect, test } from 'vitest';
import { type Create, DIRECT, ISOMORPHIC, openGitWorld } from '../git-world.ts';
import { fsckAll } from './host/fsck-all.ts';
import { openRaceServer } from './host/race-server.ts';
import type { SmallGitHost } from './host/small-git-host.ts';
import { inMemory, onRealGit, onSmallHost } from './host/worlds.ts';
import { PLANTED } from './planted.ts';
import { countFound, type Played, playLives } from './play-lives.ts';

const server = await openRaceServer();
const world = await openGitWorld();
afterAll(() => Promise.all([server.close(), world.close()]));

/** Says how far it came: what is bounded by time depends on the machine. */
function tell(where: string, { lives, outcomes }: Played): number {
  process.stdout.write(`${lives} lives ${where}: ${JSON.stringify(outcomes)}\n`);
  return lives;
}

test('two thousand lives in memory', async () => {
  expect(tell('in memory', await playLives(inMemory, 2000))).toBe(2000);
});

test('two thousand lives over the own transport', async () => {
  const hosts: SmallGitHost[] = [];
  expect(tell('over the own transport', await playLives(onSmallHost(server, hosts), 2000))).toBe(2000);
  await fsckAll(hosts);
});

const onGit = (create: Create) => onRealGit(server, world, create);

test.each([
  [DIRECT[0], onGit(DIRECT[1])],
  [ISOMORPHIC[0], onGit(ISOMORPHIC[1])],
])('lives on repositories of Git, %s', async (name, open) => {
  tell(`on Git, ${name}`, await playLives(open, 200, { atLeast: 4, milliseconds: 120_000 }));
});

test.each(Object.entries(PLANTED))('a hundred lives find a planted defect: %s', async (name, plant) => {
  const found = await countFound(onSmallHost(server, []), 100, plant);
  process.stdout.write(`${name}: found in ${found} of 100 lives\n`);
  expect(found).toBeGreaterThan(3);
});
