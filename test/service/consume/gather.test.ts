import { expect, test } from 'vitest';
import { MOST_CHANGES } from '../../../src/service/consume/coalesce.ts';
import { createGathering } from '../../../src/service/consume/gather.ts';
import { START } from '../memory-world.ts';
import { createVirtualTime } from '../virtual-time.ts';

const WINDOW = { windowMilliseconds: 10_000, capMilliseconds: 60_000, isUrgent: () => false };

interface Taken {
  /** The seconds at which what was taken had come. */
  readonly items: readonly number[];
  readonly at: number;
}

/** What is taken first, and when, while changes come at these seconds. */
async function take(
  arrivals: readonly number[],
  how: { readonly urgentAt?: number; readonly hurryAt?: number; readonly settings?: Partial<typeof WINDOW> } = {},
): Promise<Taken> {
  const time = createVirtualTime(START);
  const gathering = createGathering<number>(time, { ...WINDOW, ...how.settings });
  const later = async (seconds: number, act: () => void) => {
    await time.sleep(seconds * 1000, new AbortController().signal);
    act();
  };
  const [first = 0, ...rest] = arrivals;
  gathering.add(first, how.urgentAt === first ? 'urgent' : 'usual');
  const plans = rest.map((seconds) =>
    later(seconds, () => gathering.add(seconds, how.urgentAt === seconds ? 'urgent' : 'usual')),
  );
  if (how.hurryAt !== undefined) plans.push(later(how.hurryAt, () => gathering.hurry()));
  const items = await time.run(gathering.take());
  const at = (time.now() - START) / 1000;
  await time.run(Promise.all(plans));
  return { items, at };
}

test('the window begins anew with every change', async () => {
  expect(await take([0, 3, 12, 30])).toEqual({ items: [0, 3, 12], at: 22 });
});

test('the cap counts from the first one', async () => {
  const steady = Array.from({ length: 20 }, (_, index) => index * 8);
  expect(await take(steady)).toEqual({ items: [0, 8, 16, 24, 32, 40, 48, 56], at: 60 });
});

test('no window: at once', async () => {
  expect(await take([0, 1], { settings: { windowMilliseconds: 0 } })).toEqual({ items: [0], at: 0 });
});

test('what is urgent takes with it what waits', async () => {
  expect(await take([0], { urgentAt: 0 })).toEqual({ items: [0], at: 0 });
  expect(await take([0, 3, 5, 6], { urgentAt: 5 })).toEqual({ items: [0, 3, 5], at: 5 });
});

test('enough is enough, and the rest goes next', async () => {
  const many = Array.from({ length: MOST_CHANGES + 20 }, () => 0);
  const time = createVirtualTime(START);
  const gathering = createGathering<number>(time, WINDOW);
  for (const one of many) gathering.add(one, 'usual');
  expect(await time.run(gathering.take())).toHaveLength(MOST_CHANGES);
  expect([time.now(), gathering.size()]).toEqual([START, 20]);
  expect(await time.run(gathering.take())).toHaveLength(20);
  expect(time.now()).toBe(START + 10_000);
});

test('from a stop on nothing waits', async () => {
  expect(await take([0, 2], { hurryAt: 4 })).toEqual({ items: [0, 2], at: 4 });
  expect(await take([0], { hurryAt: 0 })).toEqual({ items: [0], at: 0 });
});
