import { createHash, verify } from 'node:crypto';

/** An account of the embedded GitHub. */
export interface Account {
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

export interface GitHubApp {
  readonly id: number;
  readonly slug: string;
  /** PEM. */
  readonly publicKey: string;
  readonly installationId: number;
  /** Full names it is installed on; null for all. */
  readonly repositories: readonly string[] | null;
}

/** Who a request comes from. */
export type Caller =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'installation'; readonly account: Account; readonly repositories: readonly string[] | null }
  | { readonly kind: 'app'; readonly app: GitHubApp }
  | { readonly kind: 'nobody'; readonly message: string };

export interface IssuedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Tokens and Apps of the embedded GitHub. */
export interface Identities {
  addToken(token: string, account: Account): void;
  /** Ends a token of any kind at once. */
  revoke(token: string): void;
  addApp(app: GitHubApp): void;
  app(installationId: number): GitHubApp | undefined;
  /** An installation token; `repositories` are full names, null for all of the installation. */
  issue(app: GitHubApp, repositories: readonly string[] | null): IssuedToken;
  /** Reads an `authorization` header. */
  caller(header: string | undefined): Caller;
}

interface Holder {
  readonly caller: Caller;
  readonly expiresAt: number;
}

const BAD: Caller = { kind: 'nobody', message: 'Bad credentials' };
const NO_JWT: Caller = { kind: 'nobody', message: 'A JSON web token could not be decoded' };

/** `tokenSeconds` is how long an installation token lives; GitHub's live for an hour. */
export function createIdentities(tokenSeconds: number): Identities {
  const holders = new Map<string, Holder>();
  const apps = new Map<number, GitHubApp>();
  let issued = 0;
  return {
    addToken: (token, account) => {
      holders.set(token, { caller: { kind: 'account', account }, expiresAt: Number.POSITIVE_INFINITY });
    },
    revoke: (token) => {
      holders.delete(token);
    },
    addApp: (app) => {
      apps.set(app.id, app);
    },
    app: (installationId) => [...apps.values()].find((app) => app.installationId === installationId),
    issue: (app, repositories) => {
      issued += 1;
      const token = `ghs_${createHash('sha256').update(`${app.id} ${issued}`).digest('hex').slice(0, 36)}`;
      const account: Account = { login: `${app.slug}[bot]`, type: 'Bot' };
      const expiresAt = Date.now() + tokenSeconds * 1000;
      holders.set(token, { caller: { kind: 'installation', account, repositories }, expiresAt });
      return { token, expiresAt };
    },
    caller: (header) => {
      const [, token] = /^(?:token|bearer) (\S+)$/i.exec(header ?? '') ?? [];
      if (token === undefined) return { kind: 'nobody', message: 'Requires authentication' };
      if (token.split('.').length === 3) return appOf(token, apps);
      const holder = holders.get(token);
      return holder === undefined || holder.expiresAt <= Date.now() ? BAD : holder.caller;
    },
  };
}

/** Verifies an App's JWT as GitHub does: RS256, issued in the past, ending within ten minutes. */
function appOf(token: string, apps: ReadonlyMap<number, GitHubApp>): Caller {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const header = decode(head);
  const payload = decode(claims);
  const app = apps.get(Number(payload['iss']));
  if (header['alg'] !== 'RS256' || app === undefined) return NO_JWT;
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url'))) return NO_JWT;
  const now = Date.now() / 1000;
  const issuedAt = Number(payload['iat']);
  const expiresAt = Number(payload['exp']);
  if (!(issuedAt <= now + 60)) return { kind: 'nobody', message: "'Issued at' claim ('iat') must be in the past" };
  if (!(expiresAt > now)) return { kind: 'nobody', message: "'Expiration time' claim ('exp') must be in the future" };
  if (expiresAt > now + 660) {
    return { kind: 'nobody', message: "'Expiration time' claim ('exp') is too far in the future" };
  }
  return { kind: 'app', app };
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
