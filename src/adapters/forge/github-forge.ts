import type { Forge, Log, RemoteCommits } from '../../ports.ts';
import { createGitHubCommits } from './commits/github-commits.ts';
import { createDelivered } from './delivered/ask-delivered.ts';
import { createGitHubClient } from './github-client.ts';
import { createIdentity, type GitHubAuth } from './identity/github-identity.ts';
import { createOwnLogin } from './identity/own-login.ts';
import type { Pace } from './identity/pace.ts';
import { createMerging } from './pull-request-merging.ts';
import type { Repository } from './pull-request-state.ts';
import { invite } from './pulls/pull-request-people.ts';
import { bringUpToDate, closeAndSay, openOrFind } from './pulls/pull-request-write.ts';
import { listFacts, readFacts } from './pulls/read-pulls.ts';
import { recentPulls, unsettledPulls } from './pulls/recent-pulls.ts';
import { leaveRemark } from './pulls/remark.ts';
import { createRemembered } from './pulls/remembered.ts';
import { settle, settleList } from './pulls/settle-pull.ts';

/**
 * Folder `forge`: pull requests on GitHub and GitHub Enterprise by REST, and by GraphQL where only that knows. It knows
 * octokit and GitHub's answers, which it trusts in nothing. It classifies what goes wrong and leaves waiting and trying again to its caller.
 */
export interface GitHubForge extends Forge {
  /** Commits that GitHub makes, by the same identity. */
  readonly commits: RemoteCommits;
  /**
   * For pushing over HTTPS as the same identity, good for some minutes at least: ask again for each push. `rejected` is
   * what a Git host has just refused, so that a token that was taken back is not given out again.
   */
  gitCredentials(rejected?: GitHubCredentials | null): Promise<GitHubCredentials>;
}

interface GitHubCredentials {
  readonly username: string;
  readonly password: string;
}

export interface GitHubForgeOptions {
  readonly owner: string;
  /** Without the owner. */
  readonly repository: string;
  /** `https://api.github.com`, or `https://<host>/api/v3` for GitHub Enterprise. */
  readonly baseUrl?: string;
  readonly auth: GitHubAuth;
  /** With limits on time and size. */
  readonly fetch: typeof globalThis.fetch;
  /** Shared by all forges of one identity; left out: as fast as it goes. */
  readonly pace?: Pace;
  /** Told when labels or people could not be set on a pull request, and once what a missing permission leaves unknown. */
  readonly log?: Pick<Log, 'warn'>;
}

const GITHUB_API = 'https://api.github.com';

/** The forge port on GitHub. Its methods reject with `forge-…` failures; no credential is ever part of one. */
export function createGitHubForge(options: GitHubForgeOptions): GitHubForge {
  const { log = { warn: () => undefined } } = options;
  const { identity, repository } = connect(options, log);
  return {
    commits: createGitHubCommits({
      client: repository.client,
      owner: options.owner,
      name: options.repository,
      identity,
    }),
    ...createMerging(repository),
    ...createDelivered(repository),
    list: async (branch, base, signal) =>
      settleList(repository, await listFacts(repository, { branch, base, state: 'all', signal }), signal),
    open: async (draft, signal) => {
      const facts = await openOrFind(repository, draft, signal);
      const labels = await invite(repository, log, { number: facts.number, draft, signal });
      return {
        ...(await settle(repository, { ...facts, labels: labels ?? facts.labels }, signal)),
        conflict: 'unknown',
      };
    },
    update: async (pull, draft, signal) => {
      const facts = await bringUpToDate(repository, { pull, draft, signal });
      return facts === null ? pull : { ...(await settle(repository, facts, signal)), conflict: 'unknown' };
    },
    read: async (number, signal) => settle(repository, await readFacts(repository, number, signal), signal),
    close: (number, comment, signal) => closeAndSay(repository, { number, comment, signal }),
    remark: (number, remark, signal) => leaveRemark(repository, { number, ...remark }, signal),
    recent: (folder, signal) => recentPulls(repository, folder, signal),
    unsettled: (folder, signal) => unsettledPulls(repository, folder, signal),
    gitCredentials: async (rejected = null) => {
      // A token that is given out again would be refused again: at most one more is asked for.
      if (rejected !== null) identity.renew(`token ${rejected.password}`);
      return { username: 'x-access-token', password: await identity.token() };
    },
  };
}

function connect(options: GitHubForgeOptions, log: Pick<Log, 'warn'>) {
  const { owner, repository: name, auth, fetch, baseUrl = GITHUB_API, pace = null } = options;
  const identity = createIdentity({ owner, repository: name, auth, fetch, baseUrl });
  const client = createGitHubClient({ baseUrl, fetch, authorization: identity, pace });
  const ownLogin: Repository['ownLogin'] =
    auth.kind === 'token' ? createOwnLogin(client, identity) : (signal) => identity.botLogin(signal);
  const repository: Repository = {
    client,
    owner,
    name,
    ownLogin,
    ownBot: (signal) => identity.botLogin(signal),
    remembered: createRemembered(),
    warnOnce: createWarnOnce(log),
  };
  return { identity, repository };
}

function createWarnOnce(log: Pick<Log, 'warn'>): Repository['warnOnce'] {
  const said = new Set<string>();
  return (fields, message) => {
    if (said.has(message)) return;
    said.add(message);
    log.warn(fields, message);
  };
}
