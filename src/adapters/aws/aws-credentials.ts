import { fromNodeProviderChain, fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers';
import { Failure } from '../../domain/failure.ts';
import { onlyAllowed, STS_OPERATIONS } from './allowed-operations.ts';
import { type AwsLimits, requestHandler } from './aws-limits.ts';

/** Keys of a user or a session. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null or empty for long-lived keys. */
  readonly sessionToken: string | null;
}

/** A service account's token, and the role that it may be exchanged for. */
export interface WebIdentity {
  readonly token: string;
  readonly role: string;
}

/** Where credentials come from. There is no other way. */
export type AwsCredentials =
  /** The SDK's chain: environment, profile, web identity (IRSA), container (Pod Identity), instance. */
  | { readonly kind: 'default' }
  | ({ readonly kind: 'static' } & AwsKeys)
  /** Read again for each request, so that a replaced file takes effect. A `Failure` of `read` is passed on. */
  | { readonly kind: 'read'; readonly read: () => Promise<AwsKeys> }
  /** Read again at each renewal: a projected token lives for an hour or so. A `Failure` of `read` is passed on. */
  | {
      readonly kind: 'web-identity';
      readonly read: () => Promise<WebIdentity>;
      readonly sessionName: string;
      /** A URL for STS; null for AWS's own. */
      readonly stsEndpoint: string | null;
    }
  | {
      readonly kind: 'assume-role';
      readonly role: string;
      readonly externalId: string | null;
      readonly sessionName: string;
      /** Who assumes the role. */
      readonly base: AwsCredentials;
      /** A URL for STS; null for AWS's own. */
      readonly stsEndpoint: string | null;
    };

interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The SDK's provider for these credentials; STS is asked in `region`, within `limits`. */
export function credentialProvider(
  credentials: AwsCredentials,
  region: string,
  limits: AwsLimits,
): () => Promise<Identity> {
  switch (credentials.kind) {
    case 'default':
      return chain(region, limits);
    case 'static':
      return async () => identity(credentials);
    case 'read':
      // The SDK keeps an identity for ever unless it ends, and asks again in its last five minutes.
      return async () => ({ ...identity(await credentials.read()), expiration: new Date(Date.now() + 60_000) });
    case 'web-identity':
      return async () => {
        const { token, role } = await credentials.read();
        return fromWebToken({
          webIdentityToken: token,
          roleArn: role,
          roleSessionName: credentials.sessionName,
          clientConfig: stsConfig(credentials.stsEndpoint, region, limits),
          clientPlugins: [ONLY_STS],
        })();
      };
    case 'assume-role':
      return fromTemporaryCredentials({
        masterCredentials: credentialProvider(credentials.base, region, limits),
        params: {
          RoleArn: credentials.role,
          RoleSessionName: credentials.sessionName,
          // The most that AWS allows a role that was assumed by a role.
          DurationSeconds: 3600,
          ...(credentials.externalId === null ? {} : { ExternalId: credentials.externalId }),
        },
        clientConfig: stsConfig(credentials.stsEndpoint, region, limits),
        clientPlugins: [ONLY_STS],
      });
  }
}

/** What answers on this machine answers at once; in milliseconds. */
const METADATA_TIMEOUT = 2000;

/**
 * The SDK's chain. Instance metadata and Pod Identity are asked by the SDK itself, never through a proxy; its STS and SSO clients
 * take our way.
 */
function chain(region: string, limits: AwsLimits) {
  const clientConfig = { region, requestHandler: requestHandler(limits), maxAttempts: limits.maxAttempts };
  const bounds = { timeout: METADATA_TIMEOUT, maxRetries: 1 };
  const provider = fromNodeProviderChain({ ...bounds, clientConfig, parentClientConfig: clientConfig });
  return () => inTime(provider());
}

/** For the whole chain; in milliseconds. A program that gives credentials may take some seconds. */
const CHAIN_TIMEOUT = 30_000;

/** The SDK only warns where a container's endpoint is silent, and waits for ever. */
async function inTime(asked: Promise<Identity>): Promise<Identity> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noCredentials()), CHAIN_TIMEOUT);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function noCredentials(): Failure {
  return new Failure(`the AWS credential chain gave nothing within ${CHAIN_TIMEOUT} ms`, {
    code: 'aws-unreachable',
    retry: 'later',
    hint: 'Look at what gives credentials here: the agent of Pod Identity, ECS, instance metadata or a credential_process. It is tried again.',
  });
}

/** The SDK makes its STS clients itself; they refuse what is not allowed like every other. */
const ONLY_STS = {
  applyToStack: (middlewareStack: unknown) => void onlyAllowed({ middlewareStack }, STS_OPERATIONS),
};

function stsConfig(endpoint: string | null, region: string, limits: AwsLimits) {
  return {
    region,
    requestHandler: requestHandler(limits),
    maxAttempts: limits.maxAttempts,
    ...(endpoint === null ? {} : { endpoint }),
  };
}

function identity({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys): Identity {
  // An empty session token would be sent as a header and refused.
  const token = sessionToken === null || sessionToken === '' ? {} : { sessionToken };
  return { accessKeyId, secretAccessKey, ...token };
}
