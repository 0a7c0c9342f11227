import { generateKeyPairSync } from 'node:crypto';
import { afterAll, expect } from 'vitest';
import { createGitHubForge } from '../../../src/adapters/forge/github-forge.ts';
import type { GitHubAuth } from '../../../src/adapters/forge/identity/github-identity.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { loadDescription } from '../../../src/demo/github/description.ts';
import { startGitHub } from '../../../src/demo/github/github-server.ts';
import type { MadeCommits } from '../../contracts/workspace.ts';
import type { HostApi } from './hosted-contract.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const APP = {
  id: 1,
  slug: 'acme-gitops',
  publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  installationId: 7,
  repositories: null,
};
const TOKEN = 'ghp_of_nobody_at_all_0123456789';

const AUTH = {
  app: { kind: 'app', appId: 1, installationId: 7, privateKey: () => Promise.resolve(PRIVATE) },
  token: { kind: 'token', token: () => Promise.resolve(TOKEN) },
} as const satisfies Record<string, GitHubAuth>;

/** What GitHub makes of an App's commits. */
const BY_APP: MadeCommits = {
  author: { name: 'acme-gitops[bot]', email: '4242+acme-gitops[bot]@users.noreply.github.com' },
  committer: { name: 'GitHub', email: 'noreply@github.com' },
  again: 'new',
};

/** An embedded GitHub that makes the commits of the Git host beside it, for this kind of identity. */
export async function openApi(auth: keyof typeof AUTH): Promise<HostApi> {
  const dirs = new Map<string, string>();
  const github = await startGitHub({ gitDir: (name) => dirs.get(name) ?? null, description: loadDescription() });
  github.addApp(APP);
  github.addToken(TOKEN, { login: 'acme-bot', type: 'User' });
  afterAll(() => github.close());
  return {
    options: ({ url, dir }) => {
      const [owner = '', repository = ''] = new URL(url).pathname.slice(1, -'.git'.length).split('/');
      dirs.set(`${owner}/${repository}`, dir);
      const forge = createGitHubForge({
        owner,
        repository,
        baseUrl: github.url,
        auth: AUTH[auth],
        fetch: createLimitedFetch(),
      });
      return { making: { kind: 'host', remote: forge.commits } };
    },
    ...(auth === 'app' ? { commits: BY_APP } : {}),
    verify: async () => expect(github.violations).toEqual([]),
  };
}
