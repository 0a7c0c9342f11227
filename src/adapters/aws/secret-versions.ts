import {
  DescribeSecretCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { Failure, internalFailure } from '../../domain/failure.ts';
import type { SecretRef } from '../../domain/secret-id.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';
import { secretsManagerClient } from './aws-clients.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import type { AwsLimits } from './aws-limits.ts';
import { awsFailure, type TroubleWords } from './aws-trouble.ts';
import { readDate, seenAt } from './list/answer-date.ts';
import { listSecrets } from './list/list-secrets.ts';
import { readAnswer, shown } from './secret-answer.ts';

/** One account that may be asked, and as whom. */
export interface DescribedAccount {
  readonly id: string;
  readonly regions: readonly string[];
  readonly credentials: AwsCredentials;
  /** A URL for all its regions; null for AWS's own. */
  readonly endpoint: string | null;
}

export interface SecretVersionsOptions {
  readonly accounts: readonly DescribedAccount[];
  readonly limits: AwsLimits;
  /** Epoch milliseconds; used where an answer has no `Date` header. */
  readonly now: () => number;
}

/** Versions by label, with connections to close. */
export interface AwsSecretVersions extends SecretVersions {
  close(): void;
}

const WORDS: TroubleWords = {
  missing: 'aws-rejected',
  denied: 'aws-denied',
  hints: {
    missing: 'Check the endpoint: this is not Secrets Manager.',
    denied:
      'Allow secretsmanager:DescribeSecret, and where a role is configured sts:AssumeRole on it, with its external id.',
  },
};

/** What AWS says of an identifier that cannot be one of a secret: then there is none. */
const NO_SUCH_SECRET = new Set(['ResourceNotFoundException', 'ValidationException', 'InvalidParameterException']);

/**
 * Asks Secrets Manager which version carries which label. One client per identity, region and endpoint, made when first
 * needed: accounts that are asked by the own identity share it, and no role is assumed twice for one region.
 */
export function createSecretVersions(options: SecretVersionsOptions): AwsSecretVersions {
  const clients = new Map<string, SecretsManagerClient>();
  const clientOf = (ref: SecretRef): SecretsManagerClient => {
    const account = accountOf(options, ref);
    const key = JSON.stringify([identityOf(account), ref.region, account.endpoint]);
    const client = clients.get(key) ?? newClient(account, ref.region, options.limits);
    clients.set(key, client);
    return client;
  };
  return {
    list: (place, filter, signal) => {
      const ref = { ...place, service: 'secretsmanager', id: 'any' } as const;
      return listSecrets(() => clientOf(ref), { place, filter, now: options.now }, signal);
    },
    describe: (ref, signal) => describe({ client: () => clientOf(ref), now: options.now }, ref, signal),
    close: () => {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}

interface Asking {
  readonly client: () => SecretsManagerClient;
  readonly now: () => number;
}

async function describe({ client, now }: Asking, ref: SecretRef, signal: AbortSignal): Promise<SecretAnswer> {
  if (ref.service !== 'secretsmanager') throw notOffered(ref);
  const command = new DescribeSecretCommand({ SecretId: ref.id });
  const date = readDate(command);
  try {
    const output = await client().send(command, { abortSignal: signal });
    return readAnswer(output, ref, seenAt(date(), now));
  } catch (error) {
    const answer = answerOf(error);
    if (answer !== null) return answer;
    throw awsFailure(`describe ${shown(ref)}`, error, WORDS);
  }
}

/** Errors of Secrets Manager itself that are answers. A refusal by STS is none: it says nothing of the secret. */
function answerOf(error: unknown): SecretAnswer | null {
  if (!(error instanceof SecretsManagerServiceException)) return null;
  if (NO_SUCH_SECRET.has(error.name)) return { kind: 'absent' };
  return error.name === 'AccessDeniedException' ? { kind: 'denied' } : null;
}

function accountOf({ accounts }: SecretVersionsOptions, ref: SecretRef): DescribedAccount {
  const account = accounts.find((one) => one.id === ref.account && one.regions.includes(ref.region));
  if (account !== undefined) return account;
  throw internalFailure(`${shown(ref)} is asked for, but is not in an allowed account and region`);
}

/** Who asks, told apart as far as that can be seen: keys are secret, so those of one account are its own. */
function identityOf({ id, credentials }: Pick<DescribedAccount, 'id' | 'credentials'>): readonly (string | null)[] {
  if (credentials.kind === 'default') return ['default'];
  if (credentials.kind !== 'assume-role') return ['keys', id];
  const { role, externalId, sessionName, stsEndpoint, base } = credentials;
  return ['role', role, externalId, sessionName, stsEndpoint, ...identityOf({ id, credentials: base })];
}

function newClient(
  { credentials, endpoint }: Pick<DescribedAccount, 'credentials' | 'endpoint'>,
  region: string,
  limits: AwsLimits,
): SecretsManagerClient {
  return secretsManagerClient({ region, endpoint, credentials, limits });
}

function notOffered(ref: SecretRef): Failure {
  return new Failure(`could not describe ${shown(ref)}: Parameter Store is not asked for versions`, {
    code: 'aws-rejected',
    retry: 'never',
    hint: 'Only secrets of Secrets Manager can be followed.',
  });
}
