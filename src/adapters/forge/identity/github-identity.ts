import { Failure } from '../../../domain/failure.ts';
import { readId, readText } from '../github-answers.ts';
import { type Authorization, type ClientOptions, createGitHubClient, type GitHubClient } from '../github-client.ts';
import { unexpectedAnswer } from '../github-failure.ts';

/** Secrets are asked for at each use, so that a rotated token or key file is taken up without a restart. */
export type GitHubAuth =
  | { readonly kind: 'token'; readonly token: () => Promise<string> }
  | {
      readonly kind: 'app';
      /** The App's id or client id. */
      readonly appId: number | string;
      /** Null to look it up by the repository. */
      readonly installationId: number | null;
      /** PEM, PKCS#1 or PKCS#8. */
      readonly privateKey: () => Promise<string>;
    };

export interface Identity extends Authorization {
  /** The token itself, good for some minutes at least. Rejects with a Failure. */
  token(): Promise<string>;
  /** The login of the App's bot; null for a token. Asked once. Rejects with a Failure. */
  botLogin(signal: AbortSignal): Promise<string | null>;
}

export interface IdentityOptions extends Omit<ClientOptions, 'authorization' | 'pace'> {
  readonly owner: string;
  readonly repository: string;
  readonly auth: GitHubAuth;
}

interface InstallationToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** True once it was used again after the request it was issued for. */
  kept: boolean;
}

/** An installation token is replaced this long before it runs out: a push that begins with it must also end with it. */
const MARGIN_MILLISECONDS = 10 * 60 * 1000;

/** Who asks: a token, or a GitHub App by an installation token of its own for this one repository. */
export function createIdentity(options: IdentityOptions): Identity {
  const { auth } = options;
  return auth.kind === 'token' ? tokenIdentity(auth.token) : appIdentity(options, auth);
}

function tokenIdentity(read: () => Promise<string>): Identity {
  const scrubber = createScrubber();
  const token = async () => scrubber.remember((await secretFrom(read, 'the GitHub token')).trim());
  return {
    token,
    botLogin: async () => null,
    header: async () => `token ${await token()}`,
    renew: () => false,
    scrub: scrubber.scrub,
  };
}

/**
 * The App's key signs by auth-app; its token cache is not used: it is shared by every App and host in the process, goes by
 * 59 minutes instead of the answer's expiry, and sleeps and retries by itself after a 401.
 */
function appIdentity(options: IdentityOptions, auth: Extract<GitHubAuth, { kind: 'app' }>): Identity {
  const scrubber = createScrubber();
  const client = createGitHubClient({
    ...options,
    pace: null,
    authorization: {
      header: async () => `bearer ${scrubber.remember(await signJwt(auth.appId, auth.privateKey))}`,
      renew: () => false,
      scrub: scrubber.scrub,
    },
  });
  let current: InstallationToken | null = null;
  let pending: Promise<InstallationToken> | null = null;
  const issue = async () => {
    const installation = auth.installationId ?? (await findInstallation(client, options));
    const issued = await issueToken(client, installation, options.repository);
    scrubber.remember(issued.token);
    current = issued;
    return issued;
  };
  const token = async () => {
    if (current !== null && current.expiresAt - Date.now() > MARGIN_MILLISECONDS) {
      current.kept = true;
      return current.token;
    }
    pending ??= issue().finally(() => {
      pending = null;
    });
    return (await pending).token;
  };
  let login: string | null = null;
  return {
    token,
    botLogin: async (signal) => {
      login ??= await readBotLogin(client, signal);
      return login;
    },
    header: async () => `token ${await token()}`,
    // A kept token can have been revoked meanwhile; one that was just issued would not be better the next time.
    renew: (header) => {
      if (current === null || header !== `token ${current.token}`) return true;
      if (!current.kept) return false;
      current = null;
      return true;
    },
    scrub: scrubber.scrub,
  };
}

async function signJwt(appId: number | string, privateKey: () => Promise<string>): Promise<string> {
  const key = await secretFrom(privateKey, "the GitHub App's private key");
  // Only where an App asks: a token does without.
  const { createAppAuth } = await import('@octokit/auth-app');
  try {
    // Keys in an environment variable often have their line breaks escaped.
    const auth = createAppAuth({ appId, privateKey: key.replaceAll(String.raw`\n`, '\n') });
    return (await auth({ type: 'app' })).token;
  } catch {
    // What was thrown may quote the key.
    throw new Failure('could not sign as the GitHub App: its private key is not an RSA key in PEM form', {
      code: 'forge-denied',
      retry: 'never',
      hint: "Download a new private key on the App's settings page and mount it unchanged.",
    });
  }
}

async function findInstallation(client: GitHubClient, options: IdentityOptions): Promise<number> {
  const attempt = `find the App's installation on ${options.owner}/${options.repository}`;
  const { data } = await client.call({
    operation: 'GET /repos/{owner}/{repo}/installation',
    parameters: { owner: options.owner, repo: options.repository },
    attempt,
    signal: null,
  });
  const id = readId(data, 'id');
  if (id === null) throw unexpectedAnswer(attempt);
  return id;
}

/** What GitHub calls the bot of this App, in commits as in pull requests. */
async function readBotLogin(client: GitHubClient, signal: AbortSignal): Promise<string> {
  const attempt = 'read the name of the App';
  const { data } = await client.call({ operation: 'GET /app', parameters: {}, attempt, signal });
  const slug = readText(data, 'slug');
  if (slug === null || !/^[\w.-]{1,100}$/.test(slug)) throw unexpectedAnswer(attempt);
  return `${slug}[bot]`;
}

/** Only for this repository, whatever else the installation covers. */
async function issueToken(client: GitHubClient, id: number, repository: string): Promise<InstallationToken> {
  const attempt = `get a token for installation ${id} of the App`;
  const { data } = await client.call({
    operation: 'POST /app/installations/{installation_id}/access_tokens',
    parameters: { installation_id: id, repositories: [repository] },
    attempt,
    signal: null,
  });
  const token = readText(data, 'token');
  const expiresAt = Date.parse(readText(data, 'expires_at') ?? '');
  if (token === null || token === '' || Number.isNaN(expiresAt)) throw unexpectedAnswer(attempt);
  return { token, expiresAt, kept: false };
}

async function secretFrom(read: () => Promise<string>, what: string): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`could not read ${what}`, {
      code: 'forge-denied',
      retry: 'never',
      hint: 'Check that the file it is mounted from exists and may be read.',
    });
  }
}

/** Takes the last few credentials out of texts: a host or a proxy may quote the request in its answer. */
function createScrubber(): {
  readonly remember: (secret: string) => string;
  readonly scrub: (text: string) => string;
} {
  let recent: readonly string[] = [];
  return {
    remember: (secret) => {
      if (secret.length >= 8) recent = [secret, ...recent.filter((one) => one !== secret)].slice(0, 4);
      return secret;
    },
    scrub: (text) => recent.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text),
  };
}
