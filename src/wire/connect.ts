import type { AwsCredentials } from '../adapters/aws/aws-credentials.ts';
import type { AwsLimits } from '../adapters/aws/aws-limits.ts';
import type { AwsParameterVersions } from '../adapters/aws/parameter-versions.ts';
import { type AwsSecretVersions, createSecretVersions } from '../adapters/aws/secret-versions.ts';
import { createSqsInbox } from '../adapters/aws/sqs-inbox.ts';
import { createFileIndexCache } from '../adapters/cache/file-index-cache.ts';
import { createGitHubForge } from '../adapters/forge/github-forge.ts';
import type { GitHubAuth } from '../adapters/forge/identity/github-identity.ts';
import { createPace, needsPace, type Pace } from '../adapters/forge/identity/pace.ts';
import { createGitWorkspace, type GitOptions, type GitWorkspace } from '../adapters/git/git-workspace.ts';
import type { CommitMaking } from '../adapters/git/make-commit.ts';
import { readCredential, readWord } from '../adapters/local/read-credential.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import { createMemoryMeter } from '../adapters/memory/memory-meter.ts';
import { createLimitedFetch } from '../adapters/net/limited-fetch.ts';
import type { NetSettings } from '../adapters/net/net-settings.ts';
import { createManifestReader } from '../adapters/reading/manifest-reader.ts';
import type { Account, Config, ForgeAuth, GitConfig, Repository, Source } from '../config/config.ts';
import { groupingOf } from '../config/grouping/grouping-of.ts';
import { urgentByName } from '../manifests/urgent-secrets.ts';
import type { Inbox, Log, Meter, RemoteCommits, SecretVersions } from '../ports.ts';
import { keptBranch } from '../service/reading/keep-index.ts';
import { type BranchSettings, newMemory, type ServedBranch } from '../service/served-branch.ts';
import { parseTemplates } from '../words/templates/say-proposal.ts';
import { netOf } from './net-of.ts';
import { ownCredentials, rolesInOrder, sessionNameOf } from './own-credentials.ts';
import { openSigner } from './signing/open-signer.ts';

/**
 * Room `wire`: Config → adapters → service. The only room that knows everything; it decides nothing.
 */
export interface Connections {
  readonly inboxes: readonly { readonly inbox: Inbox; readonly visibilitySeconds: number }[];
  readonly branches: readonly ServedBranch[];
  /** Null in event mode. */
  readonly secretVersions: SecretVersions | null;
  /** The way that all of them take. */
  readonly net: NetSettings;
  close(): Promise<void>;
}

const AWS_LIMITS: AwsLimits = {
  connectMilliseconds: 5000,
  requestMilliseconds: 10_000,
  maxAttempts: 3,
  listAttempts: 6,
};

/** Builds every adapter that a configuration names. Nothing is sent yet; credentials are read when they are used. */
export async function connect(config: Config, log: Log, meter: Meter = createMemoryMeter()): Promise<Connections> {
  const clock = createSystemClock();
  const net = await netOf(config.network);
  const inboxes = config.sources.map((source) => ({
    inbox: createSqsInbox({ ...inboxOptions(config, source, net), clock, log }),
    visibilitySeconds: source.visibilityTimeout,
  }));
  const secretVersions = config.aws.truth === 'event' ? null : connectSecrets(config, () => clock.now(), net);
  const { directory } = config.cache;
  const cache = directory === null ? null : createFileIndexCache({ directory });
  const pace = createPace();
  const reader = createManifestReader({ log });
  const repositories = await Promise.all(
    config.repositories.map((repository) => connectRepository(repository, config.git, { log, net, pace })),
  );
  const branches = repositories.flatMap(({ workspace, forge, repository }) =>
    repository.branches.map((branch): ServedBranch => {
      const settings = branchSettings(config, repository, branch);
      return {
        name: `${repository.name}@${branch.base}`,
        workspace,
        forge,
        hostAuthor: (signal) => forge.commits.author(signal),
        secretVersions,
        reader,
        clock,
        log,
        meter,
        settings,
        memory: newMemory(),
        pushed: new Map(),
        ...(cache === null ? {} : { kept: keptBranch(cache, settings) }),
      };
    }),
  );
  const close = async () => {
    for (const { inbox } of inboxes) inbox.close();
    secretVersions?.close();
    await pace.close();
    await reader.close();
    await Promise.all(repositories.map(({ workspace }) => workspace.close()));
  };
  return { inboxes, branches, secretVersions, net, close };
}

/** Answers of Secrets Manager and of Parameter Store for every allowed account, each by its own roles. */
export function connectSecrets(
  { aws, instance }: Pick<Config, 'aws' | 'instance'>,
  now: () => number,
  net: NetSettings,
) {
  const accountsAt = (endpoint: string | null) =>
    aws.accounts.map(({ id, regions, ...roles }) => ({
      id,
      regions,
      endpoint,
      credentials: roleCredentials(roles, instance, aws),
    }));
  const { secretsManager, parameterStore } = aws.endpoints;
  const options = { limits: { ...AWS_LIMITS, net }, now };
  const secrets = createSecretVersions({ ...options, accounts: accountsAt(secretsManager) });
  const parameters = whenAsked(async () => {
    // Only now: its SDK takes time and memory, and most installations never ask for a parameter.
    const { createParameterVersions } = await import('../adapters/aws/parameter-versions.ts');
    return createParameterVersions({ ...options, accounts: accountsAt(parameterStore) });
  });
  return {
    ...secrets,
    listParameters: (place, signal) => parameters.listParameters(place, signal),
    describe: (ref, signal) => (ref.service === 'ssm' ? parameters : secrets).describe(ref, signal),
    close: () => {
      secrets.close();
      parameters.close();
    },
  } satisfies SecretVersions & AwsSecretVersions;
}

/** The same answers, by what `make` makes when the first of them is asked for. */
function whenAsked(make: () => Promise<AwsParameterVersions>): AwsParameterVersions {
  let made: Promise<AwsParameterVersions> | null = null;
  const asked = () => (made ??= make());
  return {
    describe: async (ref, signal) => (await asked()).describe(ref, signal),
    listParameters: async (place, signal) => (await asked()).listParameters(place, signal),
    close: () => {
      void made?.then((one) => one.close());
    },
  };
}

/** What the planner and the publisher need to know of one base branch. */
function branchSettings(
  config: Config,
  repository: Repository,
  branch: Repository['branches'][number],
): BranchSettings {
  const { base, paths, exclude, order, pin, kustomize, settleMilliseconds, evidence, limits, windows } = branch;
  const { rebaseWhen, title, body, bodyFile: _bodyFile, ...pullRequest } = repository.pullRequest;
  return {
    instance: config.instance,
    branchPrefix: repository.branchPrefix,
    base,
    bases: repository.branches.length,
    scope: {
      paths,
      exclude,
      order,
      pin,
      kustomize,
      grouping: groupingOf(repository, branch),
      destinations: config.destinations,
      restart: repository.restart,
    },
    accounts: config.aws.accounts,
    bindings: repository.bindings,
    origin: { url: repository.url, base },
    settleMilliseconds,
    evidence,
    author: repository.commit.author,
    merge: branch.merge,
    rebaseWhen,
    baseline: config.reconcile.baseline,
    limits,
    windows,
    isUrgentName: urgentByName(config.coalesce.urgent),
    templates: parseTemplates({ subject: repository.commit.subject, title, body }),
    pullRequest,
  };
}

async function connectRepository(
  repository: Repository,
  git: GitConfig,
  { log, net, pace }: { readonly log: Log; readonly net: NetSettings; readonly pace: Pace },
) {
  const { url, forge: settings } = repository;
  const forge = createGitHubForge({
    owner: settings.owner,
    repository: settings.repository,
    baseUrl: settings.apiUrl,
    auth: gitHubAuth(settings.auth),
    fetch: createLimitedFetch({}, net),
    // Most have one identity for all repositories, and those with several lose nothing but speed.
    ...(needsPace(settings.apiUrl) ? { pace } : {}),
    log,
  });
  const credentials: GitOptions['credentials'] = (rejected) => forge.gitCredentials(rejected);
  const making = await commitMaking(repository.commit, forge.commits);
  const notTaken = () => {
    const hint =
      'Remove git.pushOptions of this repository, or turn them on at the host (receive.advertisePushOptions).';
    log.warn({ repository: repository.name, hint }, 'the Git host takes no push options');
  };
  const pushOptions = { values: repository.pushOptions, notTaken };
  const workspace = await openWorkspace(git, { url, credentials, net, making, pushOptions });
  return { repository, forge, workspace };
}

async function commitMaking({ via, signing }: Repository['commit'], remote: RemoteCommits): Promise<CommitMaking> {
  if (via === 'api') return { kind: 'host', remote };
  const clock = createSystemClock();
  return { kind: 'own', signer: signing === null ? null : await openSigner(signing, () => clock.now()) };
}

async function openWorkspace({ transport, cacheDir }: GitConfig, options: GitOptions): Promise<GitWorkspace> {
  if (transport === 'direct') return createGitWorkspace(options);
  // Loaded only where it is chosen: isomorphic-git takes time and memory that every other command would pay for.
  const { createIsomorphicWorkspace } = await import('../adapters/git/isomorphic/isomorphic-workspace.ts');
  return createIsomorphicWorkspace({ ...options, limits: {}, cacheDir });
}

function gitHubAuth(auth: ForgeAuth): GitHubAuth {
  if (auth.kind === 'token') return { kind: 'token', token: () => readWord(auth.token) };
  const installationId = auth.installationId === null ? null : Number(auth.installationId);
  return { kind: 'app', appId: auth.appId, installationId, privateKey: () => readCredential(auth.privateKey) };
}

function inboxOptions({ aws, instance, sources }: Config, source: Source, net: NetSettings) {
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
    limits: { ...AWS_LIMITS, net },
  };
}

/** The own identity, then each role assumed by the one before it. */
function roleCredentials(
  account: Pick<Account, 'role' | 'additionalRoles' | 'externalId'>,
  instance: string,
  { auth, endpoints: { sts: stsEndpoint } }: Config['aws'],
): AwsCredentials {
  const sessionName = sessionNameOf(instance);
  return rolesInOrder(account).reduce<AwsCredentials>(
    (base, role, at, roles) => ({
      kind: 'assume-role',
      role,
      // Only the last one's: as in ESO, the others are asked for without.
      externalId: at === roles.length - 1 ? account.externalId : null,
      sessionName,
      base,
      stsEndpoint,
    }),
    ownCredentials(auth, sessionName, stsEndpoint),
  );
}
