import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey } from 'openpgp';
import { afterAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { LogFields } from '../../src/ports.ts';
import { signingFound, tellSigning } from '../../src/wire/signing/tell-signing.ts';
import { load, MINIMAL, swap } from '../config/samples.ts';
import { expectFailure } from '../contracts/workspace.ts';

const folder = await mkdtemp(join(tmpdir(), 'signing-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);
const CANARY = 'canary-passphrase';
const ed25519 = generateKeyPairSync('ed25519').privateKey;
await writeFile(path('ssh'), ed25519.export({ type: 'pkcs8', format: 'pem' }));
await writeFile(
  path('locked'),
  ed25519.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: CANARY }),
);
await writeFile(path('pass'), `${CANARY}\n`);
await writeFile(path('empty'), '');
const made = await generateKey({
  type: 'ecc',
  curve: 'ed25519Legacy',
  userIDs: [{ email: 'bot@acme.example' }],
  keyExpirationTime: 10 * 86_400,
});
await writeFile(path('pgp'), made.privateKey);

/** A configuration whose commits are signed like this. */
function configWith(format: string, key: string, more = '', author = 'Bot <bot@acme.example>'): Config {
  const signing = `signing: {format: ${format}, keyFile: ${path(key)}${more}}`;
  const commit = `commit: {author: "${author}", ${signing}}`;
  return load(swap(MINIMAL, 'branches: [{base: main}]', `branches: [{base: main}]\n      ${commit}`));
}

/** What `run` logs of it, level first. */
async function logged(config: Config): Promise<readonly (readonly [string, string])[]> {
  const lines: (readonly [string, string])[] = [];
  const at = (level: string) => (_: LogFields, message: string) => void lines.push([level, message]);
  await tellSigning(config, { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
  return lines;
}

test('without a key nothing is said', async () => {
  expect(await signingFound(load(MINIMAL))).toEqual([]);
  expect(await logged(load(MINIMAL))).toEqual([]);
});

test('commits by GitHub are signed for an App, and not for a token', async () => {
  const byToken = swap(MINIMAL, 'branches: [{base: main}]', 'branches: [{base: main}]\n      commit: {via: api}');
  expect((await signingFound(load(byToken)))[0]).toMatchObject({
    ok: true,
    detail: expect.stringContaining('not signed'),
  });
  expect(await logged(load(byToken))).toEqual([['warn', 'commits are not signed']]);
  const byApp = load(swap(byToken, '{token: {env: GITHUB_TOKEN}}', '{app: {id: 1, privateKeyFile: /k}}'));
  expect(await signingFound(byApp)).toMatchObject([{ subject: 'commits of platform', ok: true, hint: null }]);
  expect(await logged(byApp)).toEqual([]);
});

test('a key that signs is named, with or without a passphrase', async () => {
  const locked = configWith('ssh', 'locked', `, passphraseFile: ${path('pass')}`);
  for (const config of [configWith('ssh', 'ssh'), locked]) {
    const [finding] = await signingFound(config);
    expect(finding).toMatchObject({ subject: 'signing key of platform', ok: true, hint: null });
    expect(finding?.detail).toMatch(/^SSH key ssh-ed25519 SHA256:\S{43}$/);
    expect(await logged(config)).toEqual([['info', 'commits are signed']]);
  }
});

test('a key that expires soon, or names somebody else, is noted', async () => {
  const soon = configWith('openpgp', 'pgp');
  expect((await signingFound(soon))[0]?.detail).toMatch(/^OpenPGP key [0-9A-F]{40}, expires on \d{4}-\d\d-\d\d$/);
  expect((await signingFound(soon))[0]?.hint).toMatch(/^It expires on /);
  expect(await logged(soon)).toEqual([
    ['info', 'commits are signed'],
    ['warn', 'a signing key needs a look'],
  ]);
  const lasting = await generateKey({ type: 'ecc', curve: 'ed25519Legacy', userIDs: [{ email: 'bot@acme.example' }] });
  await writeFile(path('lasting'), lasting.privateKey);
  expect((await signingFound(configWith('openpgp', 'lasting')))[0]?.hint).toBe(null);
  const [other] = await signingFound(configWith('openpgp', 'lasting', '', 'Bot <other@acme.example>'));
  expect(other?.hint).toContain('another address than commit.author');
});

const REFUSED: readonly (readonly [format: string, key: string, more: string, says: readonly [string, RegExp]])[] = [
  ['ssh', 'none', '', ['file-unreadable', /could not read the credential file .*ENOENT/]],
  ['ssh', 'empty', '', ['file-unreadable', /is empty/]],
  ['ssh', 'locked', '', ['config-invalid', /no passphrase is configured/]],
  ['ssh', 'locked', `, passphraseFile: ${path('ssh')}`, ['config-invalid', /does not open/]],
  ['ssh', 'pgp', '', ['config-invalid', /no SSH private key/]],
  ['openpgp', 'ssh', '', ['config-invalid', /no armored OpenPGP private key/]],
];

test.each(REFUSED)('%s from %s%s: refused at the start, and found by doctor', async (format, key, more, expected) => {
  const config = configWith(format, key, more);
  const failure = await expectFailure(tellSigning(config, { ...console }), { code: expected[0], retry: 'never' });
  expect(failure.message).toMatch(/^repository platform: /);
  expect(failure.message).toMatch(expected[1]);
  const [finding] = await signingFound(config);
  expect(finding?.ok).toBe(false);
  for (const text of [failure.message, failure.hint, finding?.detail]) expect(text).not.toContain(CANARY);
});
