import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALWAYS, NO_LIMITS, type WaitCode } from '../../../src/domain/life/opening-policy.ts';
import { isOpened, needsNoCounts, type OpeningFacts, openingOf, roomToOpen } from '../../../src/plan/life/opening.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Monday. */
const NOW = Date.parse('2026-03-02T09:20:00Z');

const NIGHTS = { ...ALWAYS, allow: [{ cron: '0 22 * * *', durationMilliseconds: 2 * HOUR }] };
const TONIGHT = Date.parse('2026-03-02T22:00:00Z');

type Given = Omit<Partial<OpeningFacts>, 'limits' | 'counts'> & {
  readonly limits?: Partial<OpeningFacts['limits']>;
  readonly counts?: Partial<OpeningFacts['counts']>;
};

function facts({ limits, counts, ...more }: Given): OpeningFacts {
  return {
    now: NOW,
    windows: ALWAYS,
    limits: { ...NO_LIMITS, ...limits },
    counts: { open: 0, createdAt: [], ...counts },
    ahead: 0,
    objects: 1,
    labels: null,
    isUrgent: false,
    ...more,
  };
}

/** Opened so many minutes ago, each. */
function ago(...minutes: readonly number[]) {
  return { createdAt: minutes.map((one) => NOW - one * MINUTE) };
}

type Expected = 'open' | readonly [why: WaitCode, until: number | null, says: RegExp];

const CASES: readonly (readonly [string, Given, Expected])[] = [
  ['nothing stands against it', {}, 'open'],
  ['a window that is closed', { windows: NIGHTS }, ['window-closed', TONIGHT, /next begins at 2026-03-02T22:00:00Z/]],
  ['a window that is open', { windows: NIGHTS, now: TONIGHT }, 'open'],
  ['its last millisecond', { windows: NIGHTS, now: TONIGHT + 2 * HOUR - 1 }, 'open'],
  [
    'a window that never opens',
    { windows: { ...ALWAYS, exclude: [{ cron: '* * * * *', durationMilliseconds: MINUTE }] } },
    ['window-closed', null, /none begins in sight/],
  ],
  ['room for one', { limits: { open: 3 }, counts: { open: 2 } }, 'open'],
  [
    'no room',
    { limits: { open: 3 }, counts: { open: 3 } },
    ['too-many-open', null, /^3 pull request\(s\) are open; limits.open is 3/],
  ],
  [
    'room that somebody else waits for longer',
    { limits: { open: 3 }, counts: { open: 2 }, ahead: 1 },
    ['too-many-open', null, /^2 pull request\(s\) are open, and 1 wait for longer/],
  ],
  ['room within the hour', { limits: { perHour: 3 }, counts: ago(5, 59) }, 'open'],
  [
    'none within the hour',
    { limits: { perHour: 3 }, counts: ago(30, 5, 50) },
    ['too-many-this-hour', NOW + 10 * MINUTE, /^3 pull request\(s\) were opened within the last hour/],
  ],
  ['what is an hour old counts no more', { limits: { perHour: 3 }, counts: ago(60, 5, 50) }, 'open'],
  [
    'more than the limit, since it was lowered',
    { limits: { perHour: 1 }, counts: ago(30, 5, 50) },
    ['too-many-this-hour', NOW + 55 * MINUTE, /limits.perHour is 1/],
  ],
  [
    'an hour whose room others wait for longer',
    { limits: { perHour: 2 }, counts: ago(50), ahead: 1 },
    ['too-many-this-hour', NOW + 10 * MINUTE, /and 1 wait for longer/],
  ],
  ['an hour that is not long enough for them', { limits: { perHour: 2 }, ahead: 2 }, ['too-many-this-hour', null, /./]],
  [
    'a forge whose clock is ahead',
    { limits: { perHour: 1 }, counts: ago(-2) },
    ['too-many-this-hour', NOW + 62 * MINUTE, /./],
  ],
  [
    'the hour ends, and then no window is open',
    {
      now: TONIGHT + 100 * MINUTE,
      windows: NIGHTS,
      limits: { perHour: 1 },
      counts: { createdAt: [TONIGHT + 90 * MINUTE] },
    },
    ['too-many-this-hour', TONIGHT + 24 * HOUR, /./],
  ],
  [
    'a closed window before a limit',
    { windows: NIGHTS, limits: { open: 1 }, counts: { open: 1 } },
    ['window-closed', null, /./],
  ],
  ['as many objects as allowed', { limits: { maxObjects: 5 }, objects: 5 }, 'open'],
  [
    'one more',
    { limits: { maxObjects: 5 }, objects: 6 },
    ['needs-confirmation', null, /changes 6 objects, more than limits.maxObjects \(5\)/],
  ],
  [
    'a closed window before confirmation',
    { windows: NIGHTS, limits: { maxObjects: 5 }, objects: 6 },
    ['window-closed', TONIGHT, /./],
  ],
  ['what is urgent passes windows', { windows: NIGHTS, isUrgent: true }, 'open'],
  [
    'what is urgent passes limits',
    { limits: { open: 1, perHour: 1 }, counts: { open: 9, ...ago(1) }, isUrgent: true },
    'open',
  ],
  [
    'what is urgent is confirmed all the same',
    { limits: { maxObjects: 5 }, objects: 6, isUrgent: true },
    ['needs-confirmation', null, /./],
  ],
  [
    'one that is open is bound by nothing',
    { windows: NIGHTS, limits: { open: 1, perHour: 1 }, counts: { open: 9, ...ago(1) }, labels: [] },
    'open',
  ],
  [
    'an open one is confirmed by the label',
    { limits: { maxObjects: 5 }, objects: 6, labels: ['x', 'GitOps-Reloader:Confirm'] },
    'open',
  ],
  [
    'and by no other',
    { limits: { maxObjects: 5 }, objects: 6, labels: ['gitops-reloader:confirmed', 'confirm'] },
    ['needs-confirmation', null, /./],
  ],
];

describe('openings', () => {
  test.each(CASES)('%s', (_name, given, expected) => {
    const opening = openingOf(facts(given));
    if (expected === 'open') {
      expect(opening).toEqual({ kind: 'open' });
      return;
    }
    const [why, until, says] = expected;
    expect(opening).toMatchObject({ kind: 'wait', why, until, reason: expect.stringMatching(says) });
  });
});

const someFacts = fc
  .record({
    now: fc.nat(48 * 60).map((minutes) => NOW + minutes * MINUTE),
    windows: fc.constantFrom(
      ALWAYS,
      NIGHTS,
      { ...NIGHTS, exclude: [{ cron: '0 23 * * TUE', durationMilliseconds: HOUR }] },
      { ...ALWAYS, exclude: [{ cron: '0 */6 * * *', durationMilliseconds: 90 * MINUTE }] },
    ),
    limits: fc.record({
      open: fc.constantFrom(null, 1, 3),
      perHour: fc.constantFrom(null, 1, 3),
      maxObjects: fc.constantFrom(null, 5),
    }),
    open: fc.nat(4),
    ages: fc.array(fc.nat(70), { maxLength: 5 }),
    ahead: fc.nat(2),
    objects: fc.constantFrom(1, 6),
    labels: fc.constantFrom(null, null, [], ['gitops-reloader:confirm']),
    isUrgent: fc.boolean(),
  })
  .map(({ open, ages, ...more }): OpeningFacts => {
    const createdAt = ages.map((minutes) => more.now - minutes * MINUTE);
    return { ...more, counts: { open, createdAt } };
  });

test('`until` is the first minute at which it is opened, if nothing but time passes', () => {
  fc.assert(
    fc.property(someFacts, (given) => {
      const opening = openingOf(given);
      if (opening.kind === 'open') return;
      const { until, why } = opening;
      const minutes = Array.from({ length: 30 * 60 }, (_, one) => given.now + one * MINUTE);
      const first = minutes.find((now) => isOpened(openingOf({ ...given, now })));
      if (why === 'needs-confirmation') expect(until).toBeNull();
      else expect(until).toBe(first ?? null);
    }),
    { numRuns: 40 },
  );
});

test('who need not count is answered alike whatever is counted', () => {
  fc.assert(
    fc.property(someFacts, (given) => {
      if (!needsNoCounts(given)) return;
      const uncounted = openingOf({ ...given, counts: { open: 0, createdAt: [] } });
      const counted = openingOf(given);
      expect([uncounted.kind, 'why' in uncounted && uncounted.why]).toEqual([
        counted.kind,
        'why' in counted && counted.why,
      ]);
    }),
  );
});

test('room is what may be opened one behind the other before anything waits', () => {
  const given = fc.record({
    open: fc.nat(4),
    minutes: fc.array(fc.nat(120), { maxLength: 4 }),
    ahead: fc.nat(3),
    limits: fc.record({
      open: fc.option(fc.integer({ min: 1, max: 6 })),
      perHour: fc.option(fc.integer({ min: 1, max: 6 })),
    }),
  });
  fc.assert(
    fc.property(given, ({ open, minutes, ahead, limits }) => {
      const counts = { open, ...ago(...minutes) };
      const room = roomToOpen(facts({ limits, counts, ahead }));
      const opened = (more: number) => {
        const createdAt = [...counts.createdAt, ...Array<number>(more).fill(NOW)];
        return isOpened(openingOf(facts({ limits, counts: { open: open + more, createdAt }, ahead })));
      };
      for (let more = 0; more < Math.min(room, 10); more += 1) expect(opened(more)).toBe(true);
      expect(opened(Math.min(room, 10))).toBe(room === Number.POSITIVE_INFINITY);
    }),
  );
});
