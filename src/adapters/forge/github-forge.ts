import type { Forge, Log, PullRequest, RemoteCommits } from '../../ports.ts';
import { createGitHubCommits } from './commits/github-commits.ts';
import { readText } from './github-answers.ts';
import { createGitHubClient } from './github-client.ts';
import { createIdentity, type GitHubAuth, type Identity } from './github-identity.ts';
import { invite } from './pull-request-people.ts';
import { type Repository, settle } from './pull-request-state.ts';
import { bringUpToDate, closeAndSay, listFacts, openOrFind, readFacts } from './pull-request-write.ts';

/**
 * Folder `forge`: pull requests on GitHub and GitHub Enterprise by REST. It knows octokit and GitHub's answers, which it
 * trusts in nothing. It classifies what goes wrong and leaves waiting and trying again to its caller.
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
  /** Told when labels or people could not be set on a pull request. */
  readonly log?: Pick<Log, 'warn'>;
}

const GITHUB_API = 'https://api.github.com';

/** More closed pull requests than this are not told apart, and so left out of a list; the newest come first. */
const MAX_CLOSED = 20;

/** The forge port on GitHub. Its methods reject with `forge-…` failures; no credential is ever part of one. */
export function createGitHubForge(options: GitHubForgeOptions): GitHubForge {
  const { owner, repository: name, auth, fetch, baseUrl = GITHUB_API, log = { warn: () => undefined } } = options;
  const identity = createIdentity({ owner, repository: name, auth, fetch, baseUrl });
  const client = createGitHubClient({ baseUrl, fetch, authorization: identity });
  const ownLogin = auth.kind === 'token' ? createOwnLogin(client, identity) : () => Promise.resolve(null);
  const repository: Repository = { client, owner, name, ownLogin };
  return {
    commits: createGitHubCommits({ client, owner, name, identity }),
    list: async (branch, base, signal) => {
      const pulls: PullRequest[] = [];
      let closed = 0;
      for (const facts of await listFacts(repository, { branch, base, state: 'all', signal })) {
        if (!facts.open && !facts.merged) closed += 1;
        if (facts.open || facts.merged || closed <= MAX_CLOSED) pulls.push(await settle(repository, facts, signal));
      }
      return pulls;
    },
    open: async (draft, signal) => {
      const facts = await openOrFind(repository, draft, signal);
      await invite(repository, log, { number: facts.number, draft, signal });
      return settle(repository, facts, signal);
    },
    update: async (number, draft, signal) =>
      settle(repository, await bringUpToDate(repository, { number, draft, signal }), signal),
    read: async (number, signal) => settle(repository, await readFacts(repository, number, signal), signal),
    close: (number, comment, signal) => closeAndSay(repository, { number, comment, signal }),
    gitCredentials: async (rejected = null) => {
      // A token that is given out again would be refused again: at most one more is asked for.
      if (rejected !== null) identity.renew(`token ${rejected.password}`);
      return { username: 'x-access-token', password: await identity.token() };
    },
  };
}

/** Asked once per token. Null where the token may not ask, as that of a workflow: it acts as a bot anyway. */
function createOwnLogin(client: Repository['client'], identity: Identity): Repository['ownLogin'] {
  let known: { readonly token: string; readonly login: string | null } | null = null;
  return async (signal) => {
    const token = await identity.token();
    if (known?.token === token) return known.login;
    const reply = await client.attempt({
      operation: 'GET /user',
      parameters: {},
      attempt: 'read whose token this is',
      signal,
    });
    if (reply.kind === 'refusal' && reply.failure.code !== 'forge-denied') throw reply.failure;
    const login = reply.kind === 'answer' ? readText(reply.data, 'login') : null;
    known = { token, login };
    return login;
  };
}
