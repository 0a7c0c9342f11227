import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createSshSigner } from '../../../src/adapters/signing/ssh-signer.ts';
import { sshString } from '../../../src/adapters/signing/ssh-wire.ts';
import { expectFailure } from '../../contracts/workspace.ts';
import { openGitWorld } from '../git/git-world.ts';
import { hasTool, openKeyFolder, publishSigned, verifyCommit } from './signed-repository.ts';

const keys = await openKeyFolder();
const world = await openGitWorld();
afterAll(() => Promise.all([keys.remove(), world.close()]));
const canSign = await hasTool('ssh-keygen', ['-Y', 'none']);

function signer(key: string, passphrase: string | null = null) {
  return createSshSigner({
    key: async () => key.trim(),
    passphrase: passphrase === null ? null : async () => passphrase,
  });
}

test.skipIf(!canSign)('git verifies a commit signed by a key of ssh-keygen, which is the same each time', async () => {
  await keys.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', 'ed25519']);
  const own = signer(await keys.read('ed25519'));
  const { dir, first, second } = await publishSigned(world, own);
  expect(second).toBe(first);
  const allowed = await keys.file('allowed', `bot@acme.example ${await keys.read('ed25519.pub')}`);
  const settings = ['gpg.format=ssh', `gpg.ssh.allowedSignersFile=${allowed}`];
  expect(await verifyCommit(keys, dir, first, settings)).toContain('Good "git" signature for bot@acme.example');
  const { name } = await own.describe();
  expect(name).toBe(`SSH key ssh-ed25519 ${(await keys.run('ssh-keygen', ['-lf', 'ed25519.pub'])).split(' ')[1]}`);
});

const ed25519 = generateKeyPairSync('ed25519');
const CANARY = 'canary-of-the-key';

test('what is no private key of a known kind is refused, and never quoted', async () => {
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    ['', /no SSH private key/],
    [CANARY, /no SSH private key/],
    [`ssh-ed25519 ${CANARY}`, /public key/],
    [ed25519.publicKey.export({ format: 'pem', type: 'spki' }).toString(), /no SSH private key/],
    [`-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`, /no whole/],
    [`-----BEGIN OPENSSH PRIVATE KEY-----\n${CANARY}\n-----END OPENSSH PRIVATE KEY-----`, /no whole/],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', /no whole/],
    [openSsh(Buffer.alloc(400, 0xff)), /no whole/],
    [openSsh(Buffer.alloc(0)), /no whole/],
    [openSsh(halves(false)), /no whole/],
    [pem(ed25519.privateKey).repeat(2), /more than one/],
    [pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), /less than 2048 bits/],
    [pem(generateKeyPairSync('ed448').privateKey), /kind that is not known/],
  ];
  for (const [text, says] of cases) {
    const failure = await expectFailure(signer(text).describe(), { code: 'config-invalid', retry: 'never' });
    expect(failure.message).toMatch(says);
    expect(`${failure.message} ${failure.hint}`).not.toContain(CANARY);
    expect(failure.cause).toBe(undefined);
    await expectFailure(signer(text).sign(Buffer.from('x'), 0), { code: 'config-invalid' });
  }
});

test('a PEM key with a passphrase', async () => {
  const options = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'grüße' } as const;
  const locked = ed25519.privateKey.export(options).toString();
  expect((await signer(locked, 'grüße').describe()).name).toMatch(/^SSH key ssh-ed25519 SHA256:/);
  expect((await expectFailure(signer(locked).describe(), {})).message).toContain('no passphrase is configured');
  expect((await expectFailure(signer(locked, 'other').describe(), {})).message).toContain('does not open');
});

test('a key file that is replaced is used at once', async () => {
  const files = [ed25519.privateKey, generateKeyPairSync('ed25519').privateKey];
  let at = 0;
  const own = createSshSigner({
    key: async () => files[at]?.export({ format: 'pem', type: 'pkcs8' }).toString().trim() ?? '',
    passphrase: null,
  });
  const before = await own.sign(Buffer.from('x'), 0);
  expect(await own.sign(Buffer.from('x'), 1)).toBe(before);
  at = 1;
  expect(await own.sign(Buffer.from('x'), 0)).not.toBe(before);
});

/** An Ed25519 key as OpenSSH keeps it, plain; its public half may be that of another one. */
function halves(fit: boolean): Buffer {
  const { x = '', d = '' } = ed25519.privateKey.export({ format: 'jwk' });
  const own = Buffer.from(x, 'base64url');
  const other = Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const secret = [Buffer.alloc(8), sshString('ssh-ed25519'), sshString(fit ? own : other)];
  const pair = sshString(Buffer.concat([Buffer.from(d, 'base64url'), own]));
  return Buffer.concat([
    ...['none', 'none', ''].map((text) => sshString(text)),
    Buffer.of(0, 0, 0, 1),
    sshString(''),
    sshString(Buffer.concat([...secret, pair, sshString('')])),
  ]);
}

test("a key in OpenSSH's own format is the same key", async () => {
  expect(await signer(openSsh(halves(true))).describe()).toEqual(await signer(pem(ed25519.privateKey)).describe());
});

/** Any bytes where OpenSSH's own format stands. */
function openSsh(bytes: Buffer): string {
  const data = Buffer.concat([Buffer.from('openssh-key-v1\0'), bytes]).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${data}\n-----END OPENSSH PRIVATE KEY-----`;
}

function pem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
