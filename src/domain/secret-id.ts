/**
 * Room `domain`: the words of the product. It knows no file format, no service and no host.
 *
 * A secret's identity: which service, account, region and name. ARN rules follow the AWS documentation: the six random
 * characters behind the name belong to a full ARN only, and are taken off exactly once.
 */
export const SECRET_SERVICES = ['secretsmanager', 'ssm'] as const;
/** A service of AWS that keeps secrets. */
export type KeepingService = (typeof SECRET_SERVICES)[number];
export type SecretService =
  | KeepingService
  /** No service of AWS: all secrets of Secrets Manager that a `find` finds, as one. Its name is the find's digest. */
  | 'find';

/** A secret whose identity is known. `suffix` is the random part of its ARN when some full ARN told us. */
export interface SecretId {
  readonly service: SecretService;
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly suffix: string | null;
}

/** An account and a region of it. */
export interface SecretPlace {
  readonly account: string;
  readonly region: string;
}

/** What to ask AWS for: an identifier as it was written (name, full ARN or partial ARN), with its account and region. */
export interface SecretRef {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  readonly id: string;
}

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]+):(\d{12}):(.+)$/s;
const SUFFIX = /-([A-Za-z0-9]{6})$/;

/** True for what may be a region; false for what stands where one is to be filled in: `<REGION>`, `${region}`. */
export function isRegionName(text: string): boolean {
  return /^[a-z0-9-]+$/.test(text);
}

/** True for the ARN of a secret or a parameter in which account or region are still to be filled in. */
export function isUnfinishedArn(text: string): boolean {
  return UNFINISHED.test(text) && parseArn(text) === null;
}

const UNFINISHED =
  /^arn:aws[a-z-]*:(?:secretsmanager:[^:]{0,64}:[^:]{0,64}:secret:|ssm:[^:]{0,64}:[^:]{0,64}:parameter\/)./;

/** Splits an ARN that names a region and an account; null for every other text. */
export function parseArn(text: string): Arn | null {
  const match = ARN.exec(text);
  if (match === null) return null;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = match;
  return { partition, service, region, account, resource };
}

/** The secret a *full* Secrets Manager ARN names (random suffix taken off once), or null. */
export function secretFromFullArn(text: string): SecretId | null {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'secretsmanager' || !arn.resource.startsWith('secret:')) return null;
  const resource = arn.resource.slice('secret:'.length);
  const suffix = SUFFIX.exec(resource)?.[1] ?? null;
  const name = suffix === null ? resource : resource.slice(0, -7);
  if (name === '') return null;
  return {
    service: 'secretsmanager',
    partition: arn.partition,
    account: arn.account,
    region: arn.region,
    name,
    suffix,
  };
}

/** The six characters that end a full ARN; null for a name, and for an ARN that can only be a partial one. */
export function fullArnSuffix(text: string): string | null {
  return secretFromFullArn(text)?.suffix ?? null;
}

/** A name or an ARN as it stands in an event or a manifest, with every name it can mean. */
export interface WrittenSecret {
  /** From the ARN; null for a bare name, which says neither. */
  readonly account: string | null;
  readonly region: string | null;
  readonly partition: string | null;
  /** One name, or two for an ARN that ends in hyphen and six characters: full (suffix off) first, partial second. */
  readonly names: readonly string[];
}

/**
 * Reads a secret identifier that may be a bare name, a full ARN or a partial ARN.
 * A bare name is never shortened. Null when the text is an ARN of something else, or empty.
 */
export function readWrittenSecret(text: string): WrittenSecret | null {
  if (text === '' || text.length > 2048) return null;
  const arn = parseArn(text);
  if (arn === null) {
    return text.startsWith('arn:') ? null : { account: null, region: null, partition: null, names: [text] };
  }
  if (arn.service !== 'secretsmanager' || !arn.resource.startsWith('secret:')) return null;
  const resource = arn.resource.slice('secret:'.length);
  if (resource === '') return null;
  const full = SUFFIX.test(resource) && resource.length > 7 ? [resource.slice(0, -7)] : [];
  return { account: arn.account, region: arn.region, partition: arn.partition, names: [...full, resource] };
}

/** The map key of a secret: equal for equal service, account, region and name. The ARN suffix is no part of it. */
export function secretKey(secret: Pick<SecretId, 'service' | 'account' | 'region' | 'name'>): string {
  return `${secret.service}:${secret.account}:${secret.region}:${secret.name}`;
}

/** The map key of what is asked of AWS: the identifier as written, with its account and region. */
export function refKey(ref: SecretRef): string {
  return secretKey({ ...ref, name: ref.id });
}
