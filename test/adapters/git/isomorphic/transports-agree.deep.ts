import { afterAll, expect, test } from 'vitest';
import { git } from '../../../../src/demo/git/git-cli.ts';
import { MAIN, openGitWorld } from '../git-world.ts';
import { liveTwice } from './two-lives.ts';

const world = await openGitWorld();
const older = await openGitWorld(0);
afterAll(() => Promise.all([world.close(), older.close()]));

async function live(on: typeof world, seed: number): Promise<void> {
  const dirs = await liveTwice(on, seed, 14);
  for (const dir of dirs) await git(dir, ['fsck', '--strict', '--full']);
  expect(await git(dirs[0], ['log', '--format=%H', MAIN])).toBe(await git(dirs[1], ['log', '--format=%H', MAIN]));
}

test.each([21, 22, 23, 24, 25, 26])('both transports live the same life %i', (seed) => live(world, seed));
test.each([31, 32, 33])('both transports live the same life %i on a host of the first protocol', (seed) =>
  live(older, seed),
);
