import { afterAll, expect, test } from 'vitest';
import { DIRECT, openGitWorld } from '../git-world.ts';
import { fsckAll } from './host/fsck-all.ts';
import { openRaceServer } from './host/race-server.ts';
import type { SmallGitHost } from './host/small-git-host.ts';
import { inMemory, onRealGit, onSmallHost } from './host/worlds.ts';
import { playLives } from './play-lives.ts';

const server = await openRaceServer();
const world = await openGitWorld();
afterAll(() => Promise.all([server.close(), world.close()]));

test('a hundred lives of two replicas and a person, in memory', async () => {
  const { lives, outcomes } = await playLives(inMemory, 100);
  expect(lives).toBe(100);
  expect(Object.keys(outcomes).toSorted()).toEqual(['done', 'moved', 'refused', 'unknown']);
});

test('a hundred lives of two replicas and a person, over the own transport', async () => {
  const hosts: SmallGitHost[] = [];
  const { lives, outcomes } = await playLives(onSmallHost(server, hosts), 100);
  expect(lives).toBe(100);
  const failed = ['git-rejected', 'git-unreachable', 'git-unreadable'];
  expect(Object.keys(outcomes).toSorted()).toEqual(['done', ...failed, 'moved', 'refused', 'unknown']);
  await fsckAll(hosts);
  // Only a slow machine, and a counterexample that is made short, take so long.
}, 60_000);

test('one of them on a repository of Git', async () => {
  expect((await playLives(onRealGit(server, world, DIRECT[1]), 1)).lives).toBe(1);
});
