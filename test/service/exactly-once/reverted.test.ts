import { test } from 'vitest';
import { REVERTS } from './reverted.ts';
import { BASIC } from './ways.ts';

test.each(REVERTS)('taken back: %s', async (_, play) => {
  await play({ ...BASIC, method: 'merge', branch: 'keep' });
});
