import { type ChainUse, chainUse } from '../../adapters/aws/environment/credential-source.ts';
import { type AwsService, serviceEndpoint } from '../../adapters/aws/environment/service-endpoint.ts';
import { queueName } from '../../adapters/aws/sqs-inbox.ts';
import { type NetSettings, proxyFor } from '../../adapters/net/net-settings.ts';
import type { Config, SourceAuth } from '../../config/config.ts';
import { rolesInOrder } from '../own-credentials.ts';

/** What one connection to AWS is made with; nothing secret, and no access key id. */
export interface AwsUse {
  /** `queue <name>`, `secrets of <account>` or `parameters of <account>`. */
  readonly connection: string;
  readonly regions: readonly string[];
  /** Where the first credentials come from. */
  readonly credentials: ChainUse['source'] | 'mounted file' | 'service account';
  /** Assumed one after the other. */
  readonly roles: readonly string[];
  /** The host; null: AWS's own. */
  readonly endpoint: string | null;
  /** `host:port`; null: none. */
  readonly proxy: string | null;
}

export interface AwsUses {
  readonly uses: readonly AwsUse[];
  /** What the environment holds for this process and is not used, because `source` comes first. */
  readonly shadow: { readonly source: string; readonly shadowed: readonly string[] } | null;
}

/** What every connection to AWS will be made with. Nothing is asked. */
export function awsUses(config: Config, net: NetSettings): AwsUses {
  const chain = chainUse();
  const { aws, sources } = config;
  const beside = sources.map(({ queueUrl }) => queueUrl);
  const queues = sources.map(({ queueUrl, region, endpoint, auth }) => ({
    connection: `queue ${queueName(queueUrl, beside)}`,
    regions: [region],
    ...whoAsks(auth, chain, []),
    ...where(endpoint ?? aws.endpoints.sqs, 'SQS', [queueUrl], net),
  }));
  const accounts = (aws.truth === 'event' ? [] : aws.accounts).flatMap(({ id, regions, ...roles }) => {
    const asked = { regions, ...whoAsks(aws.auth, chain, rolesInOrder(roles)) };
    const secrets = where(aws.endpoints.secretsManager, 'SECRETS_MANAGER', hostsOf('secretsmanager', regions), net);
    const parameters = where(aws.endpoints.parameterStore, 'SSM', hostsOf('ssm', regions), net);
    const differs = secrets.endpoint !== parameters.endpoint || secrets.proxy !== parameters.proxy;
    return [
      { connection: `secrets of ${id}`, ...asked, ...secrets },
      // Most have no parameters: they are spoken of where another way leads to them.
      ...(differs ? [{ connection: `parameters of ${id}`, ...asked, ...parameters }] : []),
    ];
  });
  const uses = [...queues, ...accounts];
  const isUsed = chain.shadowed.length > 0 && uses.some(({ credentials }) => credentials === chain.source);
  return { uses, shadow: isUsed ? { source: chain.source, shadowed: chain.shadowed } : null };
}

function whoAsks(auth: SourceAuth, chain: ChainUse, roles: readonly string[]): Pick<AwsUse, 'credentials' | 'roles'> {
  switch (auth.authMethod) {
    case 'default':
      return { credentials: chain.source, roles };
    case 'static':
      return { credentials: 'mounted file', roles };
    case 'serviceAccount':
      return { credentials: 'service account', roles: auth.role === null ? roles : [auth.role, ...roles] };
  }
}

/** `own` are AWS's addresses, which hold where no other is named. */
function where(
  configured: string | null,
  service: AwsService,
  own: readonly string[],
  net: NetSettings,
): Pick<AwsUse, 'endpoint' | 'proxy'> {
  const named = configured ?? serviceEndpoint(service);
  const proxies = (named === null ? own : [named]).flatMap((url) => proxyFor(net, new URL(url))?.name ?? []);
  const [proxy = null] = proxies;
  return { endpoint: named === null ? null : new URL(named).host, proxy };
}

function hostsOf(service: string, regions: readonly string[]): readonly string[] {
  return regions.map((region) => `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
}
