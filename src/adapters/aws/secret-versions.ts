import {
  DescribeSecretCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { internalFailure } from '../../domain/failure.ts';
import type { SecretRef } from '../../domain/secret-id.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';
import { readDate, seenAt } from './asking/answer-date.ts';
import { createClientPool, type DescribedAccount, shown } from './asking/client-pool.ts';
import { secretsManagerClient } from './aws-clients.ts';
import { type AwsLimits, listLimits } from './aws-limits.ts';
import { awsFailure, type TroubleWords } from './aws-trouble.ts';
import { listSecrets } from './list/list-secrets.ts';
import { readAnswer } from './secret-answer.ts';

export interface SecretVersionsOptions {
  readonly accounts: readonly DescribedAccount[];
  readonly limits: AwsLimits;
  /** Epoch milliseconds; used where an answer has no `Date` header. */
  readonly now: () => number;
}

/** Versions by label, with connections to close. */
export interface AwsSecretVersions extends Omit<SecretVersions, 'listParameters'> {
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

/** Asks Secrets Manager which version carries which label. */
export function createSecretVersions({ accounts, limits, now }: SecretVersionsOptions): AwsSecretVersions {
  const pool = createClientPool(accounts, limits, secretsManagerClient);
  const lists = createClientPool(accounts, listLimits(limits), secretsManagerClient);
  return {
    list: (place, filter, signal) => {
      const ref = { ...place, service: 'secretsmanager', id: 'any' } as const;
      return listSecrets(() => lists.clientOf(ref), { place, filter, now }, signal);
    },
    describe: (ref, signal) => describe({ client: () => pool.clientOf(ref), now }, ref, signal),
    close: () => {
      pool.close();
      lists.close();
    },
  };
}

interface Asking {
  readonly client: () => SecretsManagerClient;
  readonly now: () => number;
}

async function describe({ client, now }: Asking, ref: SecretRef, signal: AbortSignal): Promise<SecretAnswer> {
  if (ref.service !== 'secretsmanager') throw internalFailure(`${shown(ref)} is not asked of Secrets Manager`);
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
