import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createHttpClient } from '../../../src/adapters/net/http-request.ts';
import type { NetSettings } from '../../../src/adapters/net/net-settings.ts';
import { readNetSettings } from '../../../src/adapters/net/read-net-settings.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../src/demo/loopback.ts';
import { CA_FILE, type LoopbackProxy, portOf, startProxy, startTlsFront, type TlsFront } from './loopback-proxy.ts';

const NEVER = new AbortController().signal;
let host: LoopbackServer;
let plain: LoopbackServer;
let front: TlsFront;
let proxy: LoopbackProxy;
/** Credentials that arrived where they were not meant to. */
const strangers: string[] = [];
let location = '';

beforeAll(async () => {
  host = await listenOnLoopback(async (request, response) => {
    if (request.url !== '/moved') response.end(`here ${request.headers.authorization}`);
    else response.writeHead(301, { location }).end();
  });
  plain = await listenOnLoopback(async (request, response) => {
    strangers.push(String(request.headers.authorization));
    response.end();
  });
  front = await startTlsFront(portOf(host.url));
  proxy = await startProxy();
  proxy.route('git.acme.test', front.port);
  proxy.route('other.acme.test', portOf(plain.url));
});
afterAll(() => Promise.all([host, plain, front, proxy].map((one) => one.close())));

/** One client for all requests of a test; `address`: of its proxy. */
function following(address: string | null): (origin: string, to: string) => Promise<string> {
  const net: NetSettings = readNetSettings({ proxy: address, proxyPlace: 'here', noProxy: null, caFile: CA_FILE }, {});
  const client = createHttpClient({}, net);
  onTestFinished(() => client.close());
  return async (origin, to) => {
    location = to;
    const request = {
      method: 'GET',
      url: new URL(`${origin}/moved`),
      headers: { authorization: 'canary' },
      body: null,
    };
    const answer = await client.send({ ...request, signal: NEVER });
    return answer.kind === 'answer' ? answer.body.toString() : answer.reason;
  };
}

test('over TLS: within the origin it is followed; to no TLS, another port or another name it is not', async () => {
  const origin = `https://127.0.0.1:${front.port}`;
  const follow = following(null);
  expect(await follow(origin, '/here')).toBe('here canary');
  for (const to of [
    `http://127.0.0.1:${front.port}/here`,
    `http://127.0.0.1:${portOf(plain.url)}/here`,
    `//127.0.0.1:${portOf(plain.url)}/here`,
    `https://localhost:${front.port}/here`,
    `https://canary@127.0.0.1:${front.port}/here`,
  ]) {
    expect(await follow(origin, to)).toBe('redirected');
  }
  expect(strangers).toEqual([]);
});

test('through a proxy: the same', async () => {
  const follow = following(`http://127.0.0.1:${proxy.port}`);
  expect(await follow('https://git.acme.test', '/here')).toBe('here canary');
  for (const to of ['http://git.acme.test/here', 'https://other.acme.test/here', 'https://git.acme.test:8443/here']) {
    expect(await follow('https://git.acme.test', to)).toBe('redirected');
  }
  expect([strangers, proxy.targets.every((one) => one === 'git.acme.test:443')]).toEqual([[], true]);
});
