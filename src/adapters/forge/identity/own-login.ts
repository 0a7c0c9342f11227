import { readText } from '../github-answers.ts';
import type { GitHubClient } from '../github-client.ts';
import type { Identity } from './github-identity.ts';

/** The login that a token acts under. Null where the token may not ask, as that of a workflow: it acts as a bot anyway. */
export type OwnLogin = (signal: AbortSignal) => Promise<string | null>;

/** Asked once per token. */
export function createOwnLogin(client: GitHubClient, identity: Identity): OwnLogin {
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
