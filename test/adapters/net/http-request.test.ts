import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createHttpClient, type HttpClient, type HttpLimits } from '../../../src/adapters/net/http-request.ts';
import { netFailure } from '../../../src/adapters/net/net-failure.ts';
import { type Handler, listenOnLoopback } from '../../../src/demo/loopback.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const NEVER = new AbortController().signal;

function clientWith(limits: Partial<HttpLimits> = {}): HttpClient {
  const client = createHttpClient(limits);
  closers.push(() => client.close());
  return client;
}

async function host(handler: Handler): Promise<string> {
  const server = await listenOnLoopback(handler);
  closers.push(() => server.close());
  return server.url;
}

/** A host below HTTP: accepts, answers these raw bytes, and then keeps the line open or cuts it. */
async function rawHost(bytes: string, then: 'stall' | 'cut'): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (then === 'cut') socket.end(bytes);
      else socket.write(bytes);
    });
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function get(url: string, limits: Partial<HttpLimits> = {}, signal = NEVER) {
  const request = { method: 'GET', url: new URL(url), headers: { authorization: 'canary' }, body: null, signal };
  const answer = await clientWith(limits).send(request);
  return answer.kind === 'answer' ? `${answer.status} ${answer.url.pathname} ${answer.body.toString()}` : answer;
}

async function check(url: string, expected: object, limits: Partial<HttpLimits> = {}) {
  const answer = await get(url, limits);
  expect(answer).toMatchObject(expected);
  expect(JSON.stringify(answer)).not.toContain('canary');
}

/** By either limit, of which each leaves a slow machine the time to send the request. */
async function givenUp(url: string) {
  const limits = [{ totalMilliseconds: 500 }, { idleMilliseconds: 500 }];
  await Promise.all(limits.map((limit) => check(url, { reason: 'timeout', sent: true }, limit)));
}

test('a body is sent, an answer is read, the connection is used again', async () => {
  const sockets = new Set<unknown>();
  const url = await host(async (request, response, body) => {
    sockets.add(request.socket);
    response.end(`${request.method} ${request.headers['content-length']} ${body.toString()}`);
  });
  const client = clientWith();
  for (const text of ['one', 'two']) {
    const request = { method: 'POST', url: new URL(url), headers: {}, body: Buffer.from(text), signal: NEVER };
    const answer = await client.send(request);
    expect(answer.kind === 'answer' && answer.body.toString()).toBe(`POST 3 ${text}`);
  }
  expect(sockets.size).toBe(1);
});

test('a host that refuses the connection has not received anything', async () => {
  const server = await listenOnLoopback(async () => undefined);
  await server.close();
  await check(server.url, { reason: 'unreachable', sent: false, detail: 'it refused the connection (ECONNREFUSED)' });
});

test('a host that never answers', async () => {
  await givenUp(await rawHost('', 'stall'));
});

test('a body that stalls', async () => {
  const url = await rawHost('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'stall');
  await givenUp(url);
});

test('a connection cut before, and within, the answer', async () => {
  await check(await rawHost('', 'cut'), { reason: 'unreachable', sent: true });
  await check(await rawHost('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'cut'), {
    reason: 'unreachable',
    sent: true,
  });
});

test('a host that goes over to another protocol, unasked, is not waited for', async () => {
  const url = await rawHost('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'stall');
  await check(url, { reason: 'unreachable', sent: true, detail: 'it began to speak another protocol' });
});

test('a body of tiny pieces arrives whole', async () => {
  const pieces = Array.from({ length: 2000 }, (_, at) => `${at};`);
  const url = await host(async (_, response) => {
    for (const piece of pieces) await new Promise((resolve) => void response.write(piece, resolve));
    response.end();
  });
  expect(await get(url)).toBe(`200 / ${pieces.join('')}`);
});

test('an answer over the limit, with and without a length', async () => {
  const url = await host(async (_, response) => void response.end('12345'));
  await check(url, { reason: 'too-large' }, { maxResponseBytes: 4 });
  expect(await get(url, { maxResponseBytes: 5 })).toBe('200 / 12345');
});

test('a large answer arrives whole, with and without a length, and is cut like any other', async () => {
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, at) => `${at}\n`).join(''));
  for (const headers of [{ 'content-length': body.length }, {}]) {
    const url = await host(async (_, response) => {
      response.writeHead(200, headers);
      response.write(body.subarray(0, 700_000));
      response.end(body.subarray(700_000));
    });
    expect((await get(url)) === `200 / ${body.toString()}`).toBe(true);
  }
  const cut = { kind: 'net-error', reason: 'unreachable' };
  for (const length of ['2000000', '900719925474099', '-2', '1e7'])
    await check(await rawHost(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\nx`, 'cut'), cut);
});

test('an abort, before and in the middle', async () => {
  const stop = new AbortController();
  const url = await host(async () => stop.abort());
  expect(await get(url, {}, stop.signal)).toMatchObject({ reason: 'aborted', sent: true });
  expect(await get(url, {}, stop.signal)).toMatchObject({ reason: 'aborted', sent: false });
});

test('one redirect of a GET within the same origin is followed, every other one is an error', async () => {
  const foreign: string[] = [];
  const elsewhere = await host(async (request, response) => {
    foreign.push(String(request.headers.authorization));
    response.end();
  });
  const targets: Record<string, string> = {
    '/moved': '/here',
    '/twice': '/moved',
    '/away': `${elsewhere}/?token=canary`,
    '/user': `http://canary:x@127.0.0.1/`,
    '/nonsense': 'http://[',
  };
  const url = await host(async (request, response) => {
    const target = targets[request.url ?? ''];
    response.writeHead(target === undefined ? 200 : 302, target === undefined ? {} : { location: target }).end('ok');
  });
  expect(await get(`${url}/moved`)).toBe('200 /here ok');
  for (const path of ['/twice', '/away', '/user', '/nonsense']) await check(url + path, { reason: 'redirected' });
  const post = { method: 'POST', url: new URL(`${url}/moved`), headers: {}, body: Buffer.from('x'), signal: NEVER };
  expect(await clientWith().send(post)).toMatchObject({ reason: 'redirected' });
  expect(foreign).toEqual([]);
});

test('a header that cannot be sent is an answer, and does not show the header', async () => {
  const headers = { authorization: 'canary\n' };
  const answer = await clientWith().send({
    method: 'GET',
    url: new URL('http://127.0.0.1'),
    headers,
    body: null,
    signal: NEVER,
  });
  expect(answer).toMatchObject({ reason: 'unsendable', detail: 'the request cannot be sent (ERR_INVALID_CHAR)' });
});

test('a failure says what was attempted, and what to do', () => {
  const error = { kind: 'net-error', reason: 'redirected', detail: 'answered 301', sent: true } as const;
  const failure = netFailure('git', 'list the refs of https://git.example/x', error);
  expect(failure).toMatchObject({ code: 'git-rejected', retry: 'never' });
  expect(failure.message).toBe('could not list the refs of https://git.example/x: answered 301');
  expect(netFailure('forge', 'x', { ...error, reason: 'timeout' })).toMatchObject({
    code: 'forge-unreachable',
    retry: 'later',
  });
});
