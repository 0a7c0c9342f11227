import { afterAll, expect, test } from 'vitest';
import { createOpenPgpSigner } from '../../../src/adapters/signing/openpgp-signer.ts';
import { openGitWorld, TRANSPORTS } from '../git/git-world.ts';
import { hasTool, openKeyFolder, publishSigned, verifyCommit } from './signed-repository.ts';

const keys = await openKeyFolder();
const world = await openGitWorld();
afterAll(() => Promise.all([keys.remove(), world.close()]));
const hasGpg = await hasTool('gpg', ['--version']);

const KINDS = ['ed25519', 'rsa2048', 'rsa3072', 'nistp256', 'nistp384'];
const MATRIX = TRANSPORTS.flatMap(([transport]) =>
  KINDS.filter((kind) => transport === 'direct' || kind === 'ed25519').flatMap((kind) =>
    ['', 'a pass phrase'].map((pass) => ({ transport, kind, pass })),
  ),
);

function loopback(pass: string): readonly string[] {
  return ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', pass];
}

test.skipIf(!hasGpg).each(MATRIX)('$transport: $kind, passphrase "$pass"', async ({ transport, kind, pass }) => {
  const address = `${transport}-${kind}-${pass.length}@acme.example`;
  await keys.run('gpg', [...loopback(pass), '--quick-generate-key', `Bot <${address}>`, kind, 'sign']);
  const text = await keys.run('gpg', [...loopback(pass), '--armor', '--export-secret-keys', address]);
  const source = { key: async () => text.trim(), passphrase: pass === '' ? null : async () => pass };
  const signer = createOpenPgpSigner(source, () => Date.now());
  const { dir, first, second } = await publishSigned(
    world,
    signer,
    TRANSPORTS.find(([name]) => name === transport),
  );
  if (!kind.startsWith('nist')) expect(second).toBe(first);
  for (const oid of [first, second]) expect(await verifyCommit(keys, dir, oid)).toContain('GOODSIG');
});

test.skipIf(!hasGpg)(
  'only the newest subkey that may sign is used, also where the primary key was left out',
  async () => {
    const address = 'subkeys@acme.example';
    await keys.run('gpg', [...loopback(''), '--quick-generate-key', `Bot <${address}>`, 'ed25519', 'cert']);
    const colons = await keys.run('gpg', ['--list-keys', '--with-colons', address]);
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(colons)?.[1] ?? '';
    await keys.run('gpg', [...loopback(''), '--quick-add-key', fingerprint, 'ed25519', 'sign', '1y']);
    const text = await keys.run('gpg', [...loopback(''), '--armor', '--export-secret-subkeys', address]);
    const signer = createOpenPgpSigner({ key: async () => text.trim(), passphrase: null }, () => Date.now());
    const { dir, first } = await publishSigned(world, signer);
    const said = await verifyCommit(keys, dir, first);
    expect(said).toContain('GOODSIG');
    expect((await signer.describe()).name).not.toContain(fingerprint);
  },
);
