import { expect, test } from 'vitest';
import { receivePause } from '../../../src/service/consume/receive-pause.ts';

test('nothing failed: no pause', () => {
  expect(receivePause(0, 'events 1')).toBe(0);
});

test('doubling up to a minute, and up to a quarter more', () => {
  const least = [1, 2, 4, 8, 16, 32, 60, 60];
  for (const [at, seconds] of least.entries()) {
    const pauses = Array.from({ length: 200 }, (_, seed) => receivePause(at + 1, `events ${seed}`) / 1000);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(seconds);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(seconds * 1.25);
    expect(new Set(pauses).size).toBeGreaterThan(100);
  }
  expect(receivePause(1_000_000, 'events')).toBeLessThanOrEqual(75_000);
});

test('the same moment of the same queue: the same pause', () => {
  expect(receivePause(3, 'events 7')).toBe(receivePause(3, 'events 7'));
});
