import { describe, expect, test } from 'vitest';
import type { Inbox, InboxMessage } from '../../src/ports.ts';

/** An inbox and the world behind it. Leases last one second. */
export interface InboxWorld {
  /** With `waits`, a receive waits longer than a lease lasts; else it looks once. At most three messages at a time. */
  inbox(waits: boolean): Inbox;
  send(body: string): Promise<void>;
  /** How many messages are neither acked nor dropped, leased ones included. */
  left(): Promise<number>;
  /** Lets a lease end, where the world's clock is ours. */
  readonly lapse: (() => void) | null;
  close(): Promise<void>;
}

const BODIES = ['{"a":1}', 'two\nlines\tand "quotes"', '\u00fc \u2028', '{"__proto__":{"a":1}}', ' '];

/** What every inbox keeps, whatever is behind it. */
export function inboxContract(name: string, open: () => Promise<InboxWorld>): void {
  const check = (title: string, run: (world: InboxWorld) => Promise<void>) =>
    test(title, async () => {
      const world = await open();
      try {
        await run(world);
      } finally {
        await world.close();
      }
    });

  describe(`inbox contract: ${name}`, () => {
    check('an empty queue gives nothing', async (world) => {
      expect(await world.inbox(false).receive(signal())).toEqual([]);
    });

    check('a message comes with its time and count', async (world) => {
      await world.send('hello');
      const message = await one(world);
      expect([message.body, message.receiveCount]).toEqual(['hello', 1]);
      expect(message.id).not.toBe('');
      expect(Number.isSafeInteger(message.sentAt) && message.sentAt > 0).toBe(true);
    });

    check('a body arrives as it was sent', async (world) => {
      for (const body of BODIES) {
        await world.send(body);
        const message = await one(world);
        expect(message.body).toBe(body);
        await message.ack();
      }
    });

    check('no more messages than asked for, and in the end all of them', async (world) => {
      for (let index = 0; index < 7; index += 1) await world.send(`message ${index}`);
      const bodies: string[] = [];
      for (let round = 0; round < 10; round += 1) {
        const messages = await world.inbox(false).receive(signal());
        expect(messages.length).toBeLessThanOrEqual(3);
        bodies.push(...messages.map((message) => message.body));
      }
      expect(bodies.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `message ${index}`));
    });

    check('a leased message is given to nobody else', async (world) => {
      await world.send('hello');
      await one(world);
      expect(await world.inbox(false).receive(signal())).toEqual([]);
      expect(await world.left()).toBe(1);
    });

    check('what is not acked comes back when the lease ends', async (world) => {
      await world.send('hello');
      const first = await one(world);
      world.lapse?.();
      const second = await one(world, true);
      expect([second.id, second.body, second.receiveCount, second.sentAt]).toEqual([
        first.id,
        'hello',
        2,
        first.sentAt,
      ]);
    });

    check('an acked message is gone, and acking twice does no harm', async (world) => {
      await world.send('hello');
      const message = await one(world);
      await message.ack();
      await message.ack();
      expect(await world.left()).toBe(0);
      world.lapse?.();
      expect(await world.inbox(false).receive(signal())).toEqual([]);
    });

    check('a released message comes back', async (world) => {
      await world.send('hello');
      await (await one(world)).release(0);
      expect((await one(world)).receiveCount).toBe(2);
    });

    check('a message released for later is hidden until then', async (world) => {
      await world.send('hello');
      await (await one(world)).release(600);
      expect(await world.inbox(false).receive(signal())).toEqual([]);
      expect(await world.left()).toBe(1);
    });

    check('any time to release is cut to what a queue takes', async (world) => {
      await world.send('hello');
      await (await one(world)).release(-5);
      await (await one(world)).release(0.2);
      expect(await world.inbox(false).receive(signal())).toEqual([]);
      expect(await world.left()).toBe(1);
    });

    check('extending says whether the lease is still ours', async (world) => {
      await world.send('hello');
      const first = await one(world);
      expect(await first.extend(60)).toBe(true);
      await first.release(0);
      const second = await one(world);
      expect(await first.extend(60)).toBe(false);
      expect(await second.extend(60)).toBe(true);
    });

    check('after the lease was lost, ack and release do no harm to the next holder', async (world) => {
      await world.send('hello');
      const first = await one(world);
      await first.release(0);
      const second = await one(world);
      await first.ack();
      await first.release(0);
      expect(await world.left()).toBe(1);
      expect(await world.inbox(false).receive(signal())).toEqual([]);
      await second.ack();
      expect(await world.left()).toBe(0);
    });

    check('after an ack there is nothing to extend or to release', async (world) => {
      await world.send('hello');
      const message = await one(world);
      await message.ack();
      expect(await message.extend(60)).toBe(false);
      await message.release(0);
      expect(await world.left()).toBe(0);
    });

    check('an aborted receive gives nothing and takes nothing for good', async (world) => {
      await world.send('hello');
      expect(await world.inbox(true).receive(AbortSignal.abort())).toEqual([]);
      expect((await one(world)).receiveCount).toBe(1);
    });

    check('a receive that is to look once does not wait', async (world) => {
      expect(await world.inbox(true).receive(signal(), 0)).toEqual([]);
      await world.send('hello');
      expect(await world.inbox(true).receive(signal(), 0)).toHaveLength(1);
      expect(await world.inbox(true).receive(signal(), 0)).toEqual([]);
    });

    check('counting the messages that wait takes none', async (world) => {
      expect(await world.inbox(false).waiting(signal())).toBe(0);
      for (const body of ['a', 'b', 'c', 'd']) await world.send(body);
      expect(await world.inbox(false).waiting(signal())).toBe(4);
      await world.inbox(false).receive(signal());
      expect(await world.inbox(false).waiting(signal())).toBe(1);
    });

    check('an abort ends a long poll', async (world) => {
      const controller = new AbortController();
      const poll = world.inbox(true).receive(controller.signal);
      controller.abort();
      expect(await poll).toEqual([]);
    });

    check('an extended lease outlives the first one', async (world) => {
      await world.send('hello');
      const message = await one(world);
      expect(await message.extend(600)).toBe(true);
      if (world.lapse === null) return;
      world.lapse();
      expect(await world.inbox(false).receive(signal())).toEqual([]);
      expect(await message.extend(600)).toBe(true);
    });
  });
}

/** The one message that is there. */
async function one(world: InboxWorld, waits = false): Promise<InboxMessage> {
  const messages = await world.inbox(waits).receive(signal());
  expect(messages).toHaveLength(1);
  const [message] = messages;
  if (message === undefined) throw new Error('no message');
  return message;
}

function signal(): AbortSignal {
  return new AbortController().signal;
}
