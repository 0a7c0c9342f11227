import { Failure, type FailureCode } from '../../domain/failure.ts';
import { ProxyError } from '../net/tunnel.ts';

/** What an error of the SDK comes down to. */
export type TroubleKind = 'missing' | 'denied' | 'throttled' | 'unreachable' | 'untrusted' | 'garbled' | 'rejected';

/**
 * An error without what must not be told: names and numbers only. Messages of AWS are left out, because a signature error
 * repeats the signed headers, session token included; the SDK's error object holds the whole exchange.
 */
export interface AwsTrouble {
  readonly kind: TroubleKind;
  /** The error's name, or the system's code (`ECONNRESET`). */
  readonly name: string;
  readonly status: number | null;
  readonly requestId: string | null;
}

const SYSTEM_CODE = /^(?:E[A-Z_]{3,40}|[A-Z0-9_]*CERT[A-Z0-9_]*|[A-Z_]*SIGNATURE[A-Z_]*|HPE_[A-Z_]+|UND_ERR_[A-Z_]+)$/;
const UNTRUSTED = /CERT|SIGNATURE_FAILURE|ERR_TLS_/;
const NAMES: readonly (readonly [RegExp, TroubleKind])[] = [
  [/^(?:QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)/, 'missing'],
  [/Throttl|TooManyRequests|RequestLimitExceeded|OverLimit|SlowDown|^LimitExceeded/i, 'throttled'],
  [/AccessDenied|NotAuthorized|Unauthorized|OptInRequired|InvalidSecurity|^Kms|^KMS/, 'denied'],
  [/InvalidClientTokenId|UnrecognizedClient|ExpiredToken|InvalidToken|AuthenticationToken|IdentityToken/, 'denied'],
  [/InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|RequestExpired|TimeTooSkewed/, 'denied'],
  [/CredentialsProvider|TokenProvider/, 'denied'],
  [/^TimeoutError$|^NetworkingError$|^AbortError$/, 'unreachable'],
];

/** Reads whatever the SDK threw; never throws. */
export function readTrouble(error: unknown): AwsTrouble {
  const named = property(error, 'name');
  const code = property(error, 'code');
  const metadata = property(error, '$metadata');
  const status = property(metadata, 'httpStatusCode');
  const requestId = property(metadata, 'requestId');
  const name = typeof code === 'string' && SYSTEM_CODE.test(code) ? code : plainName(named);
  const known = typeof status === 'number' ? status : null;
  return {
    kind: kindOf(name, known),
    name,
    status: known,
    requestId: typeof requestId === 'string' && /^[\w-]{1,64}$/.test(requestId) ? requestId : null,
  };
}

function kindOf(name: string, status: number | null): TroubleKind {
  const byName = NAMES.find(([pattern]) => pattern.test(name))?.[1];
  if (byName !== undefined) return byName;
  if (SYSTEM_CODE.test(name)) return UNTRUSTED.test(name) ? 'untrusted' : 'unreachable';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  if (status !== null && status >= 500) return 'unreachable';
  // A body that is not JSON, or one whose checksum is wrong.
  return status === null || status < 300 ? 'garbled' : 'rejected';
}

/** How a service's failures are told: the codes for what a person has to see to, and the hints. */
export interface TroubleWords {
  readonly missing: FailureCode;
  readonly denied: FailureCode;
  readonly hints: Readonly<Record<'missing' | 'denied', string>>;
}

/** A `Failure` for an error of the SDK. `attempt` continues "could not …". A `Failure` is passed on as it is. */
export function awsFailure(attempt: string, error: unknown, words: TroubleWords): Failure {
  if (error instanceof Failure) return error;
  const proxy = proxyErrorIn(error);
  if (proxy !== null) {
    const retry = proxy.reason === 'refused' ? 'never' : 'later';
    return new Failure(`could not ${attempt}: ${proxy.message}`, { code: 'aws-unreachable', retry, hint: proxy.hint });
  }
  const trouble = readTrouble(error);
  const facts = [trouble.status === null ? null : `HTTP ${trouble.status}`, trouble.requestId].filter(
    (one) => one !== null,
  );
  const place = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return new Failure(`could not ${attempt}: ${trouble.name}${place}`, { ...verdict(trouble, words), cause: trouble });
}

/** Providers of credentials put what they caught into an error of their own. */
function proxyErrorIn(error: unknown): ProxyError | null {
  let current = error;
  for (let depth = 0; depth < 4; depth += 1) {
    if (current instanceof ProxyError) return current;
    current = property(current, 'cause');
  }
  return null;
}

function verdict({ kind, name }: AwsTrouble, words: TroubleWords) {
  switch (kind) {
    case 'missing':
      return { code: words.missing, retry: 'never', hint: words.hints.missing } as const;
    case 'denied':
      return { code: words.denied, ...denial(name, words.hints.denied) } as const;
    case 'throttled':
      return {
        code: 'aws-throttled',
        retry: 'later',
        hint: 'AWS asked to slow down; it is tried again later.',
      } as const;
    case 'unreachable':
      return {
        code: 'aws-unreachable',
        retry: 'later',
        hint: 'Check the region, the endpoint and the network way to AWS; it is tried again.',
      } as const;
    case 'untrusted':
      return {
        code: 'aws-unreachable',
        retry: 'never',
        hint: "Check the endpoint's certificate; a private authority's goes into NODE_EXTRA_CA_CERTS or spec.network.caFile.",
      } as const;
    case 'garbled':
      return {
        code: 'aws-rejected',
        retry: 'later',
        hint: 'The answer was not readable as one of AWS; check that the endpoint leads to AWS. It is tried again.',
      } as const;
    case 'rejected':
      return {
        code: 'aws-rejected',
        retry: 'never',
        hint: 'AWS did not accept the request; check the region, the endpoint and the configured values.',
      } as const;
  }
}

/** Credentials that end by themselves are renewed by themselves; a missing permission is not. */
function denial(name: string, hint: string): { readonly retry: 'later' | 'never'; readonly hint: string } {
  if (/ExpiredToken/.test(name)) {
    return {
      retry: 'later',
      hint: 'The AWS credentials have expired: renew them. It is tried again with the new ones.',
    };
  }
  if (/CredentialsProvider|TokenProvider/.test(name)) {
    return {
      retry: 'later',
      hint: 'No AWS credentials were found: give the process a role (IRSA, Pod Identity, instance) or static keys. Outside EC2 set AWS_EC2_METADATA_DISABLED=true.',
    };
  }
  if (/^kms/i.test(name)) {
    return { retry: 'never', hint: "Allow kms:Decrypt on the queue's key, and check that the key is enabled." };
  }
  if (/Signature|RequestExpired|TimeTooSkewed|ClientTokenId|UnrecognizedClient|InvalidToken/.test(name)) {
    return { retry: 'never', hint: "Check the access keys and this machine's clock: AWS does not know who is asking." };
  }
  return { retry: 'never', hint };
}

function plainName(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9.]{0,79}$/.test(value) ? value : 'an error without a name';
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
