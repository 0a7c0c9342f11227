import { expect, test } from 'vitest';
import { runKillLoop } from './kill-loop.ts';

/** `kill-loop.deep.ts` does the same for longer. */
test('two replicas, killed again and again while events come in and people merge', async () => {
  const { figures, wrong } = await runKillLoop({ events: 2, kills: 2, replicas: 2, seed: 3, longestLife: 500 });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 2, kills: 2, pullRequests: 4 });
}, 60_000);
