import { internalFailure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { SecretRef } from '../../../domain/secret-id.ts';
import type { AwsConnection } from '../aws-clients.ts';
import type { AwsCredentials } from '../aws-credentials.ts';
import type { AwsLimits } from '../aws-limits.ts';

/** One account that may be asked, and as whom. */
export interface DescribedAccount {
  readonly id: string;
  readonly regions: readonly string[];
  readonly credentials: AwsCredentials;
  /** A URL for all its regions; null for AWS's own. */
  readonly endpoint: string | null;
}

/** The clients of one service, with connections to close. */
export interface ClientPool<C> {
  /** Throws where the account and region are not allowed. */
  clientOf(ref: SecretRef): C;
  close(): void;
}

/**
 * One client per identity, region and endpoint, made when first needed: accounts that are asked by the own identity share
 * it, and no role is assumed twice for one region.
 */
export function createClientPool<C extends { destroy(): void }>(
  accounts: readonly DescribedAccount[],
  limits: AwsLimits,
  newClient: (connection: AwsConnection) => C,
): ClientPool<C> {
  const clients = new Map<string, C>();
  return {
    clientOf: (ref) => {
      const account = accountOf(accounts, ref);
      const { endpoint, credentials } = account;
      const key = JSON.stringify([identityOf(account), ref.region, endpoint]);
      const client = clients.get(key) ?? newClient({ region: ref.region, endpoint, credentials, limits });
      clients.set(key, client);
      return client;
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}

/** What was asked for, in a message. */
export function shown({ service, id, account, region }: SecretRef): string {
  const noun = service === 'ssm' ? 'parameter' : 'secret';
  return `${noun} ${plainText(id, 200)} of account ${plainText(account, 20)} in ${plainText(region, 30)}`;
}

function accountOf(accounts: readonly DescribedAccount[], ref: SecretRef): DescribedAccount {
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
