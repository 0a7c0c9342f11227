import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { type NetSettings, type ProxyServer, proxyTo } from './net-settings.ts';
import { lost, openTunnel, tooSlow } from './tunnel.ts';

/** Kept-alive connections by the settings' way out; `destroy` of either also ends what is being opened. */
export interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

export interface AgentLimits {
  readonly maxSockets: number;
  /** Until a connection through a proxy stands, TLS included. */
  readonly connectMilliseconds: number;
}

type Options = http.ClientRequestArgs & { readonly secureContext?: SecureContext };
type Made = (error: Error | null, socket: Duplex) => void;
type Create = (options: Options, made?: Made) => Duplex | null | undefined;

/** Agents for Node's `http` and `https`, and for the AWS SDK. Through a proxy both tunnel by CONNECT. */
export function createAgents(net: NetSettings, { maxSockets, connectMilliseconds }: AgentLimits): Agents {
  const plain = new http.Agent({ keepAlive: true, maxSockets });
  const secure = new https.Agent({ keepAlive: true, maxSockets });
  takeWay(plain, { net, isSecure: false, milliseconds: connectMilliseconds });
  takeWay(secure, { net, isSecure: true, milliseconds: connectMilliseconds });
  return { plain, secure };
}

interface Way {
  readonly net: NetSettings;
  readonly isSecure: boolean;
  readonly milliseconds: number;
}

/** Replaces how an agent makes connections, which Node's documentation allows for. */
function takeWay(agent: http.Agent, way: Way): void {
  const { net, isSecure } = way;
  if ((isSecure ? net.secureProxy : net.plainProxy) === null && net.secureContext === null) return;
  const create: Create = agent.createConnection.bind(agent);
  const destroy = agent.destroy.bind(agent);
  const pending = new Set<() => void>();
  const replaced: Create = (options, made) => {
    const target = { host: options.host ?? 'localhost', port: Number(options.port ?? (isSecure ? 443 : 80)) };
    const proxy = proxyTo(net, isSecure, target);
    const trusted = net.secureContext === null ? options : { ...options, secureContext: net.secureContext() };
    if (proxy === null || made === undefined) return create(isSecure ? trusted : options, made);
    const opening = { proxy, target, way, context: trusted.secureContext ?? null };
    const socket = isSecure ? (tunnel: Socket) => create({ ...trusted, socket: tunnel } as Options) as Socket : null;
    void throughProxy(opening, socket, pending).then(
      (ready) => made(null, ready),
      (error: Error) => made(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  agent.createConnection = replaced;
  agent.destroy = () => {
    for (const end of pending) end();
    destroy();
  };
}

interface ThroughProxy {
  readonly proxy: ProxyServer;
  readonly target: { readonly host: string; readonly port: number };
  readonly way: Way;
  readonly context: SecureContext | null;
}

/** A connection that can be written to: the tunnel stands, and where `secure` is given TLS in it. */
async function throughProxy(
  { proxy, target, way, context }: ThroughProxy,
  secure: ((tunnel: Socket) => Socket) | null,
  pending: Set<() => void>,
): Promise<Socket> {
  const tunnel = openTunnel(proxy, target, context);
  let cancel = (error: Error) => tunnel.cancel(error);
  const timer = setTimeout(() => cancel(tooSlow(proxy, way.milliseconds)), way.milliseconds);
  const end = () => cancel(lost(proxy, 'stopped'));
  pending.add(end);
  try {
    const plain = await tunnel.opened;
    if (secure === null) return plain;
    const socket = secure(plain);
    cancel = (error) => void socket.destroy(error);
    return await untilSecure(socket, proxy);
  } finally {
    clearTimeout(timer);
    pending.delete(end);
  }
}

/** A certificate that is not accepted is the host's affair; everything else before TLS stands is the proxy's. */
function untilSecure(socket: Socket, proxy: ProxyServer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error & { readonly code?: string }) => {
      const isOwn = error.name === 'ProxyError' || isAboutTls(error.code ?? '');
      reject(isOwn ? error : lost(proxy, error.code ?? 'cut'));
    };
    const onClose = () => reject(lost(proxy, 'closed'));
    socket.once('error', onError).once('close', onClose);
    socket.once('secureConnect', () => {
      socket.off('error', onError).off('close', onClose);
      resolve(socket);
    });
  });
}

function isAboutTls(code: string): boolean {
  return /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code);
}
