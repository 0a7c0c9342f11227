import { expect, test } from 'vitest';
import type { Windows, WindowTime } from '../../../src/domain/life/opening-policy.ts';
import { nextWindow, windowCloses } from '../../../src/plan/life/windows.ts';
import { checkWindowLaws } from './window-laws.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function span(cron: string, hours: number): WindowTime {
  return { cron, durationMilliseconds: hours * HOUR };
}

function windows(more: Partial<Windows>): Windows {
  return { allow: [], exclude: [], timeZone: 'UTC', ...more };
}

/** The first time from `from` on at which a window is open; `now` where that is at once. */
function check(more: Partial<Windows>, from: string, expected: string | null): void {
  const next = nextWindow(windows(more), Date.parse(from));
  expect([more, from, next === null ? null : new Date(next).toISOString()]).toEqual([
    more,
    from,
    expected === 'now' ? new Date(from).toISOString() : expected,
  ]);
}

const OFFICE = { allow: [span('0 9 * * 1-5', 8)] };

test('without windows it is always open', () => {
  check({}, '2026-03-02T03:14:15.926Z', 'now');
});

test('a window begins at its time and ends when its duration is over', () => {
  check(OFFICE, '2026-03-02T08:59:59.999Z', '2026-03-02T09:00:00.000Z');
  check(OFFICE, '2026-03-02T09:00:00.000Z', 'now');
  check(OFFICE, '2026-03-02T16:59:59.999Z', 'now');
  check(OFFICE, '2026-03-02T17:00:00.000Z', '2026-03-03T09:00:00.000Z');
  check(OFFICE, '2026-03-06T17:00:00.000Z', '2026-03-09T09:00:00.000Z');
});

test('exclude wins, and what it leaves of a window is open', () => {
  const lunch = { ...OFFICE, exclude: [span('0 12 * * *', 1)] };
  check(lunch, '2026-03-02T12:30:00.000Z', '2026-03-02T13:00:00.000Z');
  check({ ...OFFICE, exclude: [span('0 8 * * 1', 10)] }, '2026-03-02T10:00:00.000Z', '2026-03-03T09:00:00.000Z');
  check({ exclude: [span('0 0 24 12 *', 72)] }, '2026-12-25T00:00:00.000Z', '2026-12-27T00:00:00.000Z');
});

test('windows that overlap are one', () => {
  const exclude = [span('0 0 * * *', 10), span('0 8 * * *', 10), span('0 17 * * *', 2)];
  check({ exclude }, '2026-03-02T01:00:00.000Z', '2026-03-02T19:00:00.000Z');
});

test('what never opens within reach is not waited for', () => {
  check({ exclude: [span('* * * * *', 1)] }, '2026-03-02T01:00:00.000Z', null);
  check({ exclude: [span('0 0 1 * *', 24 * 30), span('0 0 15 * *', 24 * 30)] }, '2026-03-02T01:00:00.000Z', null);
});

test('times are those of the time zone, across the changes of its clock', () => {
  const berlin = { timeZone: 'Europe/Berlin', allow: [span('0 22 * * *', 1)] };
  check(berlin, '2026-03-28T12:00:00.000Z', '2026-03-28T21:00:00.000Z');
  check(berlin, '2026-03-29T12:00:00.000Z', '2026-03-29T20:00:00.000Z');
  const half = { timeZone: 'Asia/Kolkata', allow: [span('0 9 * * *', 1)] };
  check(half, '2026-03-28T12:00:00.000Z', '2026-03-29T03:30:00.000Z');
});

test('a time that the clock leaves out begins when it goes on, and one that it repeats counts once', () => {
  const night = { timeZone: 'Europe/Berlin', allow: [span('30 2 * * *', 1)] };
  check(night, '2026-03-28T12:00:00.000Z', '2026-03-29T01:00:00.000Z');
  check(night, '2026-10-25T00:29:59.000Z', '2026-10-25T00:30:00.000Z');
  // 02:30 comes once more an hour later.
  check(night, '2026-10-25T01:30:00.000Z', '2026-10-26T01:30:00.000Z');
});

test('the duration of a window is that of a clock that nobody sets', () => {
  const night = { timeZone: 'Europe/Berlin', exclude: [span('0 0 * * *', 4)] };
  check(night, '2026-03-28T23:30:00.000Z', '2026-03-29T03:00:00.000Z');
  check(night, '2026-10-24T22:30:00.000Z', '2026-10-25T02:00:00.000Z');
});

test.each<[string, Partial<Windows>, string, string | null]>([
  ['never where there are none', {}, '2026-03-02T01:00:00.000Z', null],
  ['at its end', OFFICE, '2026-03-02T10:00:00.000Z', '2026-03-02T17:00:00.000Z'],
  [
    'when something is excluded',
    { ...OFFICE, exclude: [span('0 12 * * *', 1)] },
    '2026-03-02T10:00:00.000Z',
    '2026-03-02T12:00:00.000Z',
  ],
  ['not while it is closed', OFFICE, '2026-03-02T01:00:00.000Z', null],
  [
    'not where another one is open then',
    { allow: [span('0 9 * * *', 1), span('30 9 * * *', 2)] },
    '2026-03-02T09:10:00.000Z',
    null,
  ],
])('a window closes %s', (_, more, from, expected) => {
  const closes = windowCloses(windows(more), Date.parse(from));
  expect(closes === null ? null : new Date(closes).toISOString()).toBe(expected);
});

test('it is open exactly where its spans say so, by brute force', () => {
  checkWindowLaws(12);
});
