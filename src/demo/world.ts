import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParameterStoreServer, startParameterStore } from './aws/parameter-store-server.ts';
import { type SecretsManagerServer, startSecretsManager } from './aws/secrets-manager-server.ts';
import { type SqsServer, startSqs } from './aws/sqs-server.ts';
import { createFaults, type Faults } from './faults.ts';
import { type GitServer, type HostedRepository, startGitServer } from './git/git-server.ts';
import { type GitHubServer, startGitHub } from './github/github-server.ts';

/** SQS, Secrets Manager, Parameter Store, a Git host and GitHub on loopback, with one GitOps repository and the settings to reach them. */
export interface EmbeddedWorld {
  readonly sqs: SqsServer;
  readonly secrets: SecretsManagerServer;
  readonly parameters: ParameterStoreServer;
  readonly git: GitServer;
  readonly github: GitHubServer;
  readonly repository: HostedRepository;
  readonly faults: Readonly<Record<'sqs' | 'secrets' | 'parameters' | 'git' | 'github', Faults>>;
  /** A complete configuration for `run`, `plan` and `doctor`; `more` is merged into `spec`. */
  config(more?: Readonly<Record<string, unknown>>): string;
  /** What a process needs in its environment: AWS keys of nobody, and the GitHub token. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Contents by path; left out: the demo's GitOps repository. */
  readonly files?: ReadonlyMap<string, string | Uint8Array>;
  readonly visibilityTimeout?: number;
  /** GitHub's clock, epoch milliseconds; left out: the system's. */
  readonly now?: () => number;
  /** How long a refresh settles before its restarts are proposed; left out: as the program has it. */
  readonly settle?: string;
  /** How many pull requests there may be (`spec.repositories[].limits`); left out: as the program has it. */
  readonly limits?: Readonly<Record<string, number | 'none'>>;
}

export const WORLD = {
  account: '111122223333',
  region: 'eu-west-1',
  queue: 'gitops-reloader',
  repository: 'acme/platform-gitops',
  base: 'main',
  bot: { login: 'gitops-reloader[bot]', type: 'Bot' },
} as const;

const TOKEN = 'demo-token-of-the-bot';
const FIRST_COMMIT = { person: { name: 'Ada Reviewer', email: 'ada@acme.example' }, time: 1_767_225_600 };

/** Starts the embedded world. Everything listens on 127.0.0.1, on ports that the system chooses. */
export async function startWorld(options: WorldOptions = {}): Promise<EmbeddedWorld> {
  const faults = {
    sqs: createFaults(),
    secrets: createFaults(),
    parameters: createFaults(),
    git: createFaults(),
    github: createFaults(),
  };
  const sqs = await startSqs({ faults: faults.sqs });
  const secrets = await startSecretsManager({ faults: faults.secrets, account: WORLD.account, region: WORLD.region });
  const { account, region } = WORLD;
  const parameters = await startParameterStore({ faults: faults.parameters, account, region });
  let hub: GitHubServer | null = null;
  const accepts = (password: string) => password.startsWith('ghs_') && hub?.accepts(password) === true;
  const git = await startGitServer({ faults: faults.git, accepts });
  const files = options.files ?? (await demoRepository());
  const repository = await git.createRepository(WORLD.repository, { files, branch: WORLD.base, ...FIRST_COMMIT });
  git.accept(TOKEN, 'write');
  const gitDir = (name: string) => (name === WORLD.repository ? repository.dir : null);
  const github = await startGitHub({
    faults: faults.github,
    gitDir,
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  // Tokens that it issues to Apps are good for Git too.
  hub = github;
  github.addToken(TOKEN, WORLD.bot);
  const queueUrl = sqs.createQueue(WORLD.queue, { visibilityTimeout: options.visibilityTimeout ?? 30 });
  const servers = [sqs, secrets, parameters, git, github];
  return {
    sqs,
    secrets,
    parameters,
    git,
    github,
    repository,
    faults,
    config: (more = {}) => configText({ queueUrl, sqs, secrets, parameters, github, repository }, options, more),
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
      AWS_SECRET_ACCESS_KEY: 'nobody',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      GITHUB_TOKEN: TOKEN,
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** The files of the demo's GitOps repository, as they lie in `fixtures/demo/repository`. */
async function demoRepository(): Promise<ReadonlyMap<string, Uint8Array>> {
  const root = fileURLToPath(new URL('../../fixtures/demo/repository', import.meta.url));
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.toSorted().map(async (file) => [file.slice(root.length + 1), await readFile(file)] as const),
  );
  return new Map(contents);
}

interface Places {
  readonly queueUrl: string;
  readonly sqs: SqsServer;
  readonly secrets: SecretsManagerServer;
  readonly parameters: ParameterStoreServer;
  readonly github: GitHubServer;
  readonly repository: HostedRepository;
}

/** JSON is YAML: no second serialiser is needed to write a configuration. */
function configText(places: Places, { settle, limits }: WorldOptions, more: Readonly<Record<string, unknown>>): string {
  const queue = { queueURL: places.queueUrl, region: WORLD.region, waitTimeSeconds: 1, visibilityTimeout: 30 };
  const config = {
    apiVersion: 'gitops-reloader.dev/v1alpha1',
    kind: 'Config',
    metadata: { name: 'demo' },
    spec: {
      notificationSources: [{ type: 'AwsSqs', awsSqs: queue }],
      aws: {
        accounts: [{ id: WORLD.account, regions: [WORLD.region] }],
        endpoints: { sqs: places.sqs.url, secretsManager: places.secrets.url, parameterStore: places.parameters.url },
      },
      repositories: [
        {
          name: 'platform',
          url: places.repository.url,
          forge: { type: 'github', apiUrl: places.github.url, auth: { token: { env: 'GITHUB_TOKEN' } } },
          branches: [{ base: WORLD.base, ...(settle === undefined ? {} : { settle }) }],
          commit: { author: 'gitops-reloader <bot@acme.example>' },
          ...(limits === undefined ? {} : { limits }),
        },
      ],
      coalesce: { window: '1s', cap: '5s' },
      // Whatever is shown here comes by an event.
      reconcile: { automatic: false },
      status: { host: '127.0.0.1', port: 0 },
      ...more,
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
