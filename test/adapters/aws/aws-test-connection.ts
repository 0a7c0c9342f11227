import type { AwsConnection } from '../../../src/adapters/aws/aws-clients.ts';
import type { AwsLimits } from '../../../src/adapters/aws/aws-limits.ts';
import { createSystemClock } from '../../../src/adapters/local/system-clock.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Log } from '../../../src/ports.ts';

/** A secret access key and a session token that must never be seen anywhere. */
export const CANARY_KEY = 'canary/secret+access/key';
export const CANARY_TOKEN = 'canary-session-token';

/** One attempt, and short limits for what never answers. */
export const LIMITS: AwsLimits = { connectMilliseconds: 1000, requestMilliseconds: 5000, maxAttempts: 1 };

/** The canary's credentials; an access key id that ends in twelve digits belongs to that account. */
export const CREDENTIALS = {
  kind: 'static',
  accessKeyId: 'AKIAEXAMPLE111122223333',
  secretAccessKey: CANARY_KEY,
  sessionToken: CANARY_TOKEN,
} as const;

const quiet = () => undefined;
const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The ports of an inbox: the computer's time, and nobody who listens. */
export const INBOX_PORTS = { clock: createSystemClock(), log: SILENT };

export function connection(endpoint: string, limits: Partial<AwsLimits> = {}): AwsConnection {
  return { region: 'eu-west-1', endpoint, credentials: CREDENTIALS, limits: { ...LIMITS, ...limits } };
}

/** The Failure that a promise rejects with; anything else is an error of the test. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
