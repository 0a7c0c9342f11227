import { readWrittenParameter } from '../../domain/parameters/parameter-id.ts';
import { readWrittenSecret, type SecretId, type SecretRef, secretKey } from '../../domain/secret-id.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';

/** A secret as a test wants it found. */
export interface KnownSecret {
  readonly secret: SecretId;
  /** VersionId by staging label. */
  readonly versions: ReadonlyMap<string, string>;
  readonly deleted: boolean;
}

/** Secret versions in memory, for models and long random runs. */
export interface MemorySecretVersions extends SecretVersions {
  /** Creates or replaces. */
  set(known: KnownSecret): void;
  remove(secret: SecretId): void;
  deny(secret: SecretId): void;
}

/** Knows no secret at first. `now` gives epoch milliseconds. */
export function createMemorySecretVersions(now: () => number): MemorySecretVersions {
  const secrets = new Map<string, KnownSecret>();
  const denied = new Set<string>();
  return {
    set: (known) => void secrets.set(secretKey(known.secret), known),
    remove: (secret) => void secrets.delete(secretKey(secret)),
    deny: (secret) => void denied.add(secretKey(secret)),
    describe: async (ref): Promise<SecretAnswer> => {
      const key = [...secrets.keys()].find((one) => isMeant(secrets.get(one)?.secret, ref));
      const known = secrets.get(key ?? '');
      if (denied.has(key ?? secretKey({ ...ref, name: ref.id }))) return { kind: 'denied' };
      if (known === undefined) return { kind: 'absent' };
      const seenAt = Math.ceil(now() / 1000) * 1000;
      return { kind: 'found', seenAt, ...known };
    },
  };
}

/**
 * As Secrets Manager looks up: a bare name is the whole name, and an ARN that ends in hyphen and six characters is
 * complete; only another ARN is a partial one.
 */
function isMeant(secret: SecretId | undefined, ref: SecretRef): boolean {
  if (secret === undefined) return false;
  const { service, account, region, name, suffix } = secret;
  if (ref.service !== service || ref.account !== account || ref.region !== region) return false;
  if (service === 'ssm') return readWrittenParameter(ref.id)?.names.includes(name) === true;
  const written = readWrittenSecret(ref.id);
  if (written === null) return false;
  if (written.account === null) return ref.id === name;
  const partial = `arn:${secret.partition}:secretsmanager:${region}:${account}:secret:${name}`;
  if (written.names.length === 1) return ref.id === partial;
  return suffix !== null && ref.id === `${partial}-${suffix}`;
}
