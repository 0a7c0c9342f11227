import { expect, test } from 'vitest';
import { type Deaths, NOBODY_DIES, playWay } from './play-way.ts';
import type { Way } from './way.ts';
import { BASIC, byMethod, nameOf } from './ways.ts';

/** Some of the calls at which everything may end; `killed.deep.ts` has all of them. */
const ENDS: readonly Deaths[] = [
  { crew: 'meanwhile', moment: 'after', after: [31, 22] },
  { crew: 'alone', moment: 'before', after: [47] },
  { crew: 'abreast', moment: 'before', after: [52] },
];

const WAYS: readonly Way[] = [
  ...byMethod({ branch: 'keep' }),
  ...byMethod({ order: 'status', merge: 'bot' }).slice(0, 3),
  { ...BASIC, order: 'gated' },
  { ...BASIC, method: 'merge', second: 'beside-restart' },
];

test.each(WAYS.map((way, at) => [nameOf(way), way, at] as const))(
  'killed between the stages: %s',
  async (_, way, at) => {
    const deaths = ENDS[at % ENDS.length] ?? NOBODY_DIES;
    const { places, wrong } = await playWay(way, deaths);
    expect(wrong, places.join()).toEqual([]);
    expect(places.length).toBeGreaterThan(0);
  },
);
