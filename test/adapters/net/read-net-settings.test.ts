import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/adapters/net/net-settings.ts';
import { type AskedNetwork, readNetSettings } from '../../../src/adapters/net/read-net-settings.ts';
import { Failure } from '../../../src/domain/failure.ts';

const NOTHING: AskedNetwork = { proxy: null, proxyPlace: 'the file', noProxy: null, caFile: null };

/** The proxy for https://a.example and http://a.example, as host:port or null. */
function check(
  environment: Record<string, string>,
  expected: readonly (string | null)[],
  asked: Partial<AskedNetwork> = {},
) {
  const net = readNetSettings({ ...NOTHING, ...asked }, environment);
  const urls = ['https://a.example/x', 'http://a.example/x'];
  expect(urls.map((url) => proxyFor(net, new URL(url))?.name ?? null)).toEqual(expected);
}

test('each scheme has its variable, in either case; the lower one wins', () => {
  check({}, [null, null]);
  check({ HTTPS_PROXY: 'http://one:3128' }, ['one:3128', null]);
  check({ HTTP_PROXY: 'http://one:3128' }, [null, 'one:3128']);
  check({ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://high:2', http_proxy: 'http://low:3' }, ['low:1', 'low:3']);
  check({ https_proxy: '', HTTPS_PROXY: 'http://high:2' }, [null, null]);
});

test('ports, schemes and brackets', () => {
  check({ HTTPS_PROXY: 'proxy.example' }, ['proxy.example:80', null]);
  check({ HTTPS_PROXY: 'https://proxy.example/' }, ['proxy.example:443', null]);
  check({ HTTPS_PROXY: ' 10.0.0.1:8080\n' }, ['10.0.0.1:8080', null]);
  check({ HTTPS_PROXY: 'http://[fd00::1]:8080' }, ['[fd00::1]:8080', null]);
});

test('the configuration wins, for both schemes and for what is exempted', () => {
  const environment = { HTTPS_PROXY: 'http://one:1', NO_PROXY: 'a.example' };
  check(environment, [null, null]);
  check(environment, [null, null], { proxy: 'http://two:2' });
  check(environment, ['two:2', 'two:2'], { proxy: 'http://two:2', noProxy: [] });
  check(environment, ['one:1', null], { noProxy: ['b.example'] });
  check({ no_proxy: 'a.example:80', HTTPS_PROXY: 'one:1', HTTP_PROXY: 'one:1' }, ['one:1', null]);
});

test('user and password become a header, and are nowhere else', () => {
  const net = readNetSettings(NOTHING, { HTTPS_PROXY: 'http://us%40er:p%3Ass%2Fword@proxy:1' });
  const header = net.secureProxy?.authorization() ?? '';
  expect(Buffer.from(header.slice('Basic '.length), 'base64').toString()).toBe('us@er:p:ss/word');
  expect(JSON.stringify(net)).not.toMatch(/us|ss|Basic/);
  expect(readNetSettings(NOTHING, { HTTPS_PROXY: 'proxy:1' }).secureProxy?.authorization()).toBe(null);
});

test.each([
  'socks5://canary:x@proxy:1',
  'file:///etc/canary',
  'http://canary:x@proxy:1/path',
  'http://proxy:1?canary',
  'http://canary:%zz@proxy:1',
  'http://canary:%ff@proxy:1',
  'http://canary:x@proxy:99999',
  'http://canary:x@',
  'canary x',
  'http://canary\u0000:x@ /',
  `http://canary:${'x'.repeat(5000)}@proxy:1`,
])('no proxy: %s', (text) => {
  for (const read of [
    () => readNetSettings(NOTHING, { HTTPS_PROXY: text }),
    () => readNetSettings({ ...NOTHING, proxy: text }, {}),
  ]) {
    const error = failureOf(read);
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(/^(the environment variable HTTPS_PROXY|the file) /);
    expect(error.message + error.hint + String(error.stack)).not.toContain('canary');
  }
});

function failureOf(read: () => unknown): Failure {
  try {
    read();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
