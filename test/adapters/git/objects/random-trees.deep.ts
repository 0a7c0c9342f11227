import { afterAll, test } from 'vitest';
import { openGitWorld } from '../git-world.ts';
import { playOldModes, playRandomTree } from './random-trees.ts';

const world = await openGitWorld();
afterAll(() => world.close());

const seeds = Array.from({ length: 20 }, (_, at) => at + 2);
test.each(seeds)('random tree %i is edited as Git would', (seed) => playRandomTree(world, seed, 500));
test.each([101, 102])('random tree %i of 10,000 files', (seed) => playRandomTree(world, seed, 10_000));
test('10,000 old modes stay', () => playOldModes(world, 2, 10_000));
