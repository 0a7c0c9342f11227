import { createHttpClient, type HttpAnswer, type HttpLimits, type HttpRequest } from './http-request.ts';
import { netFailure } from './net-failure.ts';
import type { NetSettings } from './net-settings.ts';

const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * A `fetch` with the limits of `http-request.ts`, as far as an API client needs it: an address, method, headers, a text
 * or byte body, a signal. Where no answer came it rejects with a `forge-…` Failure, when aborted with an `AbortError`.
 */
export function createLimitedFetch(limits: Partial<HttpLimits> = {}, net?: NetSettings): typeof globalThis.fetch {
  const client = createHttpClient(limits, net);
  return async (input, init = {}) => {
    if (input instanceof Request) throw new TypeError('fetch takes an address, not a Request');
    const request = requestOf(new URL(input), init);
    const answer = await client.send(request);
    if (answer.kind === 'answer') return responseOf(answer);
    if (answer.reason === 'aborted') throw new DOMException('the request was stopped', 'AbortError');
    throw netFailure('forge', `${request.method} ${request.url.origin}${request.url.pathname}`, answer);
  };
}

function requestOf(url: URL, init: RequestInit): HttpRequest {
  return {
    method: (init.method ?? 'GET').toUpperCase(),
    url,
    headers: Object.fromEntries(new Headers(init.headers ?? {}).entries()),
    body: bytesOf(init.body ?? null),
    signal: init.signal ?? new AbortController().signal,
  };
}

function responseOf(answer: HttpAnswer): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  const body = WITHOUT_BODY.has(answer.status) ? null : answer.body;
  // A `Response` cannot be made with a status that no standard knows; to a client of an API it is a broken gateway.
  const status = answer.status >= 200 && answer.status <= 599 ? answer.status : 502;
  const response = new Response(body, { status, headers });
  Object.defineProperty(response, 'url', { value: answer.url.href });
  return response;
}

function bytesOf(body: unknown): Uint8Array | null {
  if (body === null) return null;
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return body;
  throw new TypeError('fetch takes a text or bytes as its body');
}
