import type { NetSettings } from '../../adapters/net/net-settings.ts';
import type { Config } from '../../config/config.ts';
import { Failure } from '../../domain/failure.ts';
import type { Log } from '../../ports.ts';
import type { Finding } from '../../service/report/doctor.ts';
import { netOf } from '../net-of.ts';
import { type AwsUse, type AwsUses, awsUses } from './aws-uses.ts';

const NO_CREDENTIALS =
  'Give the process a role (IRSA, Pod Identity, instance) or keys: the environment holds none, and instance metadata is switched off.';

/** Says at the start what everything that is sent will use: one line for the network, one for each connection to AWS. */
export function tellUses(config: Config, net: NetSettings, log: Log): void {
  const { uses, shadow } = awsUses(config, net);
  const proxy = proxyOf(net);
  if (proxy !== null || net.caFile !== null) {
    log.info({ proxy, noProxy: net.noProxy, caFile: net.caFile }, 'network');
  }
  for (const use of uses) log.info({ ...use }, 'aws connection');
  if (shadow !== null) {
    const { source: credentials, shadowed } = shadow;
    log.warn({ credentials, shadowed, hint: unshadow(shadow) }, 'credentials come before a role');
  }
}

/** The same for `doctor`. What cannot be used is a finding of its own. */
export async function usesFound(config: Config): Promise<readonly Finding[]> {
  try {
    const net = await netOf(config.network);
    const { uses, shadow } = awsUses(config, net);
    return [...networkFound(net), ...uses.map(useFound), ...shadowFound(shadow)];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [{ subject: 'network', ok: false, detail: `${error.message} [${error.code}]`, hint: error.hint }];
  }
}

function networkFound(net: NetSettings): readonly Finding[] {
  const proxy = proxyOf(net);
  const parts = [
    ...(proxy === null ? [] : [`proxy ${proxy}, but not for ${['this machine', ...net.noProxy].join(', ')}`]),
    ...(net.caFile === null ? [] : [`authorities of ${net.caFile} are trusted too`]),
  ];
  return parts.length === 0 ? [] : [{ subject: 'network', ok: true, detail: parts.join('; '), hint: null }];
}

function useFound({ connection, regions, credentials, roles, endpoint, proxy }: AwsUse): Finding {
  const detail = [
    credentials === 'none' ? 'no credentials' : credentials,
    ...roles.map((role) => `then ${role}`),
    `in ${regions.join(', ')}`,
    ...(endpoint === null ? [] : [`at ${endpoint}`]),
    ...(proxy === null ? [] : [`through ${proxy}`]),
  ].join(', ');
  const hint = credentials === 'none' ? NO_CREDENTIALS : null;
  return { subject: `credentials of ${connection}`, ok: true, detail, hint };
}

function shadowFound(shadow: AwsUses['shadow']): readonly Finding[] {
  if (shadow === null) return [];
  const detail = `${shadow.source} come before the ${shadow.shadowed.join(' and the ')} role of this process`;
  return [{ subject: 'credentials', ok: true, detail, hint: unshadow(shadow) }];
}

const VARIABLES: Readonly<Record<string, string>> = {
  'environment keys': 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  profile: 'AWS_PROFILE, or the profile files,',
  'web identity': 'AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN',
};

function unshadow({ source, shadowed }: NonNullable<AwsUses['shadow']>): string {
  return `Take away ${VARIABLES[source] ?? source} if the ${shadowed.join(' or ')} role is to be used.`;
}

/** Of the proxies in use; two differ only where the environment says so. */
function proxyOf({ secureProxy, plainProxy }: NetSettings): string | null {
  const names = [secureProxy, plainProxy].flatMap((proxy) => proxy?.name ?? []);
  return names.length === 0 ? null : [...new Set(names)].join(', ');
}
