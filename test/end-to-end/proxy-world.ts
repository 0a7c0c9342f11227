import {
  CA_FILE,
  type LoopbackProxy,
  portOf,
  startProxy,
  startTlsFront,
  type TlsFront,
} from '../adapters/net/loopback-proxy.ts';
import { CANARY } from './canaries.ts';
import { type Stage, startStage } from './stage.ts';

/** The embedded world behind TLS and a proxy that wants a password; only the proxy knows what its names mean. */
export interface ProxyWorld {
  readonly stage: Stage;
  readonly proxy: LoopbackProxy;
  /** What differs in `spec`. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** With the proxy, and with the endpoints of AWS. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Written {
  readonly notificationSources: readonly { readonly awsSqs: object }[];
  readonly aws: object;
  readonly repositories: readonly { readonly url: string; readonly forge: { readonly apiUrl: string } }[];
}

/** Starts it. Secrets Manager is exempted: by an address of this machine that does not say so. */
export async function startProxyWorld(files: ReadonlyMap<string, string>): Promise<ProxyWorld> {
  const [stage, proxy] = await Promise.all([startStage(files), startProxy()]);
  const { world } = stage;
  const { spec } = JSON.parse(world.config()) as { readonly spec: Written };
  proxy.demand('reloader', CANARY.proxyPassword);
  const fronts: TlsFront[] = [];
  for (const [host, url] of [
    ['sqs.acme.test', world.sqs.url],
    ['git.acme.test', world.repository.url],
    ['api.acme.test', world.github.url],
  ] as const) {
    const front = await startTlsFront(portOf(url));
    fronts.push(front);
    proxy.route(host, front.port);
  }
  return {
    stage,
    proxy,
    spec: {
      notificationSources: spec.notificationSources.map(({ awsSqs }) => ({
        type: 'AwsSqs',
        awsSqs: { ...awsSqs, queueURL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/gitops-reloader' },
      })),
      aws: { ...spec.aws, endpoints: {} },
      repositories: spec.repositories.map((repository) => ({
        ...repository,
        url: elsewhere(repository.url, 'git.acme.test'),
        forge: { ...repository.forge, apiUrl: elsewhere(repository.forge.apiUrl, 'api.acme.test') },
      })),
      network: { caFile: `${process.cwd()}/${CA_FILE}` },
    },
    environment: {
      ...stage.environment,
      HTTPS_PROXY: `http://reloader:${encodeURIComponent(CANARY.proxyPassword)}@127.0.0.1:${proxy.port}`,
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: 'example.com, 0.0.0.0/8',
      AWS_ENDPOINT_URL_SQS: 'https://sqs.acme.test',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://0.0.0.0:${portOf(world.secrets.url)}`,
    },
    close: async () => {
      await stage.close();
      await Promise.all([proxy, ...fronts].map((one) => one.close()));
    },
  };
}

function elsewhere(url: string, host: string): string {
  return `https://${host}${new URL(url).pathname.replace(/\/$/, '')}`;
}
