import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createSshSigner } from '../../../src/adapters/signing/ssh-signer.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { openGitWorld, TRANSPORTS } from '../git/git-world.ts';
import { hasTool, openKeyFolder, publishSigned, verifyCommit } from './signed-repository.ts';

const keys = await openKeyFolder();
const world = await openGitWorld();
afterAll(() => Promise.all([keys.remove(), world.close()]));
const canSign = await hasTool('ssh-keygen', ['-Y', 'none']);

const KINDS = [
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['rsa', '3072'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
] as const;
const FORMATS = ['OPENSSH', 'PEM', 'PKCS8'] as const;
const LOCKS = [
  [null, ''],
  ['a pass phrase of möre words', 'aes256-ctr'],
  ['short', 'aes256-cbc'],
] as const;

const MATRIX = TRANSPORTS.flatMap(([transport]) =>
  KINDS.flatMap(([type, bits]) =>
    FORMATS.flatMap((format) => LOCKS.map(([pass, cipher]) => ({ transport, type, bits, format, pass, cipher }))),
  ),
).filter(({ format, type, cipher, transport, bits }) => {
  // ssh-keygen writes Ed25519 in its own format only, and chooses the cipher only there; one transport shows all of it.
  if (format !== 'OPENSSH' && (type === 'ed25519' || cipher === 'aes256-cbc')) return false;
  return transport === 'direct' || (bits === '256' && cipher !== 'aes256-cbc');
});

test.skipIf(!canSign).each(MATRIX)('$transport: $type $bits as $format, $cipher', async (one) => {
  const name = `key-${MATRIX.indexOf(one)}`;
  const format = one.format === 'OPENSSH' ? [] : ['-m', one.format];
  const cipher = one.cipher === '' || one.format !== 'OPENSSH' ? [] : ['-Z', one.cipher];
  const make = [
    '-q',
    '-a',
    '2',
    '-t',
    one.type,
    '-b',
    one.bits,
    ...format,
    ...cipher,
    '-N',
    one.pass ?? '',
    '-C',
    'x',
    '-f',
    name,
  ];
  await keys.run('ssh-keygen', make);
  const text = (await keys.read(name)).trim();
  const { pass } = one;
  const signer = createSshSigner({ key: async () => text, passphrase: pass === null ? null : async () => pass });
  const transport = TRANSPORTS.find(([known]) => known === one.transport);
  const { dir, first, second } = await publishSigned(world, signer, transport);
  if (one.type === 'ecdsa') expect(second).not.toBe(first);
  else expect(second).toBe(first);
  const allowed = await keys.file('allowed', `bot@acme.example ${await keys.read(`${name}.pub`)}`);
  const settings = ['gpg.format=ssh', `gpg.ssh.allowedSignersFile=${allowed}`];
  expect(await verifyCommit(keys, dir, first, settings)).toContain('Good "git" signature');
  const other = pass === null ? undefined : createSshSigner({ key: async () => text, passphrase: async () => 'wrong' });
  if (other !== undefined) await expect(other.describe()).rejects.toThrow('the passphrase does not open the SSH key');
});

test.skipIf(!canSign)('damaged keys are refused with a Failure, whatever is damaged', async () => {
  await keys.run('ssh-keygen', ['-q', '-a', '1', '-t', 'ed25519', '-N', 'x', '-C', '', '-f', 'locked']);
  await keys.run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', 'open']);
  for (const name of ['locked', 'open']) {
    const lines = (await keys.read(name)).trim().split('\n');
    const data = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    for (let round = 0; round < 60; round += 1) {
      const bytes = Buffer.from(data);
      const [at = 0, value = 0, cut = 0] = randomBytes(3);
      // The number of rounds stands in the first hundred bytes: what it says is bounded.
      bytes[(at * 7) % bytes.length] = value;
      const damaged = cut < 60 ? bytes.subarray(0, cut * 4) : bytes;
      const text = [lines[0], damaged.toString('base64'), lines.at(-1)].join('\n');
      const signer = createSshSigner({ key: async () => text, passphrase: async () => 'x' });
      const failed: unknown = await signer.sign(Buffer.from('x'), 0).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed !== null) expect(failed).toBeInstanceOf(Failure);
    }
  }
});
