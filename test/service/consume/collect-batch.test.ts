import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { InboxMessage } from '../../../src/ports.ts';
import { collectBatch } from '../../../src/service/consume/collect-batch.ts';
import { createWorld, START, type World } from '../memory-world.ts';

const SETTINGS = { windowMilliseconds: 10_000, capMilliseconds: 60_000, most: 300 };

interface Collected {
  readonly bodies: readonly string[];
  readonly seconds: number;
  readonly failure: Failure | null;
  readonly received: number;
}

/** Collects one batch while messages arrive at these seconds. */
async function collect(
  arrivals: readonly number[],
  how: Partial<typeof SETTINGS> & {
    readonly stopAt?: number;
    readonly abortAt?: number;
    readonly failAt?: number;
  } = {},
): Promise<Collected> {
  const world = createWorld({ files: {} });
  const [stopping, abort] = [new AbortController(), new AbortController()];
  const later = async (seconds: number, act: () => void) => {
    await world.time.sleep(seconds * 1000, new AbortController().signal);
    act();
  };
  const plans = [
    ...arrivals.map((seconds) => later(seconds, () => void world.inbox.send(`at ${seconds}`))),
    ...(how.stopAt === undefined ? [] : [later(how.stopAt, () => stopping.abort())]),
    ...(how.abortAt === undefined ? [] : [later(how.abortAt, () => abort.abort())]),
  ];
  let received = 0;
  const onReceived = (messages: readonly InboxMessage[]) => {
    received += messages.length;
  };
  const inbox = how.failAt === undefined ? world.inbox : failingInbox(world, how.failAt);
  const signals = { stopping: stopping.signal, abort: abort.signal, onReceived };
  const batch = await world.time.run(collectBatch(inbox, world.time, { ...SETTINGS, ...how }, signals));
  const seconds = (world.time.now() - START) / 1000;
  await world.time.run(Promise.all(plans));
  return { bodies: batch.messages.map(({ body }) => body), seconds, failure: batch.failure, received };
}

function failingInbox(world: World, from: number) {
  const hint = 'It is tried again.';
  return {
    ...world.inbox,
    receive: async (signal: AbortSignal, seconds?: number) => {
      if (world.time.now() - START < from * 1000) return world.inbox.receive(signal, seconds);
      throw new Failure('unreachable', { code: 'aws-unreachable', retry: 'later', hint });
    },
  };
}

const at = (...seconds: readonly number[]) => seconds.map((one) => `at ${one}`);

test('an empty poll is an empty batch', async () => {
  expect(await collect([])).toEqual({ bodies: [], seconds: 20, failure: null, received: 0 });
});

test('the window begins anew with every message', async () => {
  expect(await collect([1, 4, 13, 30])).toEqual({ bodies: at(1, 4, 13), seconds: 23, failure: null, received: 3 });
});

test('the cap counts from the first message', async () => {
  const steady = Array.from({ length: 20 }, (_, index) => 1 + index * 8);
  const { bodies, seconds } = await collect(steady);
  expect(bodies).toEqual(at(1, 9, 17, 25, 33, 41, 49, 57));
  expect(seconds).toBe(61);
});

test('no window: one poll is one batch', async () => {
  expect(await collect([1, 1, 2], { windowMilliseconds: 0 })).toMatchObject({ bodies: at(1, 1), seconds: 1 });
});

test('a window longer than one poll', async () => {
  const { bodies, seconds } = await collect([1, 40], { windowMilliseconds: 45_000 });
  expect(bodies).toEqual(at(1, 40));
  expect(seconds).toBe(61);
});

test('enough is enough', async () => {
  const many = Array.from({ length: 40 }, () => 1);
  expect((await collect(many, { most: 15 })).bodies).toHaveLength(20);
});

test('a stop ends the collecting, but not the poll under way', async () => {
  expect(await collect([1, 5, 8], { stopAt: 3 })).toMatchObject({ bodies: at(1, 5), seconds: 5 });
  expect(await collect([1], { stopAt: 3 })).toMatchObject({ bodies: at(1), seconds: 11 });
});

test('an abort ends it at once, however long the window', async () => {
  expect(await collect([1], { abortAt: 3, windowMilliseconds: 50_000 })).toMatchObject({ bodies: at(1), seconds: 3 });
});

test('a later poll that fails keeps what came before it; so does a first one', async () => {
  expect(await collect([1, 4], { failAt: 2 })).toMatchObject({
    bodies: at(1, 4),
    failure: { code: 'aws-unreachable' },
  });
  expect(await collect([1], { failAt: 0 })).toMatchObject({ bodies: [], failure: { code: 'aws-unreachable' } });
});
