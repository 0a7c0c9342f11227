import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createHttpClient, type HttpLimits, type TakeBody } from '../../../src/adapters/net/http-request.ts';
import { listenOnLoopback } from '../../../src/demo/loopback.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const NEVER = new AbortController().signal;

interface Exchange {
  readonly answer: (response: ServerResponse) => unknown;
  readonly take: TakeBody;
  readonly limits?: Partial<HttpLimits>;
  readonly signal?: AbortSignal;
}

/** One GET whose body is taken; what the client answers, and whether the host has lost the connection in the end. */
async function exchange({ answer, take, limits = {}, signal = NEVER }: Exchange) {
  let cut = Promise.resolve();
  const server = await listenOnLoopback(async (request, response) => {
    cut = new Promise((resolve) => void request.socket.once('close', () => resolve()));
    await answer(response);
  });
  const client = createHttpClient(limits);
  closers.push(
    () => client.close(),
    () => server.close(),
  );
  const sent = client.send({ method: 'GET', url: new URL(server.url), headers: {}, body: null, signal, take });
  return { answer: await sent.catch((error: unknown) => error), isCut: () => cut };
}

/** Takes everything, and remembers it. */
function collector() {
  const pieces: string[] = [];
  const take: TakeBody = async (body) => {
    for await (const piece of body) pieces.push(piece.toString());
  };
  return { pieces, take };
}

test('a body is taken while the host is still at it; the answer has none', async () => {
  const seen = new EventEmitter();
  const pieces: string[] = [];
  const { answer } = await exchange({
    // Without the first half having been read, the second never comes.
    answer: async (response) => {
      response.write('first ');
      await once(seen, 'first');
      response.end('second');
    },
    take: async (body) => {
      for await (const piece of body) {
        pieces.push(piece.toString());
        seen.emit('first');
      }
    },
  });
  expect(answer).toMatchObject({ kind: 'answer', status: 200, body: Buffer.alloc(0) });
  expect(pieces).toEqual(['first ', 'second']);
});

test('of other statuses the body is in the answer, and nothing is taken', async () => {
  const { pieces, take } = collector();
  const { answer } = await exchange({ answer: (response) => response.writeHead(404).end('not here'), take });
  expect(answer).toMatchObject({ kind: 'answer', status: 404, body: Buffer.from('not here') });
  expect(pieces).toEqual([]);
});

test.each([
  [
    'is cut',
    (response: ServerResponse) => response.write('half', () => response.destroy()),
    { reason: 'unreachable', detail: 'the connection was cut within the answer' },
  ],
  [
    'is shorter than it says',
    (response: ServerResponse) => {
      response.setHeader('content-length', 9);
      response.write('half', () => response.socket?.end());
    },
    { reason: 'unreachable' },
  ],
  [
    'is too long',
    (response: ServerResponse) => response.end('x'.repeat(2000)),
    { reason: 'too-large', detail: 'an answer of more than 1000 bytes' },
  ],
  ['stalls', (response: ServerResponse) => response.write('half'), { reason: 'timeout' }],
])('a body that %s: the taker is told, and so is whoever asked', async (_, act, expected) => {
  const { take } = collector();
  let thrown: unknown = null;
  const { answer } = await exchange({
    answer: act,
    take: (body) =>
      take(body).catch((error: unknown) => {
        thrown = error;
        throw error;
      }),
    limits: { maxResponseBytes: 1000, idleMilliseconds: 500 },
  });
  expect(answer).toMatchObject({ kind: 'net-error', sent: true, ...expected });
  await expect.poll(() => thrown).toBeInstanceOf(Error);
});

test('what the taker throws is thrown on, and the host is heard no further', async () => {
  const { answer, isCut } = await exchange({
    answer: (response) => response.write('and so on, without an end'),
    take: async (body) => {
      for await (const piece of body) throw new Error(`no more than ${piece.length}`);
    },
  });
  expect(answer).toEqual(new Error('no more than 25'));
  await isCut();
});

test('a stop is heard while the taker is busy with what came: it gets nothing more', async () => {
  const stop = new AbortController();
  const pieces: number[] = [];
  let isOver = false;
  const { answer } = await exchange({
    answer: (response) => response.end('x'.repeat(300_000)),
    signal: stop.signal,
    take: async (body) => {
      try {
        for await (const piece of body) {
          pieces.push(piece.length);
          // Meanwhile the rest has come, and the host is done with it.
          await new Promise((resolve) => setTimeout(resolve, 100));
          stop.abort();
        }
      } finally {
        isOver = true;
      }
    },
  });
  expect(answer).toMatchObject({ kind: 'net-error', reason: 'aborted' });
  await expect.poll(() => isOver).toBe(true);
  expect(pieces).toHaveLength(1);
});

test('a slow taker is not the host being slow: all that was sent in time is taken', async () => {
  const pieces: Buffer[] = [];
  const { answer } = await exchange({
    answer: (response) => response.end('x'.repeat(2_000_000)),
    limits: { idleMilliseconds: 300 },
    take: async (body) => {
      for await (const piece of body) {
        if (pieces.push(piece) === 1) await new Promise((resolve) => setTimeout(resolve, 900));
      }
    },
  });
  expect(answer).toMatchObject({ kind: 'answer', status: 200 });
  expect(Buffer.concat(pieces)).toHaveLength(2_000_000);
});
