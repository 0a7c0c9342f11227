import * as fc from 'fast-check';
import type { Story } from './play.ts';
import { LAYOUTS, type Layout } from './sample-repository.ts';

const seconds = (max: number, min = 0) => fc.integer({ min, max });
const times = (max: number, min = 0) => fc.array(seconds(max, min), { minLength: 1, maxLength: 4 });

const SOURCES = [
  [{ name: 'db', keys: ['prod/db'] }],
  [{ name: 'db', keys: ['prod/db', 'prod/mail'] }],
  [
    { name: 'db', keys: ['prod/db'] },
    { name: 'mail', keys: ['prod/mail'] },
  ],
  [
    { name: 'db', keys: ['prod/db'] },
    { name: 'mail', keys: ['prod/db', 'prod/mail'] },
  ],
];

/** The time between a rotation and the look at it. By default events are gathered for ten seconds. */
const SHORTEST_LOOK = 10;

/**
 * Random lives: one to three rotations of the secrets of one or two ExternalSecrets, and how long everybody takes. A cluster's
 * clock may be as far behind as nobody merges faster, and less far ahead than events are gathered.
 */
export function stories(layouts: readonly Layout[] = LAYOUTS): fc.Arbitrary<Story> {
  const rotation = fc.record({ secret: fc.constantFrom('prod/db', 'prod/mail'), at: seconds(5400) });
  const outage = fc.tuple(seconds(3600), seconds(900)).map(([from, length]) => ({ from, to: from + length }));
  return fc
    .record({
      short: shortStories(layouts),
      sources: fc.constantFrom(...SOURCES),
      rotations: fc.array(rotation, { maxLength: 2 }),
      outages: fc.array(outage, { maxLength: 2 }),
      drains: fc.array(seconds(7200), { maxLength: 3 }),
    })
    .map(({ short, rotations, ...more }) => ({ ...short, ...more, rotations: [...short.rotations, ...rotations] }));
}

/** One rotation of one secret, and nothing that goes wrong. */
export function shortStories(layouts: readonly Layout[]): fc.Arbitrary<Story> {
  return fc.record({
    layout: fc.constantFrom(...layouts),
    sources: fc.constant(SOURCES[0] ?? []),
    policy: fc.constantFrom('Periodic', 'OnChange'),
    interval: fc.constantFrom('1h', '5m', '90s'),
    rotations: fc.constant([{ secret: 'prod/db', at: 0 }]),
    looks: times(90, SHORTEST_LOOK),
    merges: times(1800, 20),
    polls: times(300, 1),
    applies: times(3),
    latencies: times(240),
    fetches: times(20),
    starts: times(60),
    outages: fc.constant([]),
    drains: fc.constant([]),
    clockAhead: fc.integer({ min: -20, max: SHORTEST_LOOK - 1 }),
  });
}
