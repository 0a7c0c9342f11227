import { readCredential } from '../../adapters/local/read-credential.ts';
import type { SigningConfig } from '../../config/config.ts';
import type { Signer } from '../../ports.ts';

/** What signs commits as a configuration says; files are read when it is used. */
export async function openSigner({ format, key, passphrase }: SigningConfig, now: () => number): Promise<Signer> {
  const source = {
    key: () => readCredential(key),
    passphrase: passphrase === null ? null : () => readCredential(passphrase),
  };
  // Loaded only where they are chosen.
  if (format === 'ssh') {
    const { createSshSigner } = await import('../../adapters/signing/ssh-signer.ts');
    return createSshSigner(source);
  }
  const { createOpenPgpSigner } = await import('../../adapters/signing/openpgp-signer.ts');
  return createOpenPgpSigner(source, now);
}
