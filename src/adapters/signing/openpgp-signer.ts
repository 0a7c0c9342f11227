import {
  createMessage,
  decryptKey,
  type KeyID,
  type PartialConfig,
  type PrivateKey,
  readKeys,
  readPrivateKeys,
  SecretKeyPacket,
  SecretSubkeyPacket,
  type Subkey,
  sign,
} from 'openpgp';
import type { Signer } from '../../ports.ts';
import { type KeySource, openOnce, signingFailure } from './signing-failure.ts';

/**
 * Folder `signing`: signatures of commits, with keys from mounted files. It knows key formats; it knows no Git.
 *
 * Without OpenPGP.js's random notation, so that Ed25519 and RSA keys sign the same commit in the same way each time.
 */
const CONFIG: PartialConfig = { nonDeterministicSignaturesViaNotation: false };

const USABLE = 'Mount another key, or extend this one and export it again with gpg --armor --export-secret-keys.';
const EXPORT = 'Export the key with gpg --armor --export-secret-keys <fingerprint> and mount that file unchanged.';

/** Signs with one OpenPGP key. `now` is in epoch milliseconds: a key that has expired does not sign. */
export function createOpenPgpSigner(source: KeySource, now: () => number): Signer {
  const open = openOnce(source, openKey);
  return {
    sign: async (payload, time) => {
      const key = await open();
      const { id } = await signingKeyOf(key, new Date(now()));
      const date = await dateFrom(key, id, time * 1000);
      const message = await createMessage({ binary: new Uint8Array(payload) });
      const options = { message, signingKeys: key, signingKeyIDs: id, date, config: CONFIG } as const;
      try {
        return String(await sign({ ...options, detached: true, format: 'armored' }));
      } catch {
        // What was thrown may say something of the key.
        throw signingFailure('the OpenPGP key did not sign', USABLE);
      }
    },
    describe: async () => {
      const key = await open();
      const { fingerprint, until } = await signingKeyOf(key, new Date(now()));
      const ends = [await key.getExpirationTime(), until].flatMap((end) => (end instanceof Date ? end.getTime() : []));
      return {
        name: `OpenPGP key ${fingerprint.toUpperCase()}`,
        emails: key
          .getUserIDs()
          .flatMap((user) => /<([^<>\s]+)>$/.exec(user)?.[1] ?? (/^\S+@\S+$/.test(user) ? user : [])),
        expiresAt: ends.length === 0 ? null : Math.min(...ends),
      };
    },
  };
}

async function openKey(text: string, passphrase: string | null): Promise<PrivateKey> {
  const key = await readOne(text);
  if (key.isDecrypted()) return checked(key);
  if (passphrase === null) {
    throw signingFailure(
      'the OpenPGP key is encrypted and no passphrase is configured',
      'Name the passphrase under commit.signing, or mount a key without one.',
    );
  }
  try {
    return await decryptKey({ privateKey: key, passphrase });
  } catch {
    throw signingFailure(
      'the passphrase does not open the OpenPGP key',
      'Check that the two belong together, and that the key is whole.',
    );
  }
}

/** A key whose private half was changed would sign, and nobody could verify it. One with a passphrase is checked as it opens. */
async function checked(key: PrivateKey): Promise<PrivateKey> {
  try {
    for (const { keyPacket } of [key, ...key.subkeys]) if (isWhole(keyPacket)) await keyPacket.validate();
    return key;
  } catch {
    throw signingFailure('the OpenPGP key is damaged', EXPORT);
  }
}

/** False where only the public half is in the file. */
function isWhole(
  packet: PrivateKey['keyPacket'] | Subkey['keyPacket'],
): packet is SecretKeyPacket | SecretSubkeyPacket {
  const isSecret = packet instanceof SecretKeyPacket || packet instanceof SecretSubkeyPacket;
  return isSecret && !packet.isMissingSecretKeyMaterial();
}

async function readOne(text: string): Promise<PrivateKey> {
  // OpenPGP.js would take the first block and say nothing of the others.
  if (text.split('-----BEGIN PGP PRIVATE KEY BLOCK-----').length > 2) {
    throw signingFailure('the file holds more than one OpenPGP key', EXPORT);
  }
  const keys = await readPrivateKeys({ armoredKeys: text }).catch(() => []);
  const [key, second] = keys;
  if (second !== undefined) throw signingFailure('the file holds more than one OpenPGP key', EXPORT);
  if (key !== undefined) return key;
  const publicOnes = await readKeys({ armoredKeys: text }).catch(() => []);
  if (publicOnes.length > 0) throw signingFailure('the file holds an OpenPGP public key, not a private one', EXPORT);
  throw signingFailure('the file holds no armored OpenPGP private key', EXPORT);
}

interface SigningPart {
  readonly id: KeyID;
  readonly fingerprint: string;
  /** Null or not a date where it does not end by itself. */
  readonly until: unknown;
}

/** The part of the key that signs now. */
async function signingKeyOf(key: PrivateKey, now: Date): Promise<SigningPart> {
  const part: PrivateKey | Subkey | null = await key.getSigningKey(undefined, now).catch(() => null);
  if (part !== null && !isWhole(part.keyPacket)) {
    throw signingFailure('the part of the OpenPGP key that signs is not in the file', EXPORT);
  }
  if (part !== null) {
    const until: unknown = await part.getExpirationTime().catch(() => null);
    return { id: part.getKeyID(), fingerprint: part.getFingerprint(), until };
  }
  const until = await key.getExpirationTime().catch(() => null);
  if (until instanceof Date && until <= now) {
    throw signingFailure(`the OpenPGP key expired on ${until.toISOString().slice(0, 10)}`, USABLE);
  }
  if (key.getCreationTime() > now) {
    throw signingFailure(
      'the OpenPGP key was made in the future',
      "Check this machine's clock, and that of the machine the key was made on.",
    );
  }
  if (await key.isRevoked().catch(() => false)) throw signingFailure('the OpenPGP key is revoked', USABLE);
  throw signingFailure('no part of the OpenPGP key may sign now', USABLE);
}

/**
 * The date of a signature: the commit's, or the first one at which this part of the key may sign, where the key is younger
 * than what it signs.
 */
async function dateFrom(key: PrivateKey, id: KeyID, commitTime: number): Promise<Date> {
  const signatures = [
    ...key.users.flatMap((user) => user.selfCertifications),
    ...key.subkeys.flatMap((subkey) => subkey.bindingSignatures),
  ];
  const later = [key.getCreationTime(), ...signatures.map(({ created }) => created)]
    .flatMap((date) => (date === null || date.getTime() <= commitTime ? [] : [date.getTime()]))
    .toSorted((left, right) => left - right);
  for (const time of [commitTime, ...new Set(later)]) {
    const date = new Date(time);
    const found = await key.getSigningKey(id, date).catch(() => null);
    if (found !== null) return date;
  }
  throw signingFailure('the OpenPGP key may not sign a commit of this time', USABLE);
}
