import type { Replica } from '../../domain/described/described-secret.ts';
import { Failure } from '../../domain/failure.ts';
import type { ListedSecret } from '../../domain/find/find-filter.ts';
import { plainText } from '../../domain/plain-text.ts';
import { isRegionName, parseArn, readWrittenSecret, type SecretId, type SecretRef } from '../../domain/secret-id.ts';
import type { SecretAnswer } from '../../ports.ts';
import { shown } from './asking/client-pool.ts';

const MOST_VERSIONS = 1000;
const LONGEST_NAME = 512;
const LONGEST_LABEL = 256;
const LONGEST_VERSION = 256;
const LONGEST_ARN = 2048;
const MOST_TAGS = 200;
const LONGEST_TAG = 1024;
const MOST_REPLICAS = 100;
const LONGEST_REGION = 64;

/**
 * What a DescribeSecret answer says, read as a hostile text: nothing in it has the promised type until it was looked at.
 * `seenAt` in epoch milliseconds. Throws a `Failure` (aws-rejected) where it is no such answer, or one about a secret of
 * another account or region than was asked for.
 */
export function readAnswer(output: unknown, ref: SecretRef, seenAt: number): SecretAnswer {
  const fields = record(output);
  const name = fields['Name'];
  const arn = fields['ARN'];
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || typeof arn !== 'string') {
    throw unreadable(ref, 'it names no secret');
  }
  return {
    kind: 'found',
    secret: identityOf(arn, name, ref),
    versions: versionsOf(fields['VersionIdsToStages'], ref),
    seenAt,
    deleted: isGiven(fields['DeletedDate']),
    ...nextRotationOf(fields['NextRotationDate']),
    tags: tagsOf(fields['Tags']) ?? refuse(ref, 'its tags are malformed'),
    replication: replicationOf(fields['ReplicationStatus']),
    primaryRegion: regionOf(fields['PrimaryRegion']),
  };
}

/** One entry of a ListSecrets answer, read the same way; null where it is none. */
export function readListed(entry: unknown): ListedSecret | null {
  const fields = record(entry);
  const name = fields['Name'];
  const arn = fields['ARN'];
  const tags = tagsOf(fields['Tags']);
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) return null;
  if (typeof arn !== 'string' || arn.length > LONGEST_ARN || tags === null) return null;
  const versions = labelled(fields['SecretVersionsToStages']);
  if (typeof versions === 'string') return null;
  const resource = parseArn(arn)?.resource ?? '';
  const end = resource.startsWith(`secret:${name}-`) ? resource.slice(`secret:${name}-`.length) : '';
  const suffix = /^[A-Za-z0-9]{1,16}$/.test(end) ? end : null;
  return { name, suffix, deleted: isGiven(fields['DeletedDate']), tags, versions };
}

/** Value by key; null where they are no tags. */
function tagsOf(value: unknown): ReadonlyMap<string, string> | null {
  const tags = new Map<string, string>();
  if (!isGiven(value)) return tags;
  if (!Array.isArray(value) || value.length > MOST_TAGS) return null;
  for (const one of value as readonly unknown[]) {
    const { Key: key, Value: text = '' } = record(one);
    if (typeof key !== 'string' || key.length > LONGEST_TAG) return null;
    if (typeof text !== 'string' || text.length > LONGEST_TAG) return null;
    tags.set(key, text);
  }
  return tags;
}

/**
 * What of it can be read: a copy that nobody can tell of must not hold back the secret itself. Of two lines about one region
 * the one that is less far counts.
 */
function replicationOf(value: unknown): readonly Replica[] {
  const replicas = new Map<string, Replica>();
  const entries = Array.isArray(value) ? (value as readonly unknown[]).slice(0, MOST_REPLICAS) : [];
  for (const entry of entries) {
    const { Region, Status } = record(entry);
    const region = regionOf(Region);
    if (region === null) continue;
    const status = Status === 'InSync' || Status === 'Failed' ? Status : 'InProgress';
    const known = replicas.get(region);
    if (known === undefined || known.status === 'InSync') replicas.set(region, { region, status });
  }
  return [...replicas.values()];
}

function regionOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LONGEST_REGION && isRegionName(value) ? value : null;
}

/** What is no time is left out: it only serves as a note for people. */
function nextRotationOf(value: unknown): { readonly nextRotationAt?: number } {
  const time = value instanceof Date ? value.getTime() : Number.NaN;
  return Number.isNaN(time) ? {} : { nextRotationAt: time };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function refuse(ref: SecretRef, reason: string): never {
  throw unreadable(ref, reason);
}

/** The name as AWS gives it, everything else from the ARN; the suffix is what the ARN has behind the name. */
function identityOf(text: string, name: string, ref: SecretRef): SecretId {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'secretsmanager') throw unreadable(ref, 'its ARN is none of a secret');
  if (arn.account !== ref.account || arn.region !== ref.region) {
    throw new Failure(
      `could not describe ${shown(ref)}: the answer is about account ${arn.account} in ${arn.region}, asked was account ${ref.account} in ${ref.region}`,
      {
        code: 'aws-rejected',
        retry: 'never',
        hint: `The credentials belong to another account, or the endpoint to another region: set a role of account ${ref.account}.`,
      },
    );
  }
  const { partition, account, region, resource } = arn;
  const suffix = /^secret:(.*)-([A-Za-z0-9]{1,16})$/s.exec(resource);
  if (resource !== `secret:${name}` && suffix?.[1] !== name) throw unreadable(ref, 'its ARN and its name disagree');
  if (!isAsked(ref, text, name)) throw unreadable(ref, 'it is about another secret');
  return {
    service: 'secretsmanager',
    partition,
    account,
    region,
    name,
    suffix: suffix?.[1] === name ? (suffix[2] ?? null) : null,
  };
}

/** Whether the answer is about what was asked; an ARN may have an end that nobody recognises. */
function isAsked({ id }: SecretRef, arn: string, name: string): boolean {
  return id === arn || readWrittenSecret(id)?.names.includes(name) === true;
}

function versionsOf(value: unknown, ref: SecretRef): ReadonlyMap<string, string> {
  const versions = labelled(value);
  return typeof versions === 'string' ? refuse(ref, versions) : versions;
}

/** VersionId by label, or why it cannot be read. A label on two versions has no truth to tell: such an answer is asked for again. */
function labelled(value: unknown): ReadonlyMap<string, string> | string {
  const versions = new Map<string, string>();
  const entries = Object.entries(record(value ?? {}));
  if (entries.length > MOST_VERSIONS) return `it has more than ${MOST_VERSIONS} versions`;
  for (const [id, labels] of entries) {
    if (!Array.isArray(labels) || id === '' || id.length > LONGEST_VERSION) return 'a version is malformed';
    for (const label of labels as readonly unknown[]) {
      if (typeof label !== 'string' || label.length > LONGEST_LABEL) return 'a label is malformed';
      if ((versions.get(label) ?? id) !== id) return `two versions carry ${plainText(label, 40)}`;
      versions.set(label, id);
    }
  }
  return versions;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function unreadable(ref: SecretRef, reason: string): Failure {
  return new Failure(`could not describe ${shown(ref)}: ${reason}`, {
    code: 'aws-rejected',
    retry: 'later',
    hint: 'The answer was not readable as one of Secrets Manager; check that the endpoint leads there. It is tried again.',
  });
}
