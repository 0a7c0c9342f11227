import { Cron } from 'croner';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Windows, WindowTime } from '../../../src/domain/life/opening-policy.ts';
import { isWindowOpen, nextWindow } from '../../../src/plan/life/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST = 30;
const HORIZON = 8 * HOUR;

const cron = fc
  .tuple(
    fc.constantFrom('0', '30', '15,45'),
    fc.constantFrom('*', '9', '2', '22', '8-17/3', '0,12'),
    fc.constantFrom('*', '1', '28', 'L'),
    fc.constantFrom('*', '3', '3,10'),
    fc.constantFrom('*', '1-5', 'SUN', '1#1'),
  )
  .map((parts) => parts.join(' '));
const time = fc.record({
  cron,
  durationMilliseconds: fc.integer({ min: 1, max: LONGEST * 60 }).map((minutes) => minutes * MINUTE),
});
const anyWindows = fc.record({
  allow: fc.array(time, { maxLength: 2 }),
  exclude: fc.array(time, { maxLength: 2 }),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe'),
});
/** Around the changes of a clock, to the millisecond. */
const moment = fc
  .tuple(fc.constantFrom('2026-03-28', '2026-10-24', '2026-04-04', '2026-11-01'), fc.nat(2 * 24 * HOUR))
  .map(([day, offset]) => Date.parse(`${day}T00:00:00Z`) + offset);

/** Exclude wins, and the next window is the first minute that is open; against every start, one after the other. */
export function checkWindowLaws(numRuns: number): void {
  fc.assert(
    fc.property(anyWindows, moment, (windows, from) => {
      const isOpen = oracle(windows, from);
      const next = nextWindow(windows, from);
      const first = momentsFrom(from).find(isOpen);
      if (next === null || next > from + HORIZON) expect(first).toBeUndefined();
      else expect(next).toBe(first);
      for (const at of momentsFrom(from).filter((_, minute) => minute % 97 === 0)) {
        expect([at, isWindowOpen(windows, at)]).toEqual([at, isOpen(at)]);
      }
    }),
    { numRuns },
  );
}

/** Spans begin and end on whole minutes: nothing changes between. */
function momentsFrom(from: number): readonly number[] {
  const minutes = Array.from({ length: HORIZON / MINUTE }, (_, at) => (Math.floor(from / MINUTE) + at + 1) * MINUTE);
  return [from, ...minutes];
}

function oracle({ allow, exclude, timeZone }: Windows, from: number): (at: number) => boolean {
  const spansOf = (times: readonly WindowTime[]) => times.flatMap((one) => spans(one, timeZone, from));
  const [allowed, excluded] = [spansOf(allow), spansOf(exclude)];
  return (at) => (allow.length === 0 || isWithin(allowed, at)) && !isWithin(excluded, at);
}

function spans({ cron: pattern, durationMilliseconds }: WindowTime, timezone: string, from: number) {
  const starts = new Cron(pattern, { timezone, mode: '5-part', paused: true });
  const found: (readonly [number, number])[] = [];
  let at = starts.nextRun(new Date(from - (LONGEST + 1) * HOUR))?.getTime() ?? Number.POSITIVE_INFINITY;
  while (at <= from + HORIZON) {
    found.push([at, at + durationMilliseconds]);
    at = starts.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
  }
  return found;
}

function isWithin(found: readonly (readonly [number, number])[], at: number): boolean {
  return found.some(([start, end]) => start <= at && at < end);
}
