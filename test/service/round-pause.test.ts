import { expect, test } from 'vitest';
import { roundPause } from '../../src/service/round-pause.ts';

test('doubling, and up to half as much again', () => {
  for (const [at, least] of [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600].entries()) {
    const pauses = Array.from({ length: 200 }, (_, seed) => roundPause(at, `platform@main ${seed}`));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(least * 1.5);
    expect(new Set(pauses).size).toBeGreaterThan(60);
  }
  expect(roundPause(1_000_000, '')).toBeLessThanOrEqual(307_200);
});

test('the same moment of the same branch: the same pause', () => {
  expect(roundPause(3, 'platform@main 7')).toBe(roundPause(3, 'platform@main 7'));
});
