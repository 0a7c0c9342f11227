import { Failure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpLimits,
  type NetError,
  type TakeBody,
} from '../../net/http-request.ts';
import { netFailure } from '../../net/net-failure.ts';
import type { NetSettings } from '../../net/net-settings.ts';

export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Asked before every request, and once more with what was rejected after a 401. Null means none. Rejects only with a
 * `Failure`; anything else it throws is not shown.
 */
export type CredentialSource = (rejected: GitCredentials | null) => Promise<GitCredentials | null>;

interface GitCall {
  readonly method: 'GET' | 'POST';
  /** Behind the repository's address, with the query. */
  readonly path: string;
  readonly accept: string;
  readonly contentType: string | null;
  readonly body: Uint8Array | null;
  /** Left out: protocol 2 is offered. 1: it is not. */
  readonly protocol?: 1 | 2;
  /** For messages: "list the refs". */
  readonly attempt: string;
  /** A longer answer is an error. Left out: the host's limit. */
  readonly maxBytes?: number;
  /** Reads the body of an answer of status 200 while it comes; the answer has none then. What it throws is thrown on. */
  readonly take?: TakeBody;
}

/** One repository on one host, spoken to over smart HTTP. Credentials are in the Authorization header and nowhere else. */
export interface GitHost {
  /** For messages: the address. */
  readonly name: string;
  /**
   * The answer with its status, or why there is none. Rejects only where credentials could not be had, or with what `take`
   * throws.
   */
  exchange(call: GitCall, signal: AbortSignal): Promise<HttpAnswer | NetError>;
  /** Like `exchange`; every answer but 200 is a failure. */
  send(call: GitCall, signal: AbortSignal): Promise<HttpAnswer>;
  /** A text of the host's, safe for one line and without our credentials should the host repeat them. */
  quote(text: string, limit: number): string;
  close(): void;
}

/** Checks the address: `config-invalid` where it is no http(s) address, or carries credentials, a query or a fragment. */
export function parseGitUrl(text: string): URL {
  if (!URL.canParse(text)) throw badAddress('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw badAddress('is not an http or https URL');
  if (url.username !== '' || url.password !== '') throw badAddress('holds credentials');
  if (url.search !== '' || url.hash !== '') throw badAddress('has a query or a fragment');
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function badAddress(what: string): Failure {
  return new Failure(`the repository's address ${what}`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Use the HTTPS clone address, like https://github.com/acme/platform-gitops.git; credentials have keys of their own.',
  });
}

/** A host for this address. It remembers the last credentials, only to keep them out of texts. */
export function createGitHost(
  url: URL,
  credentials: CredentialSource,
  limits: Partial<HttpLimits>,
  net?: NetSettings,
): GitHost {
  const client = createHttpClient(limits, net);
  const name = plainText(`${url.origin}${url.pathname}`);
  const secrets: string[] = [];
  let base = url;

  const ask = async (rejected: GitCredentials | null) => {
    const given = await askSource(credentials, rejected, name);
    if (given !== null && !secrets.includes(given.password)) {
      secrets.unshift(
        ...[given.password, encoded(given), encodeURIComponent(given.password)].filter((one) => one !== ''),
      );
      secrets.splice(12);
    }
    return given;
  };
  const once = async (call: GitCall, given: GitCredentials | null, signal: AbortSignal) => {
    const target = new URL(`${base.origin}${base.pathname}${call.path}`);
    const headers = headersOf(call, given);
    const { method, body, maxBytes, take } = call;
    const more = { ...(maxBytes === undefined ? {} : { maxBytes }), ...(take === undefined ? {} : { take }) };
    const request = { method, url: target, headers, body, signal, ...more };
    const answer = await client.send(request);
    // A renamed repository: what follows goes to the new address, still on the same origin.
    if (answer.kind === 'answer' && answer.url.href !== target.href && isGits(answer)) base = renamed(base, answer.url);
    return answer;
  };
  const exchange = async (call: GitCall, signal: AbortSignal) => {
    const given = await ask(null);
    const answer = await once(call, given, signal);
    if (answer.kind === 'net-error' || answer.status !== 401) return answer;
    const again = await ask(given);
    if (again === null || (given !== null && encoded(again) === encoded(given))) return answer;
    return once(call, again, signal);
  };
  return {
    name,
    exchange,
    send: async (call, signal) => {
      const answer = await exchange(call, signal);
      if (answer.kind === 'net-error') throw netFailure('git', `${call.attempt} of ${name}`, answer);
      if (answer.status !== 200) throw statusFailure(`${call.attempt} of ${name}`, answer);
      return answer;
    },
    quote: (text, limit) => {
      const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
      // Hosts written in C end a text in NUL.
      return plainText(hidden.replaceAll('\0', '').trim(), limit);
    },
    close: () => client.close(),
  };
}

async function askSource(credentials: CredentialSource, rejected: GitCredentials | null, name: string) {
  try {
    return await credentials(rejected);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`could not get the credentials for ${name}`, {
      code: 'git-denied',
      retry: 'later',
      hint: "Check the repository's auth settings.",
    });
  }
}

function encoded(credentials: GitCredentials): string {
  return Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64');
}

function headersOf(call: GitCall, given: GitCredentials | null): Record<string, string> {
  return {
    accept: call.accept,
    'user-agent': 'git/gitops-reloader',
    ...(call.protocol === 1 ? {} : { 'git-protocol': 'version=2' }),
    ...(call.contentType === null ? {} : { 'content-type': call.contentType }),
    ...(given === null ? {} : { authorization: `Basic ${encoded(given)}` }),
  };
}

/** A page that says "be back soon" is no new address, wherever it stands. */
function isGits({ status, headers }: HttpAnswer): boolean {
  return status === 200 && headers['content-type']?.startsWith('application/x-git-') === true;
}

function renamed(base: URL, answered: URL): URL {
  const path = answered.pathname.endsWith('/info/refs') ? answered.pathname.slice(0, -'/info/refs'.length) : null;
  return path === null ? base : new URL(`${answered.origin}${path}`);
}

interface StatusRow {
  readonly code: 'git-denied' | 'git-missing' | 'git-unreachable' | 'git-rejected';
  readonly retry: 'later' | 'never';
  readonly hint: string;
}

const DENIED: StatusRow = {
  code: 'git-denied',
  retry: 'never',
  hint: "Check the repository's auth settings: the token is wrong or expired, or may not read or write contents.",
};
const MISSING: StatusRow = {
  code: 'git-missing',
  retry: 'never',
  hint: 'Check the address. Hosts also answer like this where the token may not see the repository.',
};
const BUSY: StatusRow = {
  code: 'git-unreachable',
  retry: 'later',
  hint: 'The host is busy or down; it is tried again.',
};
const REJECTED: StatusRow = {
  code: 'git-rejected',
  retry: 'never',
  hint: 'Check that the address is a Git repository.',
};

/** A status other than 200 as a failure; the body is not looked at. */
export function statusFailure(attempt: string, answer: HttpAnswer): Failure {
  const row = rowOf(answer);
  const seconds = Number(answer.headers['retry-after']);
  const wait = Number.isInteger(seconds) && seconds > 0 && seconds <= 86_400 ? { retryAfterSeconds: seconds } : {};
  return new Failure(`could not ${attempt}: the host answered ${answer.status}`, { ...row, ...wait });
}

function rowOf({ status, headers }: HttpAnswer): StatusRow {
  if (status >= 500 || status === 429 || status === 408) return BUSY;
  if (status === 403 && headers['retry-after'] !== undefined) return BUSY;
  if (status === 401 || status === 403) return DENIED;
  return status === 404 || status === 410 ? MISSING : REJECTED;
}
