import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { git } from '../../../../src/demo/git/git-cli.ts';
import { waitUntil } from '../../../../src/demo/program-process.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import { MAIN, NEVER, openGitWorld, tipOf } from '../git-world.ts';

const BOT = 'refs/heads/bot';
const world = await openGitWorld();
const template = await world.repository(new Map([['a.yaml', 'a\n']]));
const closers: (() => void)[] = [];
afterAll(async () => {
  for (const close of closers) close();
  await world.close();
});

/** After how much of a push, or of its answer, the process ends. */
interface Moment {
  readonly side: 'request' | 'answer';
  readonly part: number;
}

/** Before the host: forwards every byte until the moment has come, and then none in either direction. */
async function startCutter({ side, part }: Moment, stop: () => void): Promise<string> {
  const server = createServer((socket) => {
    const host = connect(Number(new URL(world.server.url).port), '127.0.0.1');
    for (const one of [socket, host]) one.on('error', () => undefined).on('close', () => end(socket, host));
    closers.push(() => end(socket, host));
    const request: Buffer[] = [];
    let isPush = false;
    socket.on('data', (bytes: Buffer) => {
      isPush ||= bytes.toString('latin1', 0, 300).startsWith('POST ') && bytes.includes('/git-receive-pack');
      if (!isPush) return void host.write(bytes);
      request.push(bytes);
      const whole = Buffer.concat(request);
      if (whole.length < lengthOf(whole)) return;
      const sent = side === 'request' ? whole.subarray(0, Math.floor(whole.length * part)) : whole;
      host.write(sent, () => {
        if (side === 'request') stop();
      });
    });
    host.on('data', (bytes: Buffer) => {
      if (!isPush) return void socket.write(bytes);
      if (side === 'answer') socket.write(bytes.subarray(0, Math.floor(bytes.length * part)), stop);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function end(...sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** Of a request with its head; infinite until that is there. */
function lengthOf(request: Buffer): number {
  const head = request.indexOf('\r\n\r\n');
  const [, length] = /content-length: (\d+)/i.exec(request.toString('latin1', 0, Math.max(0, head))) ?? [];
  return head === -1 || length === undefined ? Number.POSITIVE_INFINITY : head + 4 + Number(length);
}

test.each<readonly [when: string, moment: Moment, isCarriedOut: boolean]>([
  ['before anything of it was sent', { side: 'request', part: 0 }, false],
  ['after the half of it', { side: 'request', part: 0.5 }, false],
  ['before its last byte', { side: 'request', part: 0.99 }, false],
  ['before anything of the answer came', { side: 'request', part: 1 }, true],
  ['after the half of the answer', { side: 'answer', part: 0.5 }, true],
])('a process ends within a push, %s: the next one makes the same commit, once', async (_, moment, isCarriedOut) => {
  const { dir, url } = await world.copy(template);
  const stop = new AbortController();
  const front = await startCutter(moment, () => stop.abort());
  const base = (await tipOf(dir, MAIN)) ?? '';
  const update = { ref: BOT, expected: null, to: draftOn(base, { 'a.yaml': 'b\n' }) };
  const stopped = await world.workspace(`${front}${new URL(url).pathname}`);
  const mark = world.server.traffic.length;
  const outcome = await stopped.publish(update, stop.signal).catch((error: unknown) => error as Failure);
  expect(outcome instanceof Failure ? outcome.code : outcome.kind).toBe('unknown');
  const pushes = () => world.server.traffic.slice(mark).filter(({ operation }) => operation.startsWith('POST git-rec'));
  if (isCarriedOut) await waitUntil('the host has carried it out', () => pushes().length === 1);
  expect(await tipOf(dir, BOT)).toEqual(isCarriedOut ? expect.any(String) : null);

  const next = await world.workspace(url);
  const result = await next.publish(update, NEVER);
  expect(result).toEqual({ kind: 'done', oid: await tipOf(dir, BOT), ...(isCarriedOut ? { isFound: true } : {}) });
  expect((await git(dir, ['rev-list', `${MAIN}..${BOT}`])).trim().split('\n')).toHaveLength(1);
  await git(dir, ['fsck', '--strict', '--full']);
});
