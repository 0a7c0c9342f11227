import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { onlyAllowed, SECRETS_MANAGER_OPERATIONS, SQS_OPERATIONS } from './allowed-operations.ts';
import { type AwsCredentials, credentialProvider } from './aws-credentials.ts';
import { type AwsLimits, requestHandler } from './aws-limits.ts';
import { serviceEndpoint } from './environment/service-endpoint.ts';

/**
 * Room `adapters/aws`: SQS, Secrets Manager and Parameter Store through the AWS SDK. It classifies what goes wrong and retries nothing
 * beyond the SDK's own attempts. No operation that returns a secret's value can leave it: see `allowed-operations.ts`.
 */
export interface AwsConnection {
  readonly region: string;
  /** A URL that wins over everything (a queue URL's host, the environment); null for what the environment names, else AWS's own. */
  readonly endpoint: string | null;
  readonly credentials: AwsCredentials;
  readonly limits: AwsLimits;
}

/** An SQS client that can send the allowed operations only. `waitSeconds`: how long a long poll may be silent. */
export function sqsClient(connection: AwsConnection, waitSeconds: number): SQSClient {
  const endpoint = connection.endpoint ?? serviceEndpoint('SQS');
  const client = new SQSClient({
    ...clientConfig({ ...connection, endpoint }, waitSeconds * 1000),
    // Else the SDK takes the host of the queue URL, whatever endpoint the environment names.
    useQueueUrlAsEndpoint: endpoint === null,
    // The SDK fails the whole receive for one wrong checksum: `sqs/read-message.ts` looks at each message for itself.
    md5: false,
  });
  return onlyAllowed(client, SQS_OPERATIONS);
}

/** A Secrets Manager client that can send the allowed operations only; none of them returns a value. */
export function secretsManagerClient(connection: AwsConnection): SecretsManagerClient {
  return onlyAllowed(new SecretsManagerClient(clientConfig(connection, 0)), SECRETS_MANAGER_OPERATIONS);
}

/** What every client is made with; `waitMilliseconds`: how long an answer may be silent beside the limits. */
export function clientConfig({ region, endpoint, credentials, limits }: AwsConnection, waitMilliseconds: number) {
  return {
    region,
    credentials: credentialProvider(credentials, region, limits),
    requestHandler: requestHandler(limits, waitMilliseconds),
    maxAttempts: limits.maxAttempts,
    ...(endpoint === null ? {} : { endpoint }),
  };
}
