import { expect, test } from 'vitest';
import type { InboxMessage } from '../../../src/ports.ts';
import { type Ending, takeTurns } from '../../../src/service/consume/take-turns.ts';

interface Row {
  /** Group and number: `a1`; a number alone has no group. In the order of the queue. */
  readonly messages: readonly string[];
  /** The order in which they are ready. */
  readonly ready: readonly string[];
  /** Those that come back by themselves. */
  readonly back?: readonly string[];
  /** What was settled, in order; with a minus where one before it came back. */
  readonly settled: readonly string[];
}

const ROWS: readonly Row[] = [
  { messages: ['1', '2'], ready: ['2', '1'], settled: ['2', '1'] },
  { messages: ['a1', 'a2', 'a3'], ready: ['a3', 'a2', 'a1'], settled: ['a1', 'a2', 'a3'] },
  { messages: ['a1', 'b1', 'a2', '1'], ready: ['1', 'a2', 'b1', 'a1'], settled: ['1', 'b1', 'a1', 'a2'] },
  { messages: ['a1', 'a2', 'a3'], ready: ['a3', 'a1', 'a2'], back: ['a1'], settled: ['a1', '-a2', '-a3'] },
  {
    messages: ['a1', 'a2', 'a3', 'b1'],
    ready: ['a3', 'a2', 'b1', 'a1'],
    back: ['a2'],
    settled: ['b1', 'a1', 'a2', '-a3'],
  },
  { messages: ['1', '2'], ready: ['1', '2'], back: ['1'], settled: ['1', '2'] },
];

test.each(ROWS)('$messages, ready as $ready', async ({ messages, ready, back = [], settled }) => {
  const held = messages.map((id) => message(id));
  const turn = takeTurns(held);
  const seen: string[] = [];
  const done: Promise<void>[] = [];
  for (const id of ready) {
    const one = held.find((other) => other.id === id);
    if (one === undefined) throw new Error(`no ${id}`);
    done.push(
      turn(one, async (earlier): Promise<Ending> => {
        seen.push(earlier === 'ended' ? id : `-${id}`);
        return back.includes(id) ? 'comes-back' : 'ended';
      }),
    );
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await Promise.all(done);
  expect(seen).toEqual(settled);
});

const nothing = async () => undefined;

function message(id: string): InboxMessage {
  const group = /^[a-z]/.exec(id)?.[0] ?? null;
  return { id, body: '', sentAt: 0, receiveCount: 1, group, ack: nothing, release: nothing, extend: async () => true };
}
