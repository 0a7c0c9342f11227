import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient } from '../../../src/adapters/net/http-request.ts';
import { readNetSettings } from '../../../src/adapters/net/read-net-settings.ts';
import { listenOnLoopback } from '../../../src/demo/loopback.ts';
import { CA_FILE, portOf, startTlsFront, type TlsFront } from './loopback-proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'authorities-'));
const host = await listenOnLoopback(async (_, response) => void response.end('answered'));
let front: TlsFront;
beforeAll(async () => {
  front = await startTlsFront(portOf(host.url));
});
afterAll(async () => {
  await Promise.all([front.close(), host.close()]);
  rmSync(folder, { recursive: true });
});

function path(name: string): string {
  return join(folder, name);
}

function netWith(caFile: string, environment: Record<string, string> = {}) {
  return readNetSettings({ proxy: null, proxyPlace: '', noProxy: null, caFile }, environment);
}

/** What comes of a new connection to the TLS server of the tests. */
async function ask(net: ReturnType<typeof netWith>): Promise<string> {
  const client = createHttpClient({}, net);
  const url = new URL(`https://localhost:${front.port}`);
  const answer = await client.send({
    method: 'GET',
    url,
    headers: {},
    body: null,
    signal: new AbortController().signal,
  });
  client.close();
  return answer.kind === 'answer' ? answer.body.toString() : answer.reason;
}

test('a file that is replaced is read again; one that cannot be used leaves what was there', async () => {
  // A certificate that signs nothing here: of the host itself, but not an authority.
  const other = readFileSync('fixtures/tls/other-ca.pem', 'utf8');
  writeFileSync(path('ca.crt'), other);
  const net = netWith(path('ca.crt'));
  expect(await ask(net)).toBe('untrusted');
  writeFileSync(path('new'), `# both\n${other}\n${readFileSync(CA_FILE, 'utf8')}`);
  renameSync(path('new'), path('ca.crt'));
  expect(await ask(net)).toBe('answered');
  writeFileSync(path('ca.crt'), '-----BEGIN CERTIFICATE-----\nhalf');
  expect(await ask(net)).toBe('answered');
  rmSync(path('ca.crt'));
  expect(await ask(net)).toBe('answered');
  writeFileSync(path('ca.crt'), other);
  expect(await ask(net)).toBe('untrusted');
});

test('what NODE_EXTRA_CA_CERTS names is still trusted', async () => {
  copyFileSync('fixtures/tls/other-ca.pem', path('other.crt'));
  expect(await ask(netWith(path('other.crt'), { NODE_EXTRA_CA_CERTS: CA_FILE }))).toBe('answered');
  expect(await ask(netWith(path('other.crt'), { NODE_EXTRA_CA_CERTS: path('none') }))).toBe('untrusted');
});

test('what cannot be used at the beginning says which file, and what it lacks', () => {
  writeFileSync(path('empty'), '');
  writeFileSync(path('key'), '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n');
  writeFileSync(path('broken'), '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n');
  writeFileSync(path('large'), Buffer.alloc(4 * 1024 * 1024 + 1));
  execFileSync('mkfifo', [path('pipe')]);
  const reasons = {
    empty: 'no certificate',
    key: 'no certificate',
    broken: 'is not one',
    large: 'longer',
    pipe: 'no file',
  };
  for (const [name, reason] of Object.entries({ ...reasons, none: 'ENOENT', '.': 'no file' })) {
    expect(() => netWith(path(name))).toThrow(reason);
    expect(() => netWith(path(name))).not.toThrow('canary');
  }
});
