import { expect, test } from 'vitest';
import { type Deaths, NOBODY_DIES, playWay } from './play-way.ts';
import type { Way } from './way.ts';
import { BASIC, byMethod, nameOf } from './ways.ts';

const WAYS: readonly Way[] = [
  ...byMethod({}),
  ...byMethod({ branch: 'keep' }),
  ...byMethod({ order: 'status', branch: 'keep' }),
  ...byMethod({ order: 'gated' }).slice(0, 3),
  ...byMethod({ order: 'status', merge: 'bot' }).slice(0, 3),
  ...byMethod({ order: 'status', merge: 'auto' }).slice(0, 3),
  ...byMethod({ second: 'before-restart' }),
  ...byMethod({ second: 'beside-restart', branch: 'keep' }),
  { ...BASIC, order: 'status', merge: 'bot', second: 'before-restart' },
  { ...BASIC, order: 'status', merge: 'bot', second: 'beside-restart' },
  { ...BASIC, order: 'status', merge: 'auto', second: 'beside-restart' },
  { ...BASIC, order: 'gated', second: 'before-restart' },
];

/** Who works, and in which of its calls the first process dies: in every one, or in every third. */
interface Dying extends Omit<Deaths, 'after'> {
  readonly every: 1 | 3;
}

const DYING: readonly Dying[] = [
  // What dies after a call dies before the next one: between the two nothing changes outside.
  { crew: 'alone', moment: 'before', every: 1 },
  { crew: 'turns', moment: 'before', every: 3 },
  { crew: 'abreast', moment: 'before', every: 3 },
  { crew: 'meanwhile', moment: 'before', every: 3 },
  // The other one has done all its work, and then the call of the first one has its effect all the same.
  { crew: 'meanwhile', moment: 'after', every: 1 },
];

/** Each of these calls is the last one of the first process, in a world of its own. */
async function dieEverywhere(way: Way, { crew, moment, every }: Dying): Promise<void> {
  const { calls, wrong } = await playWay(way, NOBODY_DIES);
  expect(wrong).toEqual([]);
  const found: string[] = [];
  let deaths = 0;
  for (let number = 1; number <= calls; number += every) {
    const ending = await playWay(way, { crew, moment, after: [number] });
    deaths += ending.places.length;
    found.push(...ending.wrong.map((one) => `${ending.places.join()}: ${one}`));
  }
  expect(found).toEqual([]);
  expect(deaths).toBeGreaterThan(calls / every / 4);
}

const cases = WAYS.flatMap((way) =>
  DYING.map((dying) => [`${nameOf(way)}: ${dying.crew}, ${dying.moment}`, way, dying] as const),
);

test.each(cases)('%s', async (_, way, dying) => {
  await dieEverywhere(way, dying);
});
