import type Bottleneck from 'bottleneck';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createPace,
  GITHUB_LIMITS,
  isNotSent,
  needsPace,
  PACE_ID,
} from '../../../../src/adapters/forge/identity/pace.ts';

const LABELS = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels';
const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const MINUTE = 60_000;
const HOUR = 3_600_000;

function most(span: number, { atOnce, millisecondsEach }: (typeof GITHUB_LIMITS)['writes']): number {
  return atOnce + span / millisecondsEach;
}

/** When each of so many went that came one after the other; what is not taken comes again when it was told to. */
async function times(queue: Bottleneck, count: number, secondsUntilFree: () => Promise<number>) {
  const sent: number[] = [];
  const sending = async () => {
    while (sent.length < count) {
      try {
        await queue.schedule(() => Promise.resolve(sent.push(Date.now())));
      } catch (error) {
        if (!isNotSent(error)) throw error;
        const seconds = await secondsUntilFree();
        await new Promise((resolve) => void setTimeout(resolve, seconds * 1000));
      }
    }
    return 'sent';
  };
  const work = sending();
  while ((await Promise.race([work, vi.advanceTimersByTimeAsync(250)])) !== 'sent');
  return sent;
}

function mostWithin(milliseconds: number, sent: readonly number[]): number {
  return Math.max(...sent.map((from) => sent.filter((time) => time >= from && time < from + milliseconds).length));
}

test('what may go at once, and what follows, are together less than GitHub allows', () => {
  expect(most(MINUTE, GITHUB_LIMITS.writes)).toBeLessThan(80);
  expect(most(HOUR, GITHUB_LIMITS.notifications)).toBeLessThan(500);
});

describe('by a clock that only the test moves', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a storm of 300 writes stays below 80 a minute, and takes less than six minutes', async () => {
    const pace = createPace();
    const sent = await times(pace.writes.key(PACE_ID), 300, () => pace.secondsUntilFree(OPEN));
    expect(mostWithin(MINUTE, sent)).toBeLessThan(80);
    expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeLessThan(6 * MINUTE);
  });

  test('of what is sent to people 320 may go at once; then one is told to wait for the next', async () => {
    const pace = createPace();
    const sent = await times(pace.notifications.key(PACE_ID), 325, () => pace.secondsUntilFree(OPEN));
    const [first = 0, last = 0] = [sent[0], sent.at(-1)];
    expect(sent.filter((time) => time - first < 10_000)).toHaveLength(320);
    expect(last - first).toBeGreaterThan(4 * 22_500);
    expect(last - first).toBeLessThan(7 * 22_500);
  });

  test('many at once wait some seconds at most; the others are told when to come again', async () => {
    const pace = createPace();
    const begun = Date.now();
    const turns = Array.from({ length: 22 }, () =>
      pace.writes.key(PACE_ID).schedule(() => Promise.resolve(Math.round((Date.now() - begun) / 1000))),
    );
    const all = Promise.allSettled(turns);
    await vi.advanceTimersByTimeAsync(10_000);
    const seen = (await all).map((one) => (one.status === 'fulfilled' ? one.value : 'not sent'));
    expect(seen.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 0));
    expect(seen.slice(15, 20).every((second) => typeof second === 'number' && second >= 1 && second <= 7)).toBe(true);
    expect(seen.slice(20)).toEqual(['not sent', 'not sent']);
    const seconds = Promise.all([pace.secondsUntilFree(OPEN), pace.secondsUntilFree(LABELS)]);
    await vi.advanceTimersByTimeAsync(100);
    expect(await seconds).toEqual([6, 6]);
  });
});

test.each([
  ['https://api.github.com', true],
  ['https://api.github.com/', true],
  ['https://api.acme.ghe.com', true],
  ['https://github.acme.example/api/v3', false],
  ['https://api.github.com.evil.example', false],
  ['http://127.0.0.1:1', false],
  ['nonsense', false],
])('%s needs a pace: %s', (address, expected) => {
  expect(needsPace(address)).toBe(expected);
});
