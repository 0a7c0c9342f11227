import { afterAll, test } from 'vitest';
import { openGitWorld } from '../git-world.ts';
import { playOldModes, playRandomTree } from './random-trees.ts';

const world = await openGitWorld();
afterAll(() => world.close());

test('a random tree is edited as Git would', () => playRandomTree(world, 1, 300));
test('old modes stay', () => playOldModes(world, 1, 300));
