import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../domain/failure.ts';

export interface StatusPage {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface StatusServerOptions {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** What is served, by its path; everything else is not found. */
  readonly pages: ReadonlyMap<string, () => StatusPage | Promise<StatusPage>>;
}

export interface StatusServer {
  readonly port: number;
  /** Nobody is answered any more, and no connection stays open. */
  close(): Promise<void>;
}

/** `taken`: somebody else has the port. */
export type Listening =
  | { readonly kind: 'listening'; readonly server: StatusServer }
  | { readonly kind: 'taken'; readonly failure: Failure };

const PLAIN = 'text/plain; charset=utf-8';
const MAX_CONNECTIONS = 100;

/** What a browser that was led here is told; and no answer is ever kept. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // One request per connection: what a client sends beyond its head is never read, and a stop waits for nobody.
  connection: 'close',
};

/**
 * Serves pages over HTTP, GET and HEAD only, to whoever reaches the port. It reads heads of at most 8 KiB and no body, and
 * cuts off whoever takes his time. Rejects with a `Failure` where it cannot listen for another reason than a taken port.
 */
export async function startStatusServer({ host, port, pages }: StatusServerOptions): Promise<Listening> {
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 },
    (request, response) => void answer(pages, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(10_000);
  // Without a listener Node would ask for the body that we do not read.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    void answer(pages, request, response);
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    const failure = listenFailure(error, `${host}, port ${port}`);
    if (codeOf(error) === 'EADDRINUSE') return { kind: 'taken', failure };
    throw failure;
  }
  const { port: chosen } = server.address() as AddressInfo;
  return { kind: 'listening', server: { port: chosen, close: () => close(server) } };
}

async function answer(pages: StatusServerOptions['pages'], request: IncomingMessage, response: ServerResponse) {
  const { status, contentType, body, headers = {} } = await pageFor(pages, request);
  const length = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...HEADERS, ...headers, ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function pageFor(
  pages: StatusServerOptions['pages'],
  { method, url = '' }: IncomingMessage,
): Promise<StatusPage & { readonly headers?: Readonly<Record<string, string>> }> {
  const page = pages.get(url.split('?', 1)[0] ?? '');
  if (page === undefined) return { status: 404, contentType: PLAIN, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, contentType: PLAIN, body: 'GET or HEAD only\n', headers: { allow: 'GET, HEAD' } };
  }
  try {
    return await page();
  } catch {
    // A bug of ours; whoever asks is not told more.
    return { status: 500, contentType: PLAIN, body: 'internal error\n' };
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // A connection that cannot be accepted (no descriptors left) is the client's to try again.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function listenFailure(cause: unknown, where: string): Failure {
  return new Failure(`could not listen on ${where}: ${codeOf(cause)}`, {
    code: 'status-unavailable',
    retry: 'later',
    hint: 'Free the port, or choose another address under spec.status.',
    cause,
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
