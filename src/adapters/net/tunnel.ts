import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { ProxyServer } from './net-settings.ts';
import type { Target } from './no-proxy.ts';

/** The proxy stands between us and a host that was not reached. Its message and hint name it by host and port, no more. */
export class ProxyError extends Error {
  /** `refused`: it answered, and a person has to see to it. `failed`: it may go through later. */
  readonly reason: 'refused' | 'failed';
  readonly hint: string;

  constructor(reason: 'refused' | 'failed', message: string, hint: string) {
    super(message);
    this.name = 'ProxyError';
    this.reason = reason;
    this.hint = hint;
  }
}

/** A tunnel that is being opened. */
export interface Opening<T> {
  readonly opened: Promise<T>;
  /** Ends it; `opened` rejects with this. Without effect when it is opened already. */
  cancel(error: Error): void;
}

/** Asks the proxy to CONNECT to the target. Rejects with a {@link ProxyError}. No time limit: whoever asks cancels it. */
export function openTunnel(proxy: ProxyServer, target: Target, context: SecureContext | null): Opening<Socket> {
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const authorization = proxy.authorization();
  const options = {
    method: 'CONNECT',
    host: proxy.host,
    port: proxy.port,
    path: authority,
    headers: {
      host: authority,
      connection: 'keep-alive',
      ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
    },
    agent: false as const,
    ...(context === null ? {} : { secureContext: context }),
  };
  const request = proxy.isSecure ? https.request(options) : http.request(options);
  const opened = new Promise<Socket>((resolve, reject) => {
    request.once('connect', (response, socket, head) => {
      // Whoever takes it listens for its end; an error in between must not end the process.
      socket.on('error', () => undefined);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300 && head.length === 0) resolve(socket);
      else {
        socket.destroy();
        reject(head.length > 0 && status < 300 ? spokeFirst(proxy) : answered(proxy, status));
      }
    });
    request.on('error', (error: Error & { readonly code?: string }) => reject(asProxyError(proxy, error)));
    request.once('close', () => reject(lost(proxy, 'closed')));
  });
  request.end();
  return { opened, cancel: (error) => void request.destroy(error) };
}

/** What went wrong on the way through the proxy, by the system's code alone. */
export function lost(proxy: ProxyServer, code: string): ProxyError {
  return new ProxyError(
    'failed',
    `the proxy ${proxy.name} did not carry the connection (${code})`,
    `Check that the proxy ${proxy.name} is up and lets this through, or except the host in NO_PROXY or spec.network.noProxy; it is tried again.`,
  );
}

/** The proxy let the time pass. */
export function tooSlow(proxy: ProxyServer, milliseconds: number): ProxyError {
  return lost(proxy, `nothing within ${milliseconds} ms`);
}

function asProxyError(proxy: ProxyServer, error: Error & { readonly code?: string }): ProxyError {
  return error instanceof ProxyError ? error : lost(proxy, error.code ?? 'cut');
}

function spokeFirst(proxy: ProxyServer): ProxyError {
  return lost(proxy, 'it spoke for the host');
}

function answered(proxy: ProxyServer, status: number): ProxyError {
  const message = `the proxy ${proxy.name} answered ${status}`;
  if (status === 407) {
    const hint = `Check the user and the password for the proxy ${proxy.name}: they belong into its address (HTTPS_PROXY, or the file of spec.network.proxySecretRef).`;
    return new ProxyError('refused', message, hint);
  }
  const isLater = status >= 500 || status === 408 || status === 429;
  const hint = isLater
    ? `The proxy ${proxy.name} could not reach the host; it is tried again. Except the host in NO_PROXY or spec.network.noProxy where it needs no proxy.`
    : `Allow the host at the proxy ${proxy.name}, or except it in NO_PROXY or spec.network.noProxy.`;
  return new ProxyError(isLater ? 'failed' : 'refused', message, hint);
}
