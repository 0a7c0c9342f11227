import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { Failure } from '../../../domain/failure.ts';
import { at } from '../github-answers.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { PACE_ID, type Pace } from '../identity/pace.ts';
import { type Call, GRAPHQL } from './call.ts';

export interface SendOptions {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Null for as fast as it goes. */
  readonly pace: Pace | null;
}

/** What GitHub answered below 400. */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Not yet looked at: hostile. */
  readonly data: unknown;
}

/**
 * Sends a request. It rejects with what octokit or its plugins threw, and at once when the caller's signal is aborted: what
 * then still waits for its turn sends nothing.
 */
export type Send = (call: Call, authorization: string) => Promise<Sent>;

/** By plugin-retry: what GitHub answered with 5xx, or not at all, once more after 200 milliseconds. */
const REPEAT = {
  retries: 1,
  retryAfterBaseValue: 200,
  doNotRetry: Array.from({ length: 100 }, (_, index) => 400 + index),
};
/** What took longer than this to fail is no hiccup. */
const HICCUP_MILLISECONDS = 2000;
/** A limit that ends within this time is waited for. */
const SHORT_SECONDS = 5;

const Throttled = Octokit.plugin(throttling);
const Repeating = Octokit.plugin(retry, throttling);
type Throttled = InstanceType<typeof Throttled>;

const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A sender to one GitHub host, by octokit and its plugins for pace and repetition. Only reads are ever repeated. */
export function createSend({ baseUrl, fetch, pace }: SendOptions): Send {
  const options = {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    userAgent: 'gitops-reloader',
    log: SILENT,
    request: { fetch: wholeFetch(fetch), log: SILENT },
  };
  // GraphQL asks by POST, too: to the plugin each question would be a write.
  const readPace = throttleBy(pace, pace?.reads);
  const reading = new Throttled({ ...options, throttle: readPace });
  // plugin-retry takes some milliseconds for each request: what nothing is wrong with does not go through it.
  const repeating = new Repeating({ ...options, throttle: readPace, retry: REPEAT });
  const writing = new Throttled({ ...options, throttle: throttleBy(pace, pace?.writes) });
  return async (call, authorization) => {
    const { operation, signal } = call;
    const request = signal === null ? {} : { request: { signal } };
    const place = operation === GRAPHQL ? { baseUrl: graphqlBase(baseUrl) } : {};
    const headers = { authorization, 'x-github-api-version': '2022-11-28', 'cache-control': 'no-cache' };
    const parameters = { ...call.parameters, ...request, ...place, headers };
    const ask = (octokit: Throttled) => octokit.request(operation as string, parameters);
    const sent = isRead(call)
      ? askAgain(
          () => ask(reading),
          () => ask(repeating),
        )
      : ask(writing);
    try {
      return await untilStopped(sent, signal);
    } catch (error) {
      return answerWithin(error, call);
    }
  };
}

function throttleBy(pace: Pace | null, write: Pace['writes'] | undefined) {
  if (pace === null || write === undefined) return { enabled: false } as const;
  const { notifications } = pace;
  return { id: PACE_ID, write, notifications, onRateLimit: isShort, onSecondaryRateLimit: () => false };
}

/**
 * Whether plugin-throttling waits for the end of the hourly limit, and sends what was refused once more. 0 seconds means that this
 * machine's clock is not GitHub's.
 */
function isShort(seconds: number, _options: unknown, _octokit: unknown, repeated: number): boolean {
  return seconds > 0 && seconds <= SHORT_SECONDS && repeated === 0;
}

async function askAgain<T>(ask: () => Promise<T>, again: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await ask();
  } catch (error) {
    if (performance.now() - begun > HICCUP_MILLISECONDS || !isHiccup(error)) throw error;
    return again();
  }
}

/** GitHub's own trouble, or the net's, that may be over at once. */
function isHiccup(error: unknown): boolean {
  const status = at(error, 'response', 'status');
  const cause = at(error, 'cause');
  return typeof status === 'number' ? status >= 500 : cause instanceof Failure && cause.retry === 'later';
}

function isRead({ operation, parameters }: Call): boolean {
  if (operation !== GRAPHQL) return operation.startsWith('GET ');
  const { query } = parameters;
  return typeof query === 'string' && query.startsWith('query ');
}

/** The request is aborted by the same signal; what only waits for its turn would notice that too late. */
async function untilStopped<T>(work: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return work;
  let stop = nothing;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new DOMException('the work was stopped', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The plugins throw answers of status 200 whose GraphQL errors they know, and trip over what is no GraphQL answer. */
function answerWithin(error: unknown, { attempt }: Call): Sent {
  const response = at(error, 'response');
  const [status, headers] = [at(response, 'status'), at(response, 'headers')];
  if (typeof status === 'number' && status < 400 && typeof headers === 'object' && headers !== null) {
    return { status, headers: headers as Sent['headers'], data: at(response, 'data') };
  }
  throw error instanceof TypeError ? unexpectedAnswer(attempt) : error;
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

function nothing(): void {
  // Deprecation headers and the like come from outside: they are no lines for this process's log.
}
