import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type StatusPage, type StatusServer, startStatusServer } from '../../../src/adapters/http/status-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const page = (status: number, body: string): StatusPage => ({ status, contentType: 'text/plain; charset=utf-8', body });
const PAGES = new Map<string, () => StatusPage | Promise<StatusPage>>([
  ['/livez', () => page(200, 'alive: ü\n')],
  ['/readyz', async () => page(503, 'not yet\n')],
  ['/metrics', () => Promise.reject(new Error('canary'))],
]);

async function start(pages = PAGES): Promise<StatusServer> {
  const listening = await startStatusServer({ host: '127.0.0.1', port: 0, pages });
  if (listening.kind !== 'listening') throw listening.failure;
  closers.push(() => listening.server.close());
  return listening.server;
}

/** Sends raw bytes, and resolves to everything that comes back until the server hangs up. */
function exchange(port: number, bytes: string, then: (socket: Socket) => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      then(socket);
    });
    closers.push(() => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    // A reset ends it too: what was answered before it counts.
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

const request = (line: string, more = '') => `${line} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

async function checkText(line: string, expected: RegExp, more?: string): Promise<string> {
  const { port } = await start();
  const text = await exchange(port, request(line, more));
  expect(text).toMatch(expected);
  expect(text).not.toMatch(/canary|x-powered-by|^server:|node|\n +at /im);
  return text;
}

async function check(line: string, expected: RegExp, more?: string): Promise<void> {
  await checkText(line, expected, more);
}

test('a page, its status and its headers', async () => {
  const text = await checkText('GET /livez', /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nalive: ü\n$/);
  expect(text.toLowerCase()).toContain('content-length: 10\r\n');
  for (const header of ['cache-control: no-store', 'x-content-type-options: nosniff', 'connection: close']) {
    expect(text.toLowerCase()).toContain(`${header}\r\n`);
  }
  await check('GET /readyz', /^HTTP\/1\.1 503 .*\r\n[^]*\r\n\r\nnot yet\n$/);
});
test('HEAD has no body', () => check('HEAD /livez', /^HTTP\/1\.1 200 [^]*content-length: 10\r\n[^]*\r\n\r\n$/i));
test('a query is nobody’s business', () => check('GET /livez?verbose=1', /^HTTP\/1\.1 200 /));
test('a page that fails says nothing', () => check('GET /metrics', /^HTTP\/1\.1 500 [^]*\r\n\r\ninternal error\n$/));
test.each([
  '/',
  '/livez/',
  '/LIVEZ',
  '//livez',
  '/../livez',
  '/%6civez',
  '/livez%00',
  'http://x/livez',
  '*',
  '/__proto__',
  '/constructor',
  `/${'x'.repeat(7000)}`,
])('GET %s is not found', (path) => check(`GET ${path}`, /^HTTP\/1\.1 404 [^]*\r\n\r\nnot found\n$/));
test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('%s is not allowed', async (method) => {
  const text = await checkText(`${method} /livez`, /^HTTP\/1\.1 405 /);
  expect(text.toLowerCase()).toContain('allow: get, head\r\n');
});
test('what is no HTTP', async () => {
  const { port } = await start();
  expect(await exchange(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(port, '\u0000\u0001\u0002'.repeat(1000))).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(port, 'GET /livez HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(port, 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  expect(await exchange(port, request('GET /livez'))).toMatch(/^HTTP\/1\.1 200 /);
});
test('a head over 8 KiB', () => check('GET /livez', /^HTTP\/1\.1 431 /, `X-Long: ${'x'.repeat(9000)}\r\n`));
test('a body is not read, announced or not', async () => {
  await check('GET /livez', /^HTTP\/1\.1 200 /, `Content-Length: 999999999\r\n`);
  await check('POST /livez', /^HTTP\/1\.1 405 /, 'Transfer-Encoding: chunked\r\n');
  await check('POST /livez', /^HTTP\/1\.1 405 /, 'Expect: 100-continue\r\nContent-Length: 5\r\n');
});
test('an upgrade is answered as any request', () =>
  check('GET /livez', /^HTTP\/1\.1 200 /, 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
test('a second request on one connection is not answered', async () => {
  const { port } = await start();
  const text = await exchange(port, request('GET /livez').repeat(3));
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('many at once', async () => {
  const { port } = await start();
  const answers = await Promise.all(Array.from({ length: 60 }, () => exchange(port, request('GET /livez'))));
  expect(answers.filter((text) => !text.startsWith('HTTP/1.1 200 '))).toEqual([]);
});

test('close hangs up on whoever says nothing, and frees the port', async () => {
  const server = await start();
  const { port } = server;
  const idle = await new Promise<{ readonly ended: Promise<string> }>((resolve) => {
    const ended = exchange(port, '', () => resolve({ ended }));
  });
  await server.close();
  expect(await idle.ended).toBe('');
  const again = await startStatusServer({ host: '127.0.0.1', port, pages: PAGES });
  expect(again.kind).toBe('listening');
  if (again.kind === 'listening') await again.server.close();
});

test('a port that is taken is told; another reason is a failure', async () => {
  const { port } = await start();
  const taken = await startStatusServer({ host: '127.0.0.1', port, pages: PAGES });
  expect(taken).toMatchObject({ kind: 'taken', failure: { code: 'status-unavailable', retry: 'later' } });
  if (taken.kind === 'taken')
    expect(taken.failure.message).toBe(`could not listen on 127.0.0.1, port ${port}: EADDRINUSE`);
  // An address of documentation: no machine has it.
  await expect(startStatusServer({ host: '192.0.2.1', port: 0, pages: PAGES })).rejects.toMatchObject({
    code: 'status-unavailable',
    message: 'could not listen on 192.0.2.1, port 0: EADDRNOTAVAIL',
  });
});
