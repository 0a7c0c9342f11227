import { readCredential } from '../adapters/local/read-credential.ts';
import type { NetSettings } from '../adapters/net/net-settings.ts';
import { readNetSettings } from '../adapters/net/read-net-settings.ts';
import type { NetworkConfig } from '../config/config.ts';

/** The way out that a configuration and the environment name. Rejects with a `Failure` where one of them cannot be used. */
export async function netOf({ proxy, proxySecret, noProxy, caFile }: NetworkConfig): Promise<NetSettings> {
  if (proxySecret === null) return readNetSettings({ proxy, proxyPlace: 'spec.network.proxy', noProxy, caFile });
  const written = await readCredential(proxySecret);
  return readNetSettings({ proxy: written, proxyPlace: 'the file of spec.network.proxySecretRef', noProxy, caFile });
}
