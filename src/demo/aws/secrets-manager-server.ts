import type { Faults } from '../faults.ts';
import { type Handler, type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type AwsCall, type AwsReply, errorReply, readCall, reply, respond, takeFault } from './aws-json.ts';
import { createReplication, type Replication, type ReplicationControls } from './replicas/replication.ts';
import { createSecretsRegion, type SecretsRegion, type SecretsWorld, type StoredSecret } from './secrets-world.ts';

export interface SecretsManagerOptions {
  readonly faults?: Faults;
  /** Epoch milliseconds: the time in the `Date` header. The computer's clock where it is absent. */
  readonly now?: () => number;
  /** Whose secrets a caller sees whose access key id names no account. Default 111122223333. */
  readonly account?: string;
  /** The region of the controls on the server itself. Default eu-west-1. */
  readonly region?: string;
}

/** What was asked, kept for the test that no value is ever read. */
export interface SecretsRequest {
  readonly operation: string;
  /** Null where the operation names no secret. */
  readonly secretId: string | null;
  readonly account: string;
  readonly region: string;
}

/**
 * A little Secrets Manager (AWS JSON 1.1) that knows versions and labels and holds no value. The region comes from the
 * call's signature; the account from twelve digits at the end of the access key id, else it is `account`.
 * Every operation but DescribeSecret and ListSecrets is denied and recorded.
 */
export interface SecretsManagerServer extends LoopbackServer, SecretsWorld, ReplicationControls {
  /** The controls of another account or region. */
  at(account: string, region: string): SecretsWorld & ReplicationControls;
  /** All calls, in order, refused ones included. */
  readonly requests: readonly SecretsRequest[];
}

/** Starts a Secrets Manager on loopback without any secret. */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SecretsManagerServer> {
  const { faults, now = Date.now, account = '111122223333', region = 'eu-west-1' } = options;
  const requests: SecretsRequest[] = [];
  const regions = new Map<string, SecretsRegion>();
  const at = (accountId: string, regionName: string): SecretsRegion => {
    const key = `${accountId}:${regionName}`;
    const found = regions.get(key) ?? createSecretsRegion(accountId, regionName, now);
    regions.set(key, found);
    return found;
  };
  const replication = createReplication(at);
  const handler: Handler = async (request, response, body) => {
    const call = readCall(request, body);
    const place = { account: accountOf(call?.accessKeyId ?? null) ?? account, region: call?.region ?? region };
    requests.push({ operation: call?.operation ?? 'unreadable', secretId: secretIdOf(call), ...place });
    const effect = takeFault(faults, call?.operation ?? 'unreadable');
    await respond(response, { version: '1.1', now }, effect, () => {
      replication.sync();
      const copies = (name: string) => replication.onWire(place.account, place.region, name);
      return carryOut({ ...at(place.account, place.region), copies }, call);
    });
  };
  const controls = (accountId: string, regionName: string) => ({
    ...at(accountId, regionName),
    ...replication.controls(accountId, regionName),
  });
  return { ...(await listenOnLoopback(handler)), ...controls(account, region), at: controls, requests };
}

/** A region as it is asked, with what it says of copies. */
interface AskedRegion extends SecretsRegion {
  copies(name: string): ReturnType<Replication['onWire']>;
}

function carryOut(world: AskedRegion, call: AwsCall | null): AwsReply {
  if (call === null) return errorReply('SerializationException', 'not readable');
  switch (call.operation) {
    case 'DescribeSecret':
      return describe(world, secretIdOf(call) ?? '');
    case 'ListSecrets':
      return listSecrets(world, call.input);
    default:
      return errorReply('AccessDeniedException', `${call.operation} is not allowed here`);
  }
}

function describe(world: AskedRegion, id: string): AwsReply {
  if (id === '' || id.length > 2048) return errorReply('ValidationException', 'SecretId has a wrong length');
  if (!/^[A-Za-z0-9/_+=.@!:-]+$/.test(id)) return errorReply('ValidationException', 'Invalid name.');
  const secret = world.find(id);
  if (world.isDenied(secret?.name ?? id)) return errorReply('AccessDeniedException', 'not authorized');
  if (secret === null)
    return errorReply('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const shown = world.show(secret);
  return reply({ ...wireSecret(shown), ...world.copies(shown.name), VersionIdsToStages: wireStages(shown) });
}

function listSecrets(world: AskedRegion, input: Readonly<Record<string, unknown>>): AwsReply {
  const { MaxResults: size = 100, NextToken: token = '0', IncludePlannedDeletion: planned = false } = input;
  const start = Number(token);
  if (typeof size !== 'number' || size < 1 || size > 100) return errorReply('ValidationException', 'MaxResults');
  if (!Number.isInteger(start)) return errorReply('InvalidNextTokenException', 'NextToken');
  if (world.isListDenied()) return errorReply('AccessDeniedException', 'not authorized');
  const filters = readFilters(input['Filters'] ?? []);
  if (filters === null) return errorReply('ValidationException', 'Filters');
  const found = world
    .list()
    .filter((secret) => planned === true || secret.deletionDate === null)
    .filter((secret) => filters.every((filter) => passes(secret, filter)));
  const page = found.slice(start, start + size).map((secret) => world.show(secret));
  return reply({
    SecretList: page.map((secret) => {
      const { PrimaryRegion } = world.copies(secret.name);
      const primary = PrimaryRegion === undefined ? {} : { PrimaryRegion };
      return { ...wireSecret(secret), ...primary, SecretVersionsToStages: wireStages(secret) };
    }),
    ...(start + size < found.length ? { NextToken: String(start + size) } : {}),
  });
}

function wireSecret(secret: StoredSecret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.tags.size === 0 ? {} : { Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })) }),
    ...(secret.deletionDate === null ? {} : { DeletedDate: secret.deletionDate / 1000 }),
  };
}

/** Versions without a label are deprecated and not shown. */
function wireStages(secret: StoredSecret): Record<string, readonly string[]> {
  const labelled = [...secret.stages].filter(([, labels]) => labels.size > 0);
  return Object.fromEntries(labelled.map(([id, labels]) => [id, [...labels]]));
}

interface ListFilter {
  readonly key: 'name' | 'tag-key' | 'tag-value';
  readonly values: readonly string[];
}

/** Null for what AWS refuses: more than ten filters, other keys than these three, signs that it does not take. */
function readFilters(filters: unknown): readonly ListFilter[] | null {
  if (!Array.isArray(filters) || filters.length > 10) return null;
  const read = (filters as { Key?: unknown; Values?: unknown }[]).flatMap(
    ({ Key: key, Values: values }): readonly ListFilter[] => {
      if (key !== 'name' && key !== 'tag-key' && key !== 'tag-value') return [];
      if (!Array.isArray(values) || values.length > 10) return [];
      const texts = values.map(String);
      return texts.every((value) => /^!?[a-zA-Z0-9 :_@/+=.\-!]{0,512}$/.test(value)) ? [{ key, values: texts }] : [];
    },
  );
  return read.length === filters.length ? read : null;
}

/** Each value is a prefix, turned around by `!`; one of them is enough. */
function passes({ name, tags }: StoredSecret, { key, values }: ListFilter): boolean {
  const texts = { name: [name], 'tag-key': [...tags.keys()], 'tag-value': [...tags.values()] }[key];
  return values.length === 0 || values.some((value) => hasPrefix(texts, value));
}

function hasPrefix(texts: readonly string[], prefix: string): boolean {
  if (prefix.startsWith('!')) return texts.every((text) => !text.startsWith(prefix.slice(1)));
  return texts.some((text) => text.startsWith(prefix));
}

function accountOf(accessKeyId: string | null): string | null {
  return /(\d{12})$/.exec(accessKeyId ?? '')?.[1] ?? null;
}

function secretIdOf(call: AwsCall | null): string | null {
  const id = call?.input['SecretId'];
  return typeof id === 'string' ? id : null;
}
