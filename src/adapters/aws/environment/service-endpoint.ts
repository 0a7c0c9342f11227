import { Failure } from '../../../domain/failure.ts';

/** The services that we ask, as the variables name them. */
export type AwsService = 'SQS' | 'SECRETS_MANAGER' | 'SSM' | 'STS';

/** Where the environment was read; tests give their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The address that `AWS_ENDPOINT_URL_<service>`, else `AWS_ENDPOINT_URL`, names; null where none does, or where
 * `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true. Throws a Failure where it is no address.
 */
export function serviceEndpoint(service: AwsService, environment: Environment = process.env): string | null {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.trim().toLowerCase() === 'true') return null;
  const name = [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL'].find((one) => (environment[one] ?? '') !== '');
  if (name === undefined) return null;
  const text = environment[name] ?? '';
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new Failure(`the environment variable ${name} holds no http or https address`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Correct it, or name the address under spec.aws.endpoints.',
  });
}
