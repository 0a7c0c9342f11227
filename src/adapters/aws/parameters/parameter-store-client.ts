import { SSMClient } from '@aws-sdk/client-ssm';
import { onlyAllowed, PARAMETER_STORE_OPERATIONS } from '../allowed-operations.ts';
import { type AwsConnection, clientConfig } from '../aws-clients.ts';

/**
 * A Systems Manager client that can send the allowed operation only; it returns no value. Apart from the others, as its SDK is
 * the largest, and most installations never ask for a parameter.
 */
export function parameterStoreClient(connection: AwsConnection): SSMClient {
  return onlyAllowed(new SSMClient(clientConfig(connection, 0)), PARAMETER_STORE_OPERATIONS);
}
