import { Octokit } from '@octokit/rest';
import { classify, headersOf, paced, type Refusal } from './github-failure.ts';
import type { Pace } from './identity/pace.ts';

/** Every operation that is ever asked for, as GitHub's description names it. */
export const GITHUB_OPERATIONS = [
  'GET /app',
  'GET /user',
  'GET /repos/{owner}/{repo}/installation',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
  'POST /repos/{owner}/{repo}/git/blobs',
  'POST /repos/{owner}/{repo}/git/commits',
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
  'POST /repos/{owner}/{repo}/git/trees',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
  'POST /repos/{owner}/{repo}/labels',
  'GET /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals',
] as const;

/** Where GitHub's other half is asked, which no REST description knows. */
export const GRAPHQL = 'POST /graphql';

export interface Call {
  readonly operation: (typeof GITHUB_OPERATIONS)[number] | typeof GRAPHQL;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What is tried, for the failure's message: "open a pull request for x". */
  readonly attempt: string;
  /** Null where several callers wait for the same answer. */
  readonly signal: AbortSignal | null;
}

export interface Answer {
  readonly kind: 'answer';
  /** Not yet looked at: hostile. */
  readonly data: unknown;
  /** The number of the last page; 1 when there is only this one. */
  readonly lastPage: number;
  /** When GitHub sent it, by GitHub's own clock where it says so; epoch milliseconds. */
  readonly sentAt: number;
  /** By lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

export type Reply = Answer | ({ readonly kind: 'refusal' } & Refusal);

/** How requests prove who they are. */
export interface Authorization {
  /** The `authorization` header. Rejects with a Failure. */
  header(): Promise<string>;
  /** Told that this header was answered 401. True when another one is worth one more try. */
  renew(header: string): boolean;
  /** The text without any credential that was used lately. */
  readonly scrub: (text: string) => string;
}

export interface ClientOptions {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly authorization: Authorization;
  /** Null for as fast as it goes. */
  readonly pace: Pace | null;
}

/** Asks GitHub. It classifies and never retries, but for one renewal of a credential that has run out. */
export interface GitHubClient {
  /** Rejects with a Failure for everything but an answer. */
  call(call: Call): Promise<Answer>;
  /** Returns a refusal where `call` rejects. */
  attempt(call: Call): Promise<Reply>;
  /** The text without any credential that was used lately. */
  readonly scrub: Authorization['scrub'];
}

const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A client of one GitHub host for one identity. */
export function createGitHubClient(options: ClientOptions): GitHubClient {
  const octokit = new Octokit({
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    userAgent: 'gitops-reloader',
    log: SILENT,
    request: { fetch: wholeFetch(options.fetch), log: SILENT },
  });
  const send = async (call: Call, authorization: string): Promise<Reply> => {
    const request = call.signal === null ? {} : { request: { signal: call.signal } };
    const place = call.operation === GRAPHQL ? { baseUrl: graphqlBase(options.baseUrl) } : {};
    const headers = { authorization, 'x-github-api-version': '2022-11-28', 'cache-control': 'no-cache' };
    try {
      const response = await octokit.request(call.operation as string, {
        ...call.parameters,
        ...request,
        ...place,
        headers,
      });
      if (response.status >= 300) return refusal(call, { response }, options);
      const { link, date } = response.headers;
      const page = { lastPage: lastPage(link), sentAt: sentAt(date) };
      return { kind: 'answer', data: response.data, ...page, headers: headersOf(response) };
    } catch (error) {
      return refusal(call, error, options);
    }
  };
  const attempt = async (call: Call): Promise<Reply> => {
    try {
      const seconds = (await options.pace?.turn(call.operation, call.signal)) ?? 0;
      if (seconds > 0) return { kind: 'refusal', status: null, reasons: [], failure: paced(call.attempt, seconds) };
      const header = await options.authorization.header();
      const reply = await send(call, header);
      if (reply.kind === 'answer' || reply.status !== 401 || !options.authorization.renew(header)) return reply;
      return await send(call, await options.authorization.header());
    } catch (error) {
      return refusal(call, error, options);
    }
  };
  return {
    attempt,
    scrub: options.authorization.scrub,
    call: async (call) => {
      const reply = await attempt(call);
      if (reply.kind === 'refusal') throw reply.failure;
      return reply;
    },
  };
}

/**
 * Reads the body before octokit does: octokit takes a connection that is cut within the answer for an empty answer.
 * Redirects are not followed: they would mean a renamed repository, whose pull requests are not found by its old name.
 */
function wholeFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const body = await response.arrayBuffer();
    const { status, headers } = response;
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
  };
}

/** GitHub Enterprise has GraphQL beside `v3`, and not below it. */
function graphqlBase(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '').replace(/\/api\/v3$/, '/api');
}

function lastPage(link: unknown): number {
  if (typeof link !== 'string' || link.length > 4096) return 1;
  const last = link.split(',').find((part) => part.includes('rel="last"'));
  const page = /[?&]page=(\d{1,6})(?:&|>)/.exec(last ?? '')?.[1];
  return page === undefined ? 1 : Math.max(1, Number(page));
}

function sentAt(date: unknown): number {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? Date.now() : time;
}

function refusal(call: Call, error: unknown, options: ClientOptions): Reply {
  const context = { attempt: call.attempt, stopped: call.signal?.aborted === true, scrub: options.authorization.scrub };
  return { kind: 'refusal', ...classify(error, context) };
}

function nothing(): void {
  // Deprecation headers and the like come from outside: they are no lines for this process's log.
}
