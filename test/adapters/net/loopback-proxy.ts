import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** What the proxy does with a CONNECT. */
export type ProxyManner =
  | 'carry'
  /** Never answers. */
  | 'hang'
  /** Cuts the line. */
  | 'close'
  /** Says 200, and then nothing of the host's. */
  | 'silent'
  /** Says 200, and cuts the line. */
  | 'cut'
  /** Speaks in the host's place, before it was asked. */
  | 'meddle'
  /** Answers this status. */
  | number;

/** A proxy on loopback. Names mean ports of this machine: whatever has no route is answered 502. */
export interface LoopbackProxy {
  readonly port: number;
  /** Every `host:port` that it was asked to CONNECT to. */
  readonly targets: readonly string[];
  /** How many of its connections are open. */
  open(): number;
  route(host: string, port: number): void;
  behave(manner: ProxyManner): void;
  /** From now on it asks for these; null: for none. */
  demand(user: string, password: string): void;
  close(): Promise<void>;
}

/** An authority of the tests, and a certificate by it for `*.acme.test` and this machine; good for a hundred years. */
export const CA_FILE = 'fixtures/tls/ca.pem';
const identity = () => ({
  cert: readFileSync('fixtures/tls/server.pem'),
  key: readFileSync('fixtures/tls/server-key.pem'),
});

/** Starts a proxy; `https`: the way to it is TLS, with the certificate of the tests. */
export async function startProxy(scheme: 'http' | 'https' = 'http'): Promise<LoopbackProxy> {
  const routes = new Map<string, number>();
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  let manner: ProxyManner = 'carry';
  let wanted: string | null = null;
  const server: Server = scheme === 'https' ? createSecureServer(identity()) : createServer();
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const target = request.url ?? '';
    targets.push(target);
    // Node's servers leave it to the listener to see the other side go.
    socket.on('error', () => undefined).on('end', () => socket.end());
    if (manner !== 'carry') socket.resume();
    if (wanted !== null && request.headers['proxy-authorization'] !== wanted) {
      // Some repeat what they were sent: it must not come out anywhere.
      socket.end(`HTTP/1.1 407 Who\r\nx-sent: ${String(request.headers['proxy-authorization'])}\r\n\r\n`);
    } else if (typeof manner === 'number') socket.end(`HTTP/1.1 ${manner} No\r\n\r\n`);
    else if (manner === 'close') socket.destroy();
    else if (manner === 'silent') socket.write('HTTP/1.1 200 OK\r\n\r\n');
    else if (manner === 'cut') socket.end('HTTP/1.1 200 OK\r\n\r\n');
    else if (manner === 'meddle') socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n');
    else if (manner === 'carry') carry(socket, routes.get(target.slice(0, target.lastIndexOf(':'))), sockets);
  });
  const port = await listen(server);
  return {
    port,
    targets,
    open: () => sockets.size,
    route: (host, to) => void routes.set(host, to),
    behave: (next) => {
      manner = next;
    },
    demand: (user, password) => {
      wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    },
    close: () => end(server, sockets),
  };
}

export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

/** A TLS server in front of a plain one on this machine. */
export async function startTlsFront(to: number): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createTlsServer(identity(), (socket) => {
    const behind = connect(to, '127.0.0.1');
    keep(sockets, behind);
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
    behind.on('close', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  return { port, close: () => end(server, sockets) };
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}

function carry(socket: Socket, port: number | undefined, sockets: Set<Socket>): void {
  if (port === undefined) {
    socket.end('HTTP/1.1 502 No route\r\n\r\n');
    return;
  }
  const target = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(target).pipe(socket);
  });
  keep(sockets, target);
  target.on('close', () => socket.destroy());
  socket.on('close', () => target.destroy());
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
}

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function end(server: NetServer, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
