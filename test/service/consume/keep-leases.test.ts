import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { InboxMessage, Log } from '../../../src/ports.ts';
import { keepLeases, type LeaseState } from '../../../src/service/consume/keep-leases.ts';
import { createWorld, START, type World } from '../memory-world.ts';

const NEVER = new AbortController().signal;
const HOUR = 3_600_000;

interface Held {
  readonly world: World;
  readonly message: InboxMessage;
  /** Ends the lease. */
  readonly end: () => Promise<LeaseState>;
  readonly stop: () => Promise<void>;
  readonly warnings: readonly string[];
}

function quiet(): void {}

/** One message whose lease of 120 seconds is kept; `change` replaces methods of the message. */
async function hold(
  change: (message: InboxMessage, world: World) => Partial<InboxMessage> = () => ({}),
  visibilitySeconds = 120,
): Promise<Held> {
  const world = createWorld({ files: {} });
  world.inbox.send('hello');
  const [received] = await world.inbox.receive(NEVER);
  if (received === undefined) throw new Error('no message');
  if (visibilitySeconds !== 120) await received.extend(visibilitySeconds);
  const message = { ...received, ...change(received, world) };
  const warnings: string[] = [];
  const log: Log = { debug: quiet, info: quiet, warn: (_, text) => void warnings.push(text), error: quiet };
  const leases = keepLeases(world.time, log, visibilitySeconds);
  leases.keep([message]);
  return { world, message, end: () => leases.end(message), stop: () => leases.stop(), warnings };
}

test('a held message stays with its holder, hour after hour', async () => {
  const { world, end, stop, warnings } = await hold();
  for (let minutes = 0; minutes < 11 * 60; minutes += 30) {
    await world.time.pass(30 * 60_000);
    expect(world.inbox.visible()).toBe(0);
  }
  expect(await end()).toBe('held');
  await stop();
  expect(warnings).toEqual([]);
});

test('it is prolonged at half its time, not later', async () => {
  const times: number[] = [];
  const { world, stop } = await hold((message, { time }) => ({
    extend: (seconds) => {
      times.push((time.now() - START) / 1000);
      return message.extend(seconds);
    },
  }));
  await world.time.pass(250_000);
  await stop();
  expect(times).toEqual([60, 120, 180, 240]);
});

test('near the twelve hours of SQS it counts as lost, and comes back', async () => {
  const { world, message, end, stop, warnings } = await hold();
  await world.time.pass(11.4 * HOUR);
  expect(world.inbox.visible()).toBe(0);
  await world.time.pass(0.2 * HOUR);
  expect(await end()).toBe('lost');
  expect(world.inbox.visible()).toBe(1);
  await stop();
  expect(warnings).toEqual(['lease lost']);
  expect(message.receiveCount).toBe(1);
});

test('what would end after the twelve hours is not asked for: a long lease is kept to its end', async () => {
  const asked: [number, number][] = [];
  const { world, end, stop, warnings } = await hold(
    (message, { time }) => ({
      extend: async (seconds) => {
        asked.push([(time.now() - START) / HOUR, seconds / 3600]);
        return message.extend(seconds);
      },
    }),
    5 * 3600,
  );
  await world.time.pass(11.4 * HOUR);
  expect(asked).toEqual([
    [2.5, 5],
    [5, 5],
    [7.5, 4],
  ]);
  expect([world.inbox.visible(), await end()]).toEqual([0, 'held']);
  await stop();
  expect(warnings).toEqual([]);
});

test('a call that hangs holds up neither other messages nor the next beat', async () => {
  const world = createWorld({ files: {} });
  for (const body of ['a', 'b']) world.inbox.send(body);
  const [first, second] = await world.inbox.receive(NEVER);
  if (first === undefined || second === undefined) throw new Error('no message');
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const leases = keepLeases(world.time, log, 120);
  const hanging = { ...first, extend: () => world.time.sleep(1_000_000, NEVER).then(() => true) };
  leases.keep([hanging, second]);
  await world.time.pass(599_000);
  expect(world.inbox.visible()).toBe(1);
  const before = world.time.now();
  expect(await world.time.run(leases.end(second))).toBe('held');
  expect(world.time.now()).toBe(before);
  await world.time.run(leases.stop());
});

test('a lease that somebody else has taken over is lost', async () => {
  const { world, end, stop, warnings } = await hold(() => ({ extend: async () => false }));
  await world.time.pass(61_000);
  expect(await end()).toBe('lost');
  await world.time.pass(600_000);
  await stop();
  expect(warnings).toEqual(['lease lost']);
});

test('a call that fails says nothing about the lease: the next beat tries again', async () => {
  let calls = 0;
  const { world, end, stop, warnings } = await hold((message) => ({
    extend: async (seconds) => {
      calls += 1;
      const hint = 'It is tried again.';
      if (calls === 1) throw new Failure('cut off', { code: 'aws-unreachable', retry: 'later', hint });
      return message.extend(seconds);
    },
  }));
  await world.time.pass(119_000);
  expect([world.inbox.visible(), await end()]).toEqual([0, 'held']);
  await stop();
  expect(warnings).toEqual(['lease could not be prolonged']);
});

test('two calls that fail: the lease may have ended, so it is lost', async () => {
  const { world, end, stop } = await hold(() => ({
    extend: async () => {
      throw new Failure('cut off', { code: 'aws-unreachable', retry: 'later', hint: 'It is tried again.' });
    },
  }));
  await world.time.pass(121_000);
  expect(await end()).toBe('lost');
  await stop();
});

test('stopping ends the beats, and waits for the one under way', async () => {
  let [begun, ended] = [0, 0];
  const { world, stop } = await hold((_, { time }) => ({
    extend: async () => {
      begun += 1;
      await time.sleep(5000, NEVER);
      ended += 1;
      return true;
    },
  }));
  await world.time.pass(61_000);
  await world.time.run(stop());
  expect([begun, ended]).toEqual([1, 1]);
  await world.time.pass(600_000);
  expect(begun).toBe(1);
});

test('what is ended is prolonged no more, once the call under way is over', async () => {
  let calls = 0;
  const { world, end, stop } = await hold((_, { time }) => ({
    extend: async () => {
      calls += 1;
      await time.sleep(5000, NEVER);
      return true;
    },
  }));
  await world.time.pass(61_000);
  const before = world.time.now();
  expect(await world.time.run(end())).toBe('held');
  expect(world.time.now() - before).toBe(4000);
  await world.time.pass(600_000);
  expect(calls).toBe(1);
  await stop();
});
