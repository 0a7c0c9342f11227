import { encryptKey, generateKey, type PrivateKey, revokeKey } from 'openpgp';
import { afterAll, expect, test } from 'vitest';
import { createOpenPgpSigner } from '../../../src/adapters/signing/openpgp-signer.ts';
import type { Signer } from '../../../src/ports.ts';
import { expectFailure } from '../../contracts/workspace.ts';
import { openGitWorld } from '../git/git-world.ts';
import { hasTool, openKeyFolder, publishSigned, verifyCommit } from './signed-repository.ts';

const keys = await openKeyFolder();
const world = await openGitWorld();
afterAll(() => Promise.all([keys.remove(), world.close()]));
const hasGpg = await hasTool('gpg', ['--version']);

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const CANARY = 'canary-of-the-key';

function signer(key: string, passphrase: string | null = null, now = NOW): Signer {
  const source = { key: async () => key.trim(), passphrase: passphrase === null ? null : async () => passphrase };
  return createOpenPgpSigner(source, () => now);
}

async function keyOf(more: Readonly<Record<string, unknown>> = {}): Promise<PrivateKey> {
  const userIDs = [{ name: 'gitops-reloader', email: 'bot@acme.example' }];
  const date = new Date(NOW - 10 * DAY);
  const made = await generateKey({ type: 'ecc', curve: 'ed25519Legacy', userIDs, date, format: 'object', ...more });
  return made.privateKey;
}

test.skipIf(!hasGpg)('git verifies a commit signed by a key of gpg, which is the same each time', async () => {
  const gpg = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await keys.run('gpg', [...gpg, '--quick-generate-key', 'gitops-reloader <bot@acme.example>', 'ed25519', 'sign']);
  const key = await keys.run('gpg', [...gpg, '--armor', '--export-secret-keys']);
  const own = signer(key, null, Date.now());
  const { dir, first, second } = await publishSigned(world, own);
  expect(second).toBe(first);
  expect(await verifyCommit(keys, dir, first)).toContain('GOODSIG');
  const { name, emails, expiresAt } = await own.describe();
  expect(await keys.run('gpg', ['--list-keys', '--with-colons'])).toContain(`:${name.replace('OpenPGP key ', '')}:`);
  expect(emails).toEqual(['bot@acme.example']);
  expect(expiresAt === null || expiresAt > Date.now()).toBe(true);
});

test('the same commit gets the same signature, another time another one', async () => {
  const own = signer((await keyOf()).armor());
  const [payload, time] = [Buffer.from('tree\n'), NOW / 1000];
  const signature = await own.sign(payload, time);
  expect(signature).toMatch(/^-----BEGIN PGP SIGNATURE-----\n/);
  expect(await own.sign(payload, time)).toBe(signature);
  expect(await own.sign(payload, time + 1)).not.toBe(signature);
});

test('what is older than the key is signed as of when the key began', async () => {
  const own = signer((await keyOf()).armor());
  const long = await own.sign(Buffer.from('x'), 0);
  expect(await own.sign(Buffer.from('x'), NOW / 1000 - 400 * 86_400)).toBe(long);
  expect(await own.sign(Buffer.from('x'), NOW / 1000 - 10 * 86_400)).toBe(long);
});

test('a key with a passphrase', async () => {
  const locked = (await encryptKey({ privateKey: await keyOf(), passphrase: 'grüße' })).armor();
  expect((await signer(locked, 'grüße').describe()).name).toMatch(/^OpenPGP key [0-9A-F]{40}$/);
  expect((await expectFailure(signer(locked).describe(), {})).message).toContain('no passphrase is configured');
  const wrong = await expectFailure(signer(locked, CANARY).describe(), { code: 'config-invalid', retry: 'never' });
  expect(wrong.message).toContain('the passphrase does not open the OpenPGP key');
  expect(`${wrong.message} ${wrong.hint}`).not.toContain(CANARY);
  expect(wrong.cause).toBe(undefined);
});

test('a key that may not sign now, and what is no private key, is refused with the reason', async () => {
  const short = await keyOf({ keyExpirationTime: 9 * 86_400 });
  const future = await keyOf({ date: new Date(NOW + DAY) });
  const other = await keyOf();
  const revoked = (await revokeKey({ key: await keyOf(), format: 'object', date: new Date(NOW - DAY) })).privateKey;
  const damaged = other.armor().replace(/\n(\S{10})(?=\S{50})/, `\n${'A'.repeat(10)}`);
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    [short.armor(), /expired on 2026-05-31/],
    [future.armor(), /made in the future/],
    [revoked?.armor() ?? '', /revoked/],
    [other.armor() + other.armor(), /more than one/],
    [other.toPublic().armor(), /public key/],
    [damaged, /no armored OpenPGP private key|no part of the OpenPGP key/],
    ['', /no armored/],
    [CANARY, /no armored/],
    [`-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${CANARY}\n-----END PGP PRIVATE KEY BLOCK-----`, /no armored/],
  ];
  for (const [text, says] of cases) {
    for (const work of [() => signer(text).describe(), () => signer(text).sign(Buffer.from('x'), NOW / 1000)]) {
      const failure = await expectFailure(work(), { code: 'config-invalid', retry: 'never' });
      expect(failure.message).toMatch(says);
      expect(`${failure.message} ${failure.hint}`).not.toContain(CANARY);
    }
  }
});
