import { expect, test } from 'vitest';
import { runKillLoop } from './kill-loop.ts';

/** `kill-loop.deep.ts` does the same for longer. */
test('two replicas, killed again and again while events come in and people merge', async () => {
  const { figures, wrong } = await runKillLoop({ events: 4, kills: 3, replicas: 2, seed: 3, longestLife: 500 });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 4, kills: 3, pullRequests: 8 });
}, 60_000);
