import type { AwsCredentials } from '../adapters/aws/aws-credentials.ts';
import type { AwsLimits } from '../adapters/aws/aws-limits.ts';
import { createSecretVersions } from '../adapters/aws/secret-versions.ts';
import { createSqsInbox } from '../adapters/aws/sqs-inbox.ts';
import { createGitHubForge } from '../adapters/forge/github-forge.ts';
import type { GitHubAuth } from '../adapters/forge/github-identity.ts';
import { createGitWorkspace, type GitOptions, type GitWorkspace } from '../adapters/git/git-workspace.ts';
import { readCredential, readWord } from '../adapters/local/read-credential.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import { createMemoryMeter } from '../adapters/memory/memory-meter.ts';
import { createLimitedFetch } from '../adapters/net/limited-fetch.ts';
import type { Config, ForgeAuth, GitConfig, Repository, Source } from '../config/config.ts';
import type { Inbox, Log, Meter, SecretVersions } from '../ports.ts';
import type { BranchSettings, ServedBranch } from '../service/served-branch.ts';
import { ownCredentials, sessionNameOf } from './own-credentials.ts';

/**
 * Room `wire`: Config → adapters → service. The only room that knows everything; it decides nothing.
 */
export interface Connections {
  readonly inboxes: readonly { readonly inbox: Inbox; readonly visibilitySeconds: number }[];
  readonly branches: readonly ServedBranch[];
  /** Null in event mode. */
  readonly secretVersions: SecretVersions | null;
  close(): Promise<void>;
}

const AWS_LIMITS: AwsLimits = { connectMilliseconds: 5000, requestMilliseconds: 10_000, maxAttempts: 3 };

/** Builds every adapter that a configuration names. Nothing is sent yet; credentials are read when they are used. */
export async function connect(config: Config, log: Log, meter: Meter = createMemoryMeter()): Promise<Connections> {
  const clock = createSystemClock();
  const inboxes = config.sources.map((source) => ({
    inbox: createSqsInbox(inboxOptions(config, source)),
    visibilitySeconds: source.visibilityTimeout,
  }));
  const secretVersions = config.aws.truth === 'event' ? null : connectSecrets(config, () => clock.now());
  const repositories = await Promise.all(
    config.repositories.map((repository) => connectRepository(repository, config.git, log)),
  );
  const branches = repositories.flatMap(({ workspace, forge, repository }) =>
    repository.branches.map(
      (branch): ServedBranch => ({
        name: `${repository.name}@${branch.base}`,
        workspace,
        forge,
        secretVersions,
        clock,
        log,
        meter,
        settings: branchSettings(config, repository, branch),
        factsByBlob: new Map(),
      }),
    ),
  );
  const close = async () => {
    for (const { inbox } of inboxes) inbox.close();
    secretVersions?.close();
    await Promise.all(repositories.map(({ workspace }) => workspace.close()));
  };
  return { inboxes, branches, secretVersions, close };
}

/** Answers of Secrets Manager for every allowed account, each by its own role. */
export function connectSecrets({ aws, instance }: Pick<Config, 'aws' | 'instance'>, now: () => number) {
  const accounts = aws.accounts.map(({ id, regions, role, externalId }) => ({
    id,
    regions,
    endpoint: aws.endpoints.secretsManager,
    credentials: roleCredentials({ role, externalId }, instance, aws),
  }));
  return createSecretVersions({ accounts, limits: AWS_LIMITS, now });
}

/** What the planner and the publisher need to know of one base branch. */
function branchSettings(
  config: Config,
  repository: Repository,
  branch: Repository['branches'][number],
): BranchSettings {
  const { base, paths, exclude, order, kustomize, settleMilliseconds } = branch;
  return {
    instance: config.instance,
    branchPrefix: repository.branchPrefix,
    base,
    bases: repository.branches.length,
    scope: { paths, exclude, order, kustomize, destinations: config.destinations },
    accounts: config.aws.accounts,
    bindings: repository.bindings,
    settleMilliseconds,
    author: repository.commit.author,
    pullRequest: repository.pullRequest,
  };
}

async function connectRepository(repository: Repository, git: GitConfig, log: Log) {
  const { url, forge: settings } = repository;
  const forge = createGitHubForge({
    owner: settings.owner,
    repository: settings.repository,
    baseUrl: settings.apiUrl,
    auth: gitHubAuth(settings.auth),
    fetch: createLimitedFetch(),
    log,
  });
  const workspace = await openWorkspace(git, { url, credentials: (rejected) => forge.gitCredentials(rejected) });
  return { repository, forge, workspace };
}

async function openWorkspace({ transport, cacheDir }: GitConfig, options: GitOptions): Promise<GitWorkspace> {
  if (transport === 'direct') return createGitWorkspace(options);
  // Loaded only where it is chosen: isomorphic-git takes time and memory that every other command would pay for.
  const { createIsomorphicWorkspace } = await import('../adapters/git/isomorphic/isomorphic-workspace.ts');
  const { url, credentials } = options;
  return createIsomorphicWorkspace({ url, credentials, cacheDir });
}

function gitHubAuth(auth: ForgeAuth): GitHubAuth {
  if (auth.kind === 'token') return { kind: 'token', token: () => readWord(auth.token) };
  const installationId = auth.installationId === null ? null : Number(auth.installationId);
  return { kind: 'app', appId: auth.appId, installationId, privateKey: () => readCredential(auth.privateKey) };
}

function inboxOptions({ aws, instance, sources }: Config, source: Source) {
  const { queueUrl, region, maxNumberOfMessages, waitTimeSeconds, visibilityTimeout } = source;
  const endpoint = source.endpoint ?? aws.endpoints.sqs;
  const credentials = ownCredentials(source.auth, sessionNameOf(instance), aws.endpoints.sts);
  return {
    queueUrl,
    beside: sources.map((one) => one.queueUrl),
    region,
    endpoint,
    credentials,
    maxNumberOfMessages,
    waitTimeSeconds,
    visibilityTimeout,
    limits: AWS_LIMITS,
  };
}

function roleCredentials(
  account: { readonly role: string | null; readonly externalId: string | null },
  instance: string,
  { auth, endpoints: { sts: stsEndpoint } }: Config['aws'],
): AwsCredentials {
  const sessionName = sessionNameOf(instance);
  const base = ownCredentials(auth, sessionName, stsEndpoint);
  if (account.role === null) return base;
  return { kind: 'assume-role', role: account.role, externalId: account.externalId, sessionName, base, stsEndpoint };
}
