import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { signingFailure } from './signing-failure.ts';
import { type SshReader, sshReader } from './ssh-wire.ts';

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const MAGIC = 'openssh-key-v1\0';

/** Unlocking takes this many rounds at most: ssh-keygen writes 16 or 24, and each one takes some ten milliseconds. */
const MAX_ROUNDS = 128;

const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  'aes256-ctr': { name: 'aes-256-ctr', keyBytes: 32 },
  'aes256-cbc': { name: 'aes-256-cbc', keyBytes: 32 },
  'aes192-ctr': { name: 'aes-192-ctr', keyBytes: 24 },
  'aes128-ctr': { name: 'aes-128-ctr', keyBytes: 16 },
};
const BLOCK = 16;

/** True for a key in OpenSSH's own format (PROTOCOL.key), which Node does not read. */
export function isOpenSshKey(text: string): boolean {
  return text.startsWith(BEGIN);
}

/** The private key in such a text. Rejects with a Failure that holds nothing of it. */
export async function readOpenSshKey(text: string, passphrase: string | null): Promise<KeyObject> {
  const body = text.slice(BEGIN.length, text.indexOf(END)).replaceAll(/\s+/g, '');
  const data = Buffer.from(body, 'base64');
  if (!text.includes(END) || data.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged();
  const reader = sshReader(data.subarray(MAGIC.length));
  const cipher = reader.text();
  const kdf = reader.text();
  const options = reader.bytes();
  const count = reader.number();
  reader.bytes();
  const secret = reader.bytes();
  if (cipher === null || kdf === null || options === null || secret === null || count !== 1) throw damaged();
  if (cipher === 'none') return readSecret(sshReader(secret), 'plain');
  if (passphrase === null) throw needsPassphrase();
  return readSecret(sshReader(await unlock(secret, { cipher, kdf, options, passphrase })), 'unlocked');
}

/** An encrypted key, and nothing to open it with. */
export function needsPassphrase() {
  return signingFailure(
    'the SSH key is encrypted and no passphrase is configured',
    'Name the passphrase under commit.signing, or mount a key without one.',
  );
}

/** What was configured does not open the key. */
export function wrongPassphrase() {
  return signingFailure(
    'the passphrase does not open the SSH key',
    'Check that the two belong together, and that the key is whole.',
  );
}

interface Lock {
  readonly cipher: string;
  readonly kdf: string;
  readonly options: Buffer;
  readonly passphrase: string;
}

async function unlock(secret: Buffer, { cipher, kdf, options, passphrase }: Lock): Promise<Buffer> {
  const known = CIPHERS[cipher];
  const reader = sshReader(options);
  const salt = reader.bytes();
  const rounds = reader.number();
  if (known === undefined || kdf !== 'bcrypt') {
    throw signingFailure(
      'the SSH key is encrypted in a way that is not known here',
      'Encrypt it again with ssh-keygen -p -Z aes256-ctr -f <file>.',
    );
  }
  if (salt === null || rounds === null || secret.length % BLOCK !== 0) throw damaged();
  if (rounds > MAX_ROUNDS) {
    const hint = 'Encrypt it again with ssh-keygen -p -a 24 -f <file>.';
    throw signingFailure(`the SSH key takes more than ${MAX_ROUNDS} rounds to open`, hint);
  }
  // Loaded only for such a key.
  const { default: bcrypt } = await import('bcrypt-pbkdf');
  const password = Buffer.from(passphrase, 'utf8');
  const made = Buffer.alloc(known.keyBytes + BLOCK);
  const failed = bcrypt.pbkdf(password, password.length, salt, salt.length, made, made.length, rounds);
  if (failed !== 0) throw damaged();
  const decipher = createDecipheriv(known.name, made.subarray(0, known.keyBytes), made.subarray(known.keyBytes));
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(secret), decipher.final()]);
}

function readSecret(reader: SshReader, how: 'plain' | 'unlocked'): KeyObject {
  // Two equal numbers show that it was decrypted rightly.
  const check = reader.number();
  if (check === null || check !== reader.number()) throw how === 'plain' ? damaged() : wrongPassphrase();
  const jwk = readFields(reader);
  if (jwk === null) throw damaged();
  const key = keyOf(jwk);
  if (key === null) throw damaged();
  return key;
}

/** The key of these numbers; null where its two halves do not belong together: nobody could verify what it signs. */
function keyOf(jwk: JsonWebKey): KeyObject | null {
  const { kty, crv, x, y, n, e } = jwk;
  const half = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  const [hash, probe] = [kty === 'OKP' ? null : 'sha256', Buffer.from('probe')];
  try {
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    const open = createPublicKey({ key: Object.fromEntries(half), format: 'jwk' });
    return verify(hash, probe, open, sign(hash, probe, key)) ? key : null;
  } catch {
    return null;
  }
}

const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number }>> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
};

function readFields(reader: SshReader): JsonWebKey | null {
  const type = reader.text() ?? '';
  if (type === 'ssh-ed25519') {
    const [x, pair] = [reader.bytes(), reader.bytes()];
    if (x?.length !== 32 || pair?.length !== 64) return null;
    return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(pair.subarray(0, 32)) };
  }
  if (type === 'ssh-rsa') return readRsa(reader);
  if (type.startsWith('ecdsa-sha2-')) return readEcdsa(reader);
  const hint = 'Make one with ssh-keygen -t ed25519 (keys on security devices and DSA keys cannot be used).';
  throw signingFailure('the SSH key is of a kind that is not known here', hint);
}

function readEcdsa(reader: SshReader): JsonWebKey | null {
  const curve = CURVES[reader.text() ?? ''];
  const [point, scalar] = [reader.bytes(), reader.bytes()];
  if (curve === undefined || point === null || scalar === null) return null;
  const { crv, bytes } = curve;
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) return null;
  const d = sized(scalar, bytes);
  if (d === null) return null;
  return { kty: 'EC', crv, x: url(point.subarray(1, 1 + bytes)), y: url(point.subarray(1 + bytes)), d: url(d) };
}

function readRsa(reader: SshReader): JsonWebKey | null {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.bytes());
  if (!n || !e || !d || !qi || !p || !q || p.length === 0 || q.length === 0 || n.length > 2100) return null;
  const over = (prime: Buffer) => {
    const rest = whole(prime) - 1n;
    return rest < 1n ? null : (whole(d) % rest).toString(16);
  };
  const [dp, dq] = [over(p), over(q)];
  if (dp === null || dq === null) return null;
  const parts = { n: url(n), e: url(e), d: url(d), p: url(p), q: url(q), qi: url(qi) };
  return { kty: 'RSA', ...parts, dp: url(fromHex(dp)), dq: url(fromHex(dq)) };
}

function whole(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Exactly this many bytes: without the zeros in front, or with more of them. */
function sized(bytes: Buffer, length: number): Buffer | null {
  const trimmed = bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  );
  return trimmed.length > length ? null : Buffer.concat([Buffer.alloc(length - trimmed.length), trimmed]);
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function damaged() {
  const hint = 'Mount the file that ssh-keygen wrote unchanged, with all its lines.';
  return signingFailure('the file holds no whole SSH private key', hint);
}
