import type { Call } from './asking/call.ts';
import { createSend, type SendOptions } from './asking/send-request.ts';
import { classify, headersOf, paced, type Refusal } from './github-failure.ts';
import { isNotSent } from './identity/pace.ts';

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

export interface ClientOptions extends SendOptions {
  readonly authorization: Authorization;
}

/** Asks GitHub. It classifies, and repeats nothing but reads that a hiccup ended, and what a credential was refused for that has run out. */
export interface GitHubClient {
  /** Rejects with a Failure for everything but an answer. */
  call(call: Call): Promise<Answer>;
  /** Returns a refusal where `call` rejects. */
  attempt(call: Call): Promise<Reply>;
  /** The text without any credential that was used lately. */
  readonly scrub: Authorization['scrub'];
}

/** A client of one GitHub host for one identity. */
export function createGitHubClient(options: ClientOptions): GitHubClient {
  const { authorization, pace } = options;
  const sendRequest = createSend(options);
  const send = async (call: Call, header: string): Promise<Reply> => {
    try {
      const { status, headers, data } = await sendRequest(call, header);
      if (status >= 300) return refusal(call, { response: { status, headers, data } }, options);
      const page = { lastPage: lastPage(headers['link']), sentAt: sentAt(headers['date']) };
      return { kind: 'answer', data, ...page, headers: headersOf({ headers }) };
    } catch (error) {
      const isStopped = call.signal?.aborted === true;
      if (pace === null || isStopped || !isNotSent(error)) return refusal(call, error, options);
      const failure = paced(call.attempt, await pace.secondsUntilFree(call.operation));
      return { kind: 'refusal', status: null, reasons: [], failure };
    }
  };
  const attempt = async (call: Call): Promise<Reply> => {
    try {
      const header = await authorization.header();
      const reply = await send(call, header);
      if (reply.kind === 'answer' || reply.status !== 401 || !authorization.renew(header)) return reply;
      return await send(call, await authorization.header());
    } catch (error) {
      return refusal(call, error, options);
    }
  };
  return {
    attempt,
    scrub: authorization.scrub,
    call: async (call) => {
      const reply = await attempt(call);
      if (reply.kind === 'refusal') throw reply.failure;
      return reply;
    },
  };
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
