import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Room `demo`: the embedded world. Small honest servers on loopback (SQS, Secrets Manager, Git, GitHub) against which the
 * real adapters run, in the demo and in the tests. It knows nothing of the pipeline.
 */
export interface LoopbackServer {
  /** `http://127.0.0.1:<port>`, the port chosen by the system. */
  readonly url: string;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>;

/** Starts a server on 127.0.0.1. Bodies over `limit` bytes are answered 413; a handler that throws is answered 500. */
export async function listenOnLoopback(handler: Handler, limit = 64 * 1024 * 1024): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    void serve(handler, request, response, limit);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse, limit: number) {
  try {
    const body = await readBody(request, limit);
    if (body === null) {
      response.writeHead(413).end();
      return;
    }
    await handler(request, response, body);
  } catch (error) {
    if (!response.headersSent) response.writeHead(500);
    response.end(`loopback server failed: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
