import { expect, test } from 'vitest';
import { runKillLoop } from './kill-loop.ts';

/** `kill-loop.deep.ts` does the same for longer. */
test('two replicas, killed again and again while events come in and people merge', async () => {
  const { figures, wrong } = await runKillLoop({ events: 6, kills: 4, replicas: 2, seed: 3, longestLife: 700 });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 6, kills: 4, pullRequests: 12 });
}, 60_000);
