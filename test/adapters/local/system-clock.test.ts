import { expect, test } from 'vitest';
import { createSystemClock } from '../../../src/adapters/local/system-clock.ts';

const clock = createSystemClock();
const never = new AbortController().signal;

test('now is the time in milliseconds', () => {
  const before = Date.now();
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('sleep ends after the time, not before', async () => {
  const start = performance.now();
  await clock.sleep(20, never);
  expect(performance.now() - start).toBeGreaterThan(15);
});

test('nothing and less than nothing is no sleep', async () => {
  await clock.sleep(0, never);
  await clock.sleep(-5, never);
});

test('a wait of more than 31 bits is no busy loop', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on('warning', note);
  const controller = new AbortController();
  const month = clock.sleep(40 * 24 * 3_600_000, controller.signal);
  expect(await Promise.race([month.then(() => 'month'), clock.sleep(20, never).then(() => 'short')])).toBe('short');
  controller.abort();
  await month;
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('an aborted sleep ends at once and leaves no timer', async () => {
  const controller = new AbortController();
  const hour = clock.sleep(3_600_000, controller.signal);
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  controller.abort();
  await hour;
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before - 1);
  await clock.sleep(3_600_000, controller.signal);
});
