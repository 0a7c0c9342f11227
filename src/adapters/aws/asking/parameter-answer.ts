import { Failure } from '../../../domain/failure.ts';
import { LATEST, parameterVersion, readWrittenParameter } from '../../../domain/parameters/parameter-id.ts';
import { parseArn, type SecretRef } from '../../../domain/secret-id.ts';
import type { SecretAnswer } from '../../../ports.ts';
import { shown } from './client-pool.ts';

/** A parameter as a page of DescribeParameters tells of it. */
interface FoundParameter {
  readonly name: string;
  readonly arn: string | null;
  readonly version: string;
}

/** A page of DescribeParameters: what of it was asked for, and where the next one begins. */
export interface ParameterPage {
  readonly found: readonly FoundParameter[];
  /** Null after the last one. */
  readonly next: string | null;
}

/**
 * What one page says, read as a hostile text: nothing in it has the promised type until it was looked at. Parameters that
 * were not asked for are left out. Throws a `Failure` (aws-rejected) where it is no such page.
 */
export function readPage(output: unknown, ref: SecretRef): ParameterPage {
  const { Parameters: parameters = [], NextToken: token } = record(output);
  if (!Array.isArray(parameters)) throw unreadable(ref, 'it holds no list of parameters');
  const names = readWrittenParameter(ref.id)?.names ?? [];
  const asked = (parameters as readonly unknown[])
    .map(record)
    .filter(({ Name: name }) => names.some((one) => one === name));
  return {
    found: asked.map((one) => readParameter(one, ref)),
    next: typeof token === 'string' && token !== '' ? token : null,
  };
}

/** The answer, once every page was read. An ARN leaves out a leading slash: two parameters may be meant by one. */
export function answerOf(found: readonly FoundParameter[], ref: SecretRef, seenAt: number): SecretAnswer {
  const [first, other] = new Map(found.map((one) => [one.name, one])).values();
  if (first === undefined) return { kind: 'absent' };
  if (other !== undefined) throw severalMeant(ref, [first.name, other.name]);
  const { account, region } = ref;
  const arn = first.arn === null ? null : parseArn(first.arn);
  if (arn !== null && (arn.service !== 'ssm' || arn.account !== account || arn.region !== region)) {
    throw new Failure(
      `could not describe ${shown(ref)}: the answer is about ${arn.service} of account ${arn.account} in ${arn.region}`,
      {
        code: 'aws-rejected',
        retry: 'never',
        hint: `The credentials belong to another account, or the endpoint to another region: set a role of account ${account}.`,
      },
    );
  }
  const secret = {
    service: 'ssm',
    partition: arn?.partition ?? 'aws',
    account,
    region,
    name: first.name,
    suffix: null,
  } as const;
  return {
    kind: 'found',
    secret,
    versions: new Map([[LATEST, first.version]]),
    seenAt,
    deleted: false,
    tags: new Map(),
    replication: [],
    primaryRegion: null,
  };
}

/** A page that ends nowhere, or an answer that is none. */
export function unreadable(ref: SecretRef, reason: string): Failure {
  return new Failure(`could not describe ${shown(ref)}: ${reason}`, {
    code: 'aws-rejected',
    retry: 'later',
    hint: 'The answer was not readable as one of Parameter Store; check that the endpoint leads there. It is tried again.',
  });
}

/** One entry of a page, whichever parameter it is; null where it is none, or does not tell its version. */
export function readFound(entry: unknown): FoundParameter | null {
  const found = readFields(record(entry));
  return typeof found === 'string' ? null : found;
}

/** The entry, or why it is none. */
function readFields({
  Name: name,
  ARN: arn,
  Version: version,
  LastModifiedDate: date,
}: Fields): FoundParameter | string {
  if (typeof name !== 'string') return 'it has no name';
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) return 'its version is no number';
  const time = date instanceof Date ? date.getTime() : Number.NaN;
  if (!Number.isFinite(time)) return 'it does not say when it was written';
  return {
    name,
    arn: typeof arn === 'string' ? arn : null,
    version: parameterVersion(String(version), Math.floor(time / 1000)),
  };
}

function readParameter(fields: Fields, ref: SecretRef): FoundParameter {
  const found = readFields(fields);
  if (typeof found === 'string') throw unreadable(ref, found);
  return found;
}

function severalMeant(ref: SecretRef, names: readonly string[]): Failure {
  return new Failure(`could not describe ${shown(ref)}: it may be ${names.join(' or ')}`, {
    code: 'aws-rejected',
    retry: 'never',
    hint: "Use the parameter's name as key: its ARN does not tell whether the name begins with a slash.",
  });
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
