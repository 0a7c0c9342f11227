import { expect, test } from 'vitest';
import { type RandomNumbers, randomNumbers } from '../../end-to-end/kill-loop/random-numbers.ts';
import { type Crew, playWay } from './play-way.ts';
import type { Way } from './way.ts';
import { nameOf } from './ways.ts';

const SEEDS = 400;

test('several deaths on a way of any kind', async () => {
  const found: string[] = [];
  let deaths = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomNumbers(seed);
    const way = anyWay(random);
    const crew = oneOf<Crew>(random, ['alone', 'turns', 'abreast', 'meanwhile']);
    const after = Array.from({ length: 4 }, () => 1 + Math.floor(random() * 40));
    const { places, wrong } = await playWay(way, { crew, moment: oneOf(random, ['before', 'after']), after });
    deaths += places.length;
    found.push(...wrong.map((one) => `seed ${seed}, ${nameOf(way)}, ${crew}, ${places.join('; ')}: ${one}`));
  }
  expect(found).toEqual([]);
  expect(deaths).toBeGreaterThan(SEEDS);
});

function anyWay(random: RandomNumbers): Way {
  const order = oneOf<Way['order']>(random, ['time', 'status', 'gated']);
  // By time alone nothing is merged without a person.
  const merge = order === 'status' ? oneOf<Way['merge']>(random, ['none', 'bot', 'auto']) : 'none';
  const methods: readonly Way['method'][] = ['squash', 'merge', 'rebase', 'fast-forward'];
  const second = oneOf<Way['second']>(random, ['never', 'before-restart', 'beside-restart']);
  return {
    order,
    merge,
    method: oneOf(random, merge === 'none' ? methods : methods.slice(0, 3)),
    branch: oneOf<Way['branch']>(random, ['keep', 'delete']),
    second: order === 'gated' && second === 'beside-restart' ? 'before-restart' : second,
  };
}

function oneOf<T>(random: RandomNumbers, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}
