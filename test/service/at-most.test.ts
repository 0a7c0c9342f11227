import { expect, test } from 'vitest';
import { atMost } from '../../src/service/at-most.ts';
import { createVirtualTime } from './virtual-time.ts';

test('all items, in their order, and never more than so many at a time', async () => {
  const time = createVirtualTime(0);
  let [running, most] = [0, 0];
  const work = atMost(3, [5, 1, 4, 1, 3, 2, 1], async (seconds) => {
    running += 1;
    most = Math.max(most, running);
    await time.sleep(seconds * 1000, new AbortController().signal);
    running -= 1;
    return `${seconds}s`;
  });
  expect(await time.run(work)).toEqual(['5s', '1s', '4s', '1s', '3s', '2s', '1s']);
  expect(most).toBe(3);
});

test('nothing to do is nothing done, and an error is passed on', async () => {
  expect(await atMost(3, [], async () => 1)).toEqual([]);
  await expect(atMost(3, [1, 2], () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
});
