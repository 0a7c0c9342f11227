import * as http from 'node:http';
import * as https from 'node:https';
import { addAbortSignal, PassThrough, pipeline } from 'node:stream';
import { type Agents, createAgents } from './agents.ts';
import { DIRECT, type NetSettings, proxyFor } from './net-settings.ts';
import { ProxyError, tooSlow } from './tunnel.ts';

/**
 * Folder `net`: the one way out to HTTP hosts. It knows limits, not hosts: no credentials, no retries, no formats.
 * Node's global agent is not used: it has a hidden 5 s timeout, and no limit on a body that stalls.
 */
export interface HttpLimits {
  /** To a usable connection, TLS included. */
  readonly connectMilliseconds: number;
  /** Without a single byte in either direction. */
  readonly idleMilliseconds: number;
  /** For the whole exchange, the body included. */
  readonly totalMilliseconds: number;
  readonly maxResponseBytes: number;
}

const HTTP_LIMITS: HttpLimits = {
  connectMilliseconds: 10_000,
  idleMilliseconds: 30_000,
  totalMilliseconds: 120_000,
  maxResponseBytes: 64 * 1024 * 1024,
};

export interface HttpRequest {
  readonly method: string;
  /** Without credentials in it. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly signal: AbortSignal;
  /** Where an answer must be smaller than the client's limit. */
  readonly maxBytes?: number;
  /** Left out: the body is in the answer. */
  readonly take?: TakeBody;
}

/**
 * Reads the body of an answer of status 200 while it comes; the answer itself has none then. It is called at most once. Where
 * the body ends too early, or is too long, that is thrown by `body`, and the client's answer tells of it.
 */
export type TakeBody = (body: AsyncIterable<Buffer>) => Promise<void>;

export interface HttpAnswer {
  readonly kind: 'answer';
  /** Where the answer came from: another path of the same origin after a redirect. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Readonly<http.IncomingHttpHeaders>;
  readonly body: Buffer;
}

/** Why there is no answer. Neither headers nor bodies nor addresses with a query are ever part of it. */
export interface NetError {
  readonly kind: 'net-error';
  readonly reason:
    | 'aborted'
    | 'timeout'
    | 'unreachable'
    | 'untrusted'
    | 'too-large'
    | 'redirected'
    | 'unsendable'
    | 'proxy-failed'
    | 'proxy-refused';
  readonly detail: string;
  /** What to do, where the reason alone does not tell it. */
  readonly hint?: string;
  /** True when the host may have received the request and acted on it. */
  readonly sent: boolean;
}

export interface HttpClient {
  /**
   * One exchange; rejects only with what `take` throws. One redirect of a GET within the same origin is followed, every other
   * one is an error.
   */
  send(request: HttpRequest): Promise<HttpAnswer | NetError>;
  /** Closes the idle connections. */
  close(): void;
}

interface Way {
  readonly agents: Agents;
  readonly limits: HttpLimits;
  readonly net: NetSettings;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A client with its own kept-alive connections; `limits` replaces single values of the defaults above. */
export function createHttpClient(limits: Partial<HttpLimits> = {}, net: NetSettings = DIRECT): HttpClient {
  const all = { ...HTTP_LIMITS, ...limits };
  const agents = createAgents(net, { maxSockets: 16, connectMilliseconds: all.connectMilliseconds });
  const way = { agents, limits: all, net };
  return {
    send: async (request) => {
      const first = await exchange(request, way);
      if (first.kind === 'net-error' || !REDIRECTS.has(first.status)) return first;
      const target = redirectTarget(request, first);
      if (target === null) return redirected(first);
      const second = await exchange({ ...request, url: target }, way);
      return second.kind === 'answer' && REDIRECTS.has(second.status) ? redirected(second) : second;
    },
    close: () => {
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };
}

/** Through a proxy it is the proxy that let the time pass, whatever is behind it. */
function notConnected(url: URL, net: NetSettings, { connectMilliseconds }: HttpLimits): Classified {
  const proxy = proxyFor(net, url);
  if (proxy !== null) return classify(tooSlow(proxy, connectMilliseconds));
  return ['timeout', `no connection within ${connectMilliseconds} ms`];
}

function redirectTarget(request: HttpRequest, answer: HttpAnswer): URL | null {
  const target = locationOf(answer);
  if (target === null || request.method !== 'GET' || target.origin !== request.url.origin) return null;
  return target.username === '' && target.password === '' ? target : null;
}

function locationOf(answer: HttpAnswer): URL | null {
  const { location } = answer.headers;
  return location !== undefined && URL.canParse(location, answer.url.href) ? new URL(location, answer.url.href) : null;
}

function redirected(answer: HttpAnswer): NetError {
  const target = locationOf(answer);
  const place = target === null ? 'another place' : target.origin;
  const detail = `answered ${answer.status} to ${place}; only one redirect of a GET within the same host is followed`;
  return { kind: 'net-error', reason: 'redirected', detail, sent: true };
}

function exchange(request: HttpRequest, { agents, limits, net }: Way): Promise<HttpAnswer | NetError> {
  return new Promise((resolve, reject) => {
    if (request.signal.aborted) {
      resolve({ kind: 'net-error', reason: 'aborted', detail: 'stopped before the request was sent', sent: false });
      return;
    }
    const secure = request.url.protocol === 'https:';
    const outgoing = open(request, agents);
    if ('kind' in outgoing) {
      resolve(outgoing);
      return;
    }
    let sent = false;
    const finish = (result: HttpAnswer | NetError) => {
      clearTimeout(total);
      clearTimeout(connect);
      request.signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const fail = (reason: NetError['reason'], detail: string, hint?: string) => {
      finish({ kind: 'net-error', reason, detail, sent, ...(hint === undefined ? {} : { hint }) });
      outgoing.destroy();
    };
    const onAbort = () => fail('aborted', 'stopped before the answer came');
    const timeOut = (what: string, limit: number) => () => fail('timeout', `${what} within ${limit} ms`);
    const total = setTimeout(timeOut('no complete answer', limits.totalMilliseconds), limits.totalMilliseconds);
    const connect = setTimeout(() => fail(...notConnected(request.url, net, limits)), limits.connectMilliseconds);
    const onConnected = () => {
      sent = true;
      clearTimeout(connect);
    };
    request.signal.addEventListener('abort', onAbort);
    outgoing.setTimeout(limits.idleMilliseconds, timeOut('no byte', limits.idleMilliseconds));
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', onConnected);
      else onConnected();
    });
    outgoing.on('error', (error) => fail(...classify(error)));
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy();
      fail('unreachable', 'it began to speak another protocol');
    });
    outgoing.once('response', (response) => {
      const limit = Math.min(limits.maxResponseBytes, request.maxBytes ?? Number.POSITIVE_INFINITY);
      const { statusCode: status = 0, headers } = response;
      receive(request, response, limit).then(
        (body) => finish({ kind: 'answer', url: request.url, status, headers, body }),
        (error: unknown) => {
          const fault = faultOf(error, limit);
          // First of all, or what is still under way would be told instead.
          if (fault === null) reject(error instanceof Error ? error : new Error('not taken', { cause: error }));
          fail(...(fault ?? (['aborted', 'stopped within the answer'] as const)));
        },
      );
    });
    outgoing.end(request.body ?? undefined);
  });
}

/** Node refuses a line break in a header by throwing; a token read from a file often ends in one. */
function open(request: HttpRequest, agents: Agents): http.ClientRequest | NetError {
  const { method, url } = request;
  const headers = { ...request.headers, ...lengthOf(request) };
  try {
    return url.protocol === 'https:'
      ? https.request(url, { method, headers, agent: agents.secure })
      : http.request(url, { method, headers, agent: agents.plain });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { kind: 'net-error', reason: 'unsendable', detail: `the request cannot be sent (${code})`, sent: false };
  }
}

function lengthOf(request: HttpRequest): Record<string, string> {
  return request.body === null ? {} : { 'content-length': String(request.body.byteLength) };
}

const TOO_LARGE = new Error('too-large');
const CUT = new Error('cut');

/** What is wrong with a body; null for what its taker threw. */
function faultOf(error: unknown, limit: number): Classified | null {
  if (error === TOO_LARGE) return ['too-large', `an answer of more than ${limit} bytes`];
  return error === CUT ? ['unreachable', 'the connection was cut within the answer'] : null;
}

/** The body; an empty one where it was taken. Rejects with `TOO_LARGE` or `CUT`, or with what its taker throws. */
async function receive({ take, signal }: HttpRequest, response: http.IncomingMessage, limit: number): Promise<Buffer> {
  if (take === undefined || response.statusCode !== 200) return collect(response, limit);
  // What comes is received however busy its reader is: a host is never kept waiting, and not blamed for our own time.
  const ahead = addAbortSignal(signal, new PassThrough({ highWaterMark: limit }));
  // How it ends is told to the reader.
  pipeline(response, ahead, () => undefined);
  await take(piecesOf(response, ahead as AsyncIterable<Buffer>, limit));
  return Buffer.alloc(0);
}

async function* piecesOf(
  response: http.IncomingMessage,
  from: AsyncIterable<Buffer>,
  limit: number,
): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const chunk of from) {
      size += chunk.length;
      if (size > limit) break;
      yield chunk;
    }
  } catch {
    throw CUT;
  }
  if (size > limit) throw TOO_LARGE;
  if (!response.complete) throw CUT;
}

async function collect(response: http.IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(response.headers['content-length']);
  // One piece from the start: a large body is not held twice. What is not written to takes no memory.
  const whole = announced > LARGE_BODY && announced <= limit ? Buffer.allocUnsafeSlow(announced) : null;
  const chunks: Buffer[] = [];
  let size = 0;
  let joined = 0;
  for await (const chunk of piecesOf(response, response as AsyncIterable<Buffer>, limit)) {
    if (whole !== null) whole.set(chunk, size);
    else if (chunks.push(chunk) - joined === MOST_CHUNKS) {
      chunks.splice(joined, MOST_CHUNKS, Buffer.concat(chunks.slice(joined)));
      joined += 1;
    }
    size += chunk.length;
  }
  return whole?.subarray(0, size) ?? Buffer.concat(chunks, size);
}

const LARGE_BODY = 1024 * 1024;
/** So many are joined into one: of a host that sends bytes one by one, each would take four hundred. */
const MOST_CHUNKS = 256;

const UNTRUSTED = /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

type Classified = [reason: NetError['reason'], detail: string, hint?: string];

/** Only the system's error code is kept: messages may hold what was sent. */
function classify(error: Error & { readonly code?: string }): Classified {
  if (error instanceof ProxyError) return [`proxy-${error.reason}`, error.message, error.hint];
  const code = error.code ?? error.name;
  if (UNTRUSTED.test(code)) return ['untrusted', `its certificate was not accepted (${code})`];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ['unreachable', `its name was not found (${code})`];
  if (code === 'ECONNREFUSED') return ['unreachable', `it refused the connection (${code})`];
  return ['unreachable', `the connection was lost (${code})`];
}
