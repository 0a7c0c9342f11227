import {
  type KeepingService,
  parseArn,
  readWrittenSecret,
  type SecretService,
  type WrittenSecret,
} from '../secret-id.ts';

/**
 * A parameter's identity, and what stands for its version. Parameter Store tells the latest version alone without values,
 * and a parameter's ARN leaves out the slash that its name may begin with.
 */

/**
 * The label under which a parameter's latest version is kept, so that it is followed as a secret's current one. Never a
 * label of the parameter itself: AWS lets none begin with `aws`.
 */
export const LATEST = 'AWSCURRENT';

/** A parameter as it stands in a manifest, with every name it can mean. */
export interface WrittenParameter extends WrittenSecret {
  /** What follows the name behind a colon: a version's number or a label; null where nothing does. */
  readonly selector: string | null;
}

const RESOURCE = 'parameter/';
const PART = /^([^:]+)(?::([^:]+))?$/s;

/**
 * Reads a parameter's name or ARN, either with `:<version or label>`. Null when the text is neither; AWS takes no name with
 * a slash in it that does not begin with one.
 */
export function readWrittenParameter(text: string): WrittenParameter | null {
  if (text.length > 2048) return null;
  return text.startsWith('arn:') ? readArn(text) : readName(text);
}

function readName(text: string): WrittenParameter | null {
  const [, name, selector = null] = PART.exec(text) ?? [];
  if (name === undefined || !isName(name)) return null;
  return { account: null, region: null, partition: null, names: [name], selector };
}

function readArn(text: string): WrittenParameter | null {
  const arn = parseArn(text);
  if (arn === null || arn.service !== 'ssm' || !arn.resource.startsWith(RESOURCE)) return null;
  const [, path, selector = null] = PART.exec(arn.resource.slice(RESOURCE.length)) ?? [];
  if (path === undefined) return null;
  const { account, region, partition } = arn;
  return { account, region, partition, names: namesInArn(path), selector };
}

function isName(name: string): boolean {
  return name.startsWith('/') || !name.includes('/');
}

/** A name with a slash in it begins with one; of any other nobody can tell. */
function namesInArn(path: string): readonly string[] {
  return path.includes('/') ? [`/${path}`] : [path, `/${path}`];
}

/** Reads an identifier as one of this service; a find's digest is a name like those of secrets. */
export function readWritten(text: string, service: SecretService): WrittenSecret | null {
  return service === 'ssm' ? readWrittenParameter(text) : readWrittenSecret(text);
}

/** The service that an ARN names; null for a bare name, and for an ARN of anything else. */
export function serviceInArn(text: string): KeepingService | null {
  if (!text.startsWith('arn:')) return null;
  if (readWrittenSecret(text) !== null) return 'secretsmanager';
  return readWrittenParameter(text) === null ? null : 'ssm';
}

/** A parameter's identifier without what selects a version of it: what AWS is asked for. */
export function withoutSelector(text: string, { selector }: WrittenParameter): string {
  return selector === null ? text : text.slice(0, -selector.length - 1);
}

/**
 * The version of a parameter: its number, which begins at 1 again when it is deleted and made anew, and when it was written
 * (epoch seconds).
 */
export function parameterVersion(number: string, seconds: number): string {
  return `${number}.${seconds}`;
}

/** The number in a {@link parameterVersion}, or that an event names. */
export function versionNumber(version: string): number {
  return Number(version.split('.')[0]);
}
