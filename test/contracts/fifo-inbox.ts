import { describe, expect, test } from 'vitest';
import type { Inbox, InboxMessage } from '../../src/ports.ts';

/** An inbox that keeps the order of each group, and the world behind it. Leases last a minute; at most ten messages at a time. */
export interface FifoInboxWorld {
  readonly inbox: Inbox;
  send(body: string, group: string): Promise<void>;
  /** Lets a lease end. */
  readonly lapse: (() => void) | null;
  close(): Promise<void>;
}

/** What an inbox keeps beside the usual contract, where its queue keeps the order of groups. */
export function fifoInboxContract(name: string, open: () => Promise<FifoInboxWorld>): void {
  const check = (title: string, run: (world: FifoInboxWorld) => Promise<void>) =>
    test(title, async () => {
      const world = await open();
      try {
        for (const body of ['a1', 'b1', 'a2', 'b2', 'a3']) await world.send(body, body.slice(0, 1));
        await run(world);
      } finally {
        await world.close();
      }
    });

  describe(`FIFO inbox contract: ${name}`, () => {
    check('each group in its order, and every message names its group', async (world) => {
      const seen: InboxMessage[] = [];
      while (seen.length < 5) {
        const messages = await receive(world);
        // How many of a group come at once is the queue's own choice.
        expect(messages.length).toBeGreaterThan(0);
        for (const message of messages) await message.ack();
        seen.push(...messages);
      }
      expect(of('a', seen)).toEqual(['a1', 'a2', 'a3']);
      expect(of('b', seen)).toEqual(['b1', 'b2']);
    });

    check('nothing of a group is given out while any of it is held', async (world) => {
      const held = (await receive(world)).filter(({ group }) => group === 'a');
      await world.send('a4', 'a');
      expect(of('a', await receive(world))).toEqual([]);
      for (const message of held.slice(0, -1)) await message.ack();
      await world.send('c1', 'c');
      const others = await receive(world);
      expect([of('a', others), of('c', others)]).toEqual([[], ['c1']]);
      await held.at(-1)?.ack();
      expect(of('a', await receive(world))[0]).toBe(['a1', 'a2', 'a3', 'a4'][held.length]);
    });

    check('what is given back for later holds up those behind it, which come after it', async (world) => {
      const messages = await receive(world);
      const group = messages.filter((one) => one.group === 'a');
      await group[0]?.release(60);
      for (const message of group.slice(1)) await message.release(0);
      expect(of('a', await receive(world))).toEqual([]);
      if (world.lapse === null) return;
      world.lapse();
      expect(of('a', await receive(world))).toEqual(['a1', 'a2', 'a3']);
    });

    check('an ack after the lease has ended deletes nothing, and says so', async (world) => {
      if (world.lapse === null) return;
      const [first] = await receive(world);
      world.lapse();
      await expect(first?.ack()).rejects.toMatchObject({ code: 'queue-lease-lost', retry: 'later' });
      const again = await receive(world);
      expect(of('a', again)).toEqual(['a1', 'a2', 'a3']);
      await expect(first?.ack()).rejects.toMatchObject({ code: 'queue-lease-lost' });
      await again[0]?.ack();
      await again[0]?.ack();
    });
  });
}

async function receive({ inbox }: FifoInboxWorld): Promise<readonly InboxMessage[]> {
  return inbox.receive(new AbortController().signal, 0);
}

function of(group: string, messages: readonly InboxMessage[]): readonly string[] {
  return messages.filter((one) => one.group === group).map(({ body }) => body);
}
