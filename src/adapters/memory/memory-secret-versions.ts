import type { Replica } from '../../domain/described/described-secret.ts';
import { readWrittenParameter } from '../../domain/parameters/parameter-id.ts';
import { readWrittenSecret, type SecretId, type SecretRef, secretKey } from '../../domain/secret-id.ts';
import type { ListAnswer, SecretAnswer, SecretVersions } from '../../ports.ts';

/** A secret as a test wants it found. */
export interface KnownSecret {
  readonly secret: SecretId;
  /** VersionId by staging label. */
  readonly versions: ReadonlyMap<string, string>;
  readonly deleted: boolean;
  readonly tags?: ReadonlyMap<string, string>;
  readonly nextRotationAt?: number;
  /** Left out: it has no copies, and is none. */
  readonly replication?: readonly Replica[];
  readonly primaryRegion?: string | null;
}

/** Secret versions in memory, for models and long random runs. */
export interface MemorySecretVersions extends SecretVersions {
  /** Creates or replaces. */
  set(known: KnownSecret): void;
  /** It has these copies: as it is now, those in sync and any that is new; as they were, those that lag or fail. */
  replicate(secret: SecretId, copies: readonly Replica[]): void;
  remove(secret: SecretId): void;
  deny(secret: SecretId): void;
  /** From now on nobody may list. */
  denyList(): void;
  /** The list stays as it is until {@link catchUp}, whatever changes meanwhile. */
  fallBehind(): void;
  catchUp(): void;
}

/** Knows no secret at first. `now` gives epoch milliseconds. */
export function createMemorySecretVersions(now: () => number): MemorySecretVersions {
  const secrets = new Map<string, KnownSecret>();
  const denied = new Set<string>();
  let isListDenied = false;
  let behind: readonly KnownSecret[] | null = null;
  return {
    denyList: () => {
      isListDenied = true;
    },
    fallBehind: () => {
      behind = [...secrets.values()];
    },
    catchUp: () => {
      behind = null;
    },
    list: async ({ account, region }, _filter): Promise<ListAnswer> => {
      if (isListDenied) return { kind: 'denied' };
      const here = [...(behind ?? secrets.values())].filter(
        ({ secret }) => secret.account === account && secret.region === region && secret.service === 'secretsmanager',
      );
      const listed = here.map(({ secret: { name, suffix }, deleted, tags = new Map(), versions }) => ({
        name,
        suffix,
        deleted,
        tags,
        versions,
      }));
      return { kind: 'listed', secrets: listed, seenAt: Math.ceil(now() / 1000) * 1000 };
    },
    listParameters: async (place): Promise<ListAnswer> => {
      // As AWS has it: this permission is for all of them or none.
      const prefix = secretKey({ service: 'ssm', ...place, name: '' });
      if ([...denied].some((key) => key.startsWith(prefix))) return { kind: 'denied' };
      const here = [...secrets].flatMap(([key, known]) => (key.startsWith(prefix) ? [known] : []));
      const listed = here.map(({ secret: { name }, versions }) => ({
        name,
        suffix: null,
        deleted: false,
        tags: new Map(),
        versions,
      }));
      return { kind: 'listed', secrets: listed, seenAt: Math.ceil(now() / 1000) * 1000 };
    },
    set: (known) => void secrets.set(secretKey(known.secret), known),
    replicate: (secret, copies) => replicate(secrets, secretKey(secret), copies),
    remove: (secret) => void secrets.delete(secretKey(secret)),
    deny: (secret) => void denied.add(secretKey(secret)),
    describe: async (ref): Promise<SecretAnswer> => {
      const key = [...secrets.keys()].find((one) => isMeant(secrets.get(one)?.secret, ref));
      const known = secrets.get(key ?? '');
      if (denied.has(key ?? secretKey({ ...ref, name: ref.id }))) return { kind: 'denied' };
      if (known === undefined) return { kind: 'absent' };
      const seenAt = Math.ceil(now() / 1000) * 1000;
      return { kind: 'found', seenAt, tags: new Map(), replication: [], primaryRegion: null, ...known };
    },
  };
}

function replicate(secrets: Map<string, KnownSecret>, key: string, copies: readonly Replica[]): void {
  const known = secrets.get(key);
  if (known === undefined) return;
  const { region: primaryRegion } = known.secret;
  secrets.set(key, { ...known, replication: copies, primaryRegion });
  for (const { region, status } of copies) {
    const copy: SecretId = { ...known.secret, region };
    if (status !== 'InSync' && secrets.has(secretKey(copy))) continue;
    secrets.set(secretKey(copy), { ...known, secret: copy, primaryRegion, replication: [] });
  }
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
