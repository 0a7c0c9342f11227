import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Signer } from '../../ports.ts';
import { isOpenSshKey, needsPassphrase, readOpenSshKey, wrongPassphrase } from './open-ssh-key.ts';
import { type KeySource, openOnce, signingFailure } from './signing-failure.ts';
import { sshNumber, sshString } from './ssh-wire.ts';

/** What SSH calls a key, and how it signs. */
interface SshKey {
  readonly type: string;
  /** Of the signature; RSA has another name there. */
  readonly algorithm: string;
  /** Null: the algorithm hashes by itself. */
  readonly hash: string | null;
  /** The public key as SSH writes it. */
  readonly blob: Buffer;
  readonly key: KeyObject;
}

const NAMESPACE = 'git';
const MIN_RSA_BITS = 2048;

/** Signs with one SSH key, as `ssh-keygen -Y sign -n git` does (OpenSSH, PROTOCOL.sshsig). */
export function createSshSigner(source: KeySource): Signer {
  const open = openOnce(source, async (text, passphrase) => describeKey(await readKey(text, passphrase)));
  return {
    sign: async (payload) => armored(signatureOf(await open(), payload)),
    describe: async () => {
      const { type, blob } = await open();
      const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
      return { name: `SSH key ${type} SHA256:${digest}`, emails: null, expiresAt: null };
    },
  };
}

async function readKey(text: string, passphrase: string | null): Promise<KeyObject> {
  if (text.split('-----BEGIN ').length > 2) throw wrongFile('the file holds more than one key');
  if (isOpenSshKey(text)) return readOpenSshKey(text, passphrase);
  if (/^(?:ssh-|ecdsa-|sk-)/.test(text)) throw wrongFile('the file holds an SSH public key, not a private one');
  if (!/^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|^-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) {
    throw wrongFile('the file holds no SSH private key');
  }
  const isLocked = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (isLocked && passphrase === null) throw needsPassphrase();
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase === null ? {} : { passphrase }) });
  } catch {
    // What was thrown may say something of the key.
    throw isLocked ? wrongPassphrase() : wrongFile('the file holds no whole SSH private key');
  }
}

function wrongFile(what: string) {
  return signingFailure(
    what,
    'Mount the private key that ssh-keygen -t ed25519 wrote, not the file that ends in .pub.',
  );
}

const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
};

function describeKey(key: KeyObject): SshKey {
  const known = ['ed25519', 'rsa', 'ec'].includes(key.asymmetricKeyType ?? '');
  const jwk = known ? exported(key) : {};
  if (jwk.kty === 'OKP') {
    const type = 'ssh-ed25519';
    const blob = Buffer.concat([sshString(type), sshString(part(jwk.x))]);
    return { type, algorithm: type, hash: null, blob, key };
  }
  if (jwk.kty === 'RSA') {
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) {
      throw signingFailure(
        `the SSH key is an RSA key of less than ${MIN_RSA_BITS} bits`,
        'Make one with ssh-keygen -t ed25519.',
      );
    }
    const blob = Buffer.concat([sshString('ssh-rsa'), sshNumber(part(jwk.e)), sshNumber(part(jwk.n))]);
    return { type: 'ssh-rsa', algorithm: 'rsa-sha2-512', hash: 'sha512', blob, key };
  }
  const curve = CURVES[jwk.crv ?? ''];
  if (curve === undefined) {
    const hint = 'Make one with ssh-keygen -t ed25519; RSA and ECDSA on the NIST curves do too.';
    throw signingFailure('the SSH key is of a kind that is not known here', hint);
  }
  const type = `ecdsa-sha2-${curve.name}`;
  const point = Buffer.concat([Buffer.of(4), part(jwk.x), part(jwk.y)]);
  const blob = Buffer.concat([sshString(type), sshString(curve.name), sshString(point)]);
  return { type, algorithm: type, hash: curve.hash, blob, key };
}

function part(value: string | undefined): Buffer {
  return Buffer.from(value ?? '', 'base64url');
}

function exported(key: KeyObject) {
  try {
    return createPublicKey(key).export({ format: 'jwk' });
  } catch {
    // A curve that a JSON Web Key has no name for.
    return {};
  }
}

function signatureOf({ algorithm, hash, blob, key, type }: SshKey, payload: Uint8Array): Buffer {
  const digest = createHash('sha512').update(payload).digest();
  const frame = [sshString(NAMESPACE), sshString(''), sshString('sha512')];
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...frame, sshString(digest)]);
  const raw = sign(hash, signed, { key, dsaEncoding: 'ieee-p1363' });
  const half = raw.length / 2;
  const pair = () => Buffer.concat([sshNumber(raw.subarray(0, half)), sshNumber(raw.subarray(half))]);
  const signature = Buffer.concat([sshString(algorithm), sshString(type.startsWith('ecdsa-') ? pair() : raw)]);
  const version = Buffer.of(0, 0, 0, 1);
  return Buffer.concat([Buffer.from('SSHSIG'), version, sshString(blob), ...frame, sshString(signature)]);
}

function armored(data: Buffer): string {
  const lines = data.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}
