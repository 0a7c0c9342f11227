import { readCredential } from '../../adapters/local/read-credential.ts';
import { createSshSigner } from '../../adapters/signing/ssh-signer.ts';
import type { SigningConfig } from '../../config/config.ts';
import type { Signer } from '../../ports.ts';

/** What signs commits as a configuration says; files are read when it is used. */
export async function openSigner({ format, key, passphrase }: SigningConfig, now: () => number): Promise<Signer> {
  const source = {
    key: () => readCredential(key),
    passphrase: passphrase === null ? null : () => readCredential(passphrase),
  };
  if (format === 'ssh') return createSshSigner(source);
  // Loaded only where it is chosen: it is large.
  const { createOpenPgpSigner } = await import('../../adapters/signing/openpgp-signer.ts');
  return createOpenPgpSigner(source, now);
}
