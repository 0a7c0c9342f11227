import { describe, test } from 'vitest';
import { REVERTS } from './reverted.ts';
import { byMethod, nameOf } from './ways.ts';

describe.each(REVERTS)('taken back: %s', (_, play) => {
  const ways = [...byMethod({ branch: 'delete' }), ...byMethod({ branch: 'keep' })];
  test.each(ways.map((way) => [nameOf(way), way] as const))('%s', async (__, way) => {
    await play(way);
  });
});
