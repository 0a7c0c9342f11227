import * as fc from 'fast-check';
import type { Story } from './play.ts';
import { LAYOUTS, type Layout } from './sample-repository.ts';

const seconds = (max: number, min = 0) => fc.integer({ min, max });
const times = (max: number, min = 0, most = 4) => fc.array(seconds(max, min), { minLength: 1, maxLength: most });

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
  const rotation = fc.record({
    secret: fc.constantFrom('prod/db', 'prod/mail'),
    at: fc.oneof(seconds(300), seconds(5400)),
  });
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

/** Two secrets that feed one workload move one after the other, and nobody takes long but External Secrets Operator. */
export function closeStories(): fc.Arbitrary<Story> {
  const second = fc.record({ secret: fc.constant('prod/mail'), at: seconds(300) });
  return fc
    .record({
      short: shortStories(LAYOUTS),
      sources: fc.constantFrom(...SOURCES.slice(1)),
      second,
      merges: times(60, 20),
      polls: times(20, 1),
      latencies: times(240, 120),
      starts: times(5),
      settle: seconds(400, 300),
    })
    .map(({ short, second: next, ...more }) => ({ ...short, ...more, rotations: [...short.rotations, next] }));
}

/** One rotation of one secret, and nothing that goes wrong. Nobody has more than `most` answers to how long it takes. */
export function shortStories(layouts: readonly Layout[], most = 4): fc.Arbitrary<Story> {
  return fc.record({
    layout: fc.constantFrom(...layouts),
    sources: fc.constant(SOURCES[0] ?? []),
    policy: fc.constantFrom('Periodic', 'OnChange'),
    interval: fc.constantFrom('1h', '5m', '90s'),
    rotations: fc.constant([{ secret: 'prod/db', at: 0 }]),
    looks: times(90, SHORTEST_LOOK, most),
    merges: fc.array(fc.oneof(seconds(60, 20), seconds(1800, 20)), { minLength: 1, maxLength: most }),
    settle: seconds(600, 10),
    polls: times(300, 1, most),
    applies: times(3, 0, most),
    latencies: times(240, 0, most),
    fetches: times(20, 0, most),
    starts: times(60, 0, most),
    outages: fc.constant([]),
    drains: fc.constant([]),
    clockAhead: fc.integer({ min: -20, max: SHORTEST_LOOK - 1 }),
  });
}
