import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHttpClient, type HttpLimits } from '../../../src/adapters/net/http-request.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { netFailure } from '../../../src/adapters/net/net-failure.ts';
import type { NetSettings } from '../../../src/adapters/net/net-settings.ts';
import { readNetSettings } from '../../../src/adapters/net/read-net-settings.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../src/demo/loopback.ts';
import { waitUntil } from '../../../src/demo/program-process.ts';
import { CA_FILE, type LoopbackProxy, portOf, startProxy, startTlsFront, type TlsFront } from './loopback-proxy.ts';

const PASSWORD = 'canary:p@ss/word';
const USER = `user:${encodeURIComponent(PASSWORD)}@`;
const NEVER = new AbortController().signal;

let host: LoopbackServer;
let front: TlsFront;
let proxy: LoopbackProxy;
let secureProxy: LoopbackProxy;
/** Bodies that arrived, with the port that they came from. */
const seen: string[] = [];

beforeAll(async () => {
  host = await listenOnLoopback(async (request, response, body) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url} ${body.toString()}`);
    if (request.url === '/never') return;
    response.end('answered');
  });
  front = await startTlsFront(portOf(host.url));
  [proxy, secureProxy] = await Promise.all([startProxy(), startProxy('https')]);
  for (const one of [proxy, secureProxy]) {
    one.route('git.acme.test', front.port);
    one.route('plain.acme.test', portOf(host.url));
    one.route('stranger.example', front.port);
    one.demand('user', PASSWORD);
  }
});
afterAll(() => Promise.all([host, front, proxy, secureProxy].map((one) => one.close())));
beforeEach(() => {
  proxy.behave('carry');
  usual ??= through(whole());
});

function through(
  address: string,
  environment: Record<string, string> = {},
  caFile: string | null = CA_FILE,
): NetSettings {
  return readNetSettings({ proxy: address, proxyPlace: 'here', noProxy: null, caFile }, environment);
}

/** The proxy with its password, as a person would write it. */
const whole = () => `http://${USER}127.0.0.1:${proxy.port}`;
let usual: NetSettings;

async function ask(url: string, net: NetSettings, limits: Partial<HttpLimits> = {}, signal = NEVER) {
  const client = createHttpClient(limits, net);
  try {
    const body = Buffer.from('hello');
    const answer = await client.send({ method: 'POST', url: new URL(url), headers: {}, body, signal });
    return answer.kind === 'answer' ? `${answer.status} ${answer.body.toString()}` : answer;
  } finally {
    client.close();
  }
}

/** Asks in vain; the failure names the proxy, not its password. */
async function refused(expected: object, net = usual, limits: Partial<HttpLimits> = {}) {
  const error = await ask('https://git.acme.test/x', net, limits);
  if (typeof error === 'string') throw new Error(error);
  const { code, retry, message, hint } = netFailure('git', 'list the refs', error);
  expect({ reason: error.reason, sent: error.sent, code, retry }).toMatchObject(expected);
  expect(hint).toContain(`127.0.0.1:`);
  expect(JSON.stringify([error, message, hint])).not.toMatch(/canary|Basic|user:/);
  return message;
}

test('https goes through a tunnel, by name, and the connection is used again', async () => {
  const before = proxy.targets.length;
  const client = createHttpClient({}, usual);
  for (const path of ['/one', '/two']) {
    const request = {
      method: 'GET',
      url: new URL(`https://git.acme.test${path}`),
      headers: {},
      body: null,
      signal: NEVER,
    };
    expect(await client.send(request)).toMatchObject({ kind: 'answer', status: 200 });
  }
  client.close();
  expect(proxy.targets.slice(before)).toEqual(['git.acme.test:443']);
  expect(seen.slice(-2)).toEqual(['GET git.acme.test /one ', 'GET git.acme.test /two ']);
});

test('plain http is tunnelled too, and so is fetch', async () => {
  expect(await ask('http://plain.acme.test:8080/x', usual)).toBe('200 answered');
  expect(proxy.targets.at(-1)).toBe('plain.acme.test:8080');
  const fetch = createLimitedFetch({}, usual);
  expect(await (await fetch('https://git.acme.test/api')).text()).toBe('answered');
});

test('the way to the proxy may be TLS itself', async () => {
  expect(await ask('https://git.acme.test/x', through(`https://${USER}localhost:${secureProxy.port}`))).toBe(
    '200 answered',
  );
  const untrusted = through(`https://${USER}localhost:${secureProxy.port}`, {}, null);
  expect(await ask('https://git.acme.test/x', untrusted)).toMatchObject({ reason: 'proxy-failed', sent: false });
});

test('this machine and exempted hosts are asked directly', async () => {
  const before = proxy.targets.length;
  expect(await ask(`${host.url}/x`, usual)).toBe('200 answered');
  expect(await ask(`https://localhost:${front.port}/x`, usual)).toBe('200 answered');
  // On this machine too, but by an address that says nothing of it.
  const elsewhere = `http://0.0.0.0:${portOf(host.url)}/x`;
  expect(await ask(elsewhere, through(whole(), { NO_PROXY: '0.0.0.0/8' }))).toBe('200 answered');
  expect(proxy.targets.length).toBe(before);
  expect(await ask(elsewhere, usual)).toMatchObject({ reason: 'proxy-failed' });
});

test('a private authority is trusted where its file is named, and only for its own names', async () => {
  expect(await ask(`https://localhost:${front.port}/x`, through(whole(), {}, null))).toMatchObject({
    reason: 'untrusted',
  });
  expect(await ask('https://stranger.example/', usual)).toMatchObject({
    reason: 'untrusted',
    detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  });
});

test('a proxy that refuses', async () => {
  const wrong = through(`http://user:canary-wrong@127.0.0.1:${proxy.port}`);
  const name = `127.0.0.1:${proxy.port}`;
  expect(await refused({ reason: 'proxy-refused', retry: 'never', code: 'git-unreachable' }, wrong)).toBe(
    `could not list the refs: the proxy ${name} answered 407`,
  );
  for (const [status, retry] of [
    [403, 'never'],
    [502, 'later'],
    [503, 'later'],
    [302, 'never'],
  ] as const) {
    proxy.behave(status);
    expect(await refused({ retry, sent: false })).toBe(`could not list the refs: the proxy ${name} answered ${status}`);
  }
});

test('a proxy that is not there, closes, cuts or speaks for the host', async () => {
  for (const manner of ['close', 'cut', 'meddle'] as const) {
    proxy.behave(manner);
    await refused({ reason: 'proxy-failed', retry: 'later', sent: false });
  }
  const gone = await startProxy();
  await gone.close();
  expect(await refused({ retry: 'later' }, through(`127.0.0.1:${gone.port}`))).toContain('ECONNREFUSED');
});

test('a proxy that hangs, before and behind its answer: the limit holds, and nothing is left open', async () => {
  const open = proxy.open();
  for (const manner of ['hang', 'silent'] as const) {
    proxy.behave(manner);
    expect(await refused({ reason: 'proxy-failed' }, undefined, { connectMilliseconds: 60 })).toContain('within 60 ms');
  }
  await waitUntil('no connection is left', () => proxy.open() <= open);
});

test('an abort holds through the proxy: while it opens, and while the host is silent', async () => {
  const open = proxy.open();
  for (const [manner, path, sent] of [
    ['hang', '/x', false],
    ['carry', '/never', true],
  ] as const) {
    proxy.behave(manner);
    const before = [proxy.targets.length, seen.length];
    const stop = new AbortController();
    const asked = ask(`https://git.acme.test${path}`, usual, {}, stop.signal);
    await waitUntil(
      'it is under way',
      () => (sent ? seen.length : proxy.targets.length) > Number(before[sent ? 1 : 0]),
    );
    stop.abort();
    expect(await asked).toMatchObject({ reason: 'aborted', sent });
  }
  await waitUntil('no connection is left', () => proxy.open() <= open);
});

test('time limits hold through the proxy', async () => {
  const answer = await ask('https://git.acme.test/never', usual, { totalMilliseconds: 1000 });
  expect(answer).toMatchObject({ reason: 'timeout', sent: true });
});

test('settings never show the password', () => {
  expect(JSON.stringify(usual)).not.toMatch(/canary|Basic/);
});
