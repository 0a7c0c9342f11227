import type { SecureContext } from 'node:tls';
import { type Exemption, exemptions, type Target } from './no-proxy.ts';

/** A proxy that is asked to CONNECT. */
export interface ProxyServer {
  /** True where the way to the proxy itself is TLS. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** `host:port`: all of it that is ever shown. */
  readonly name: string;
  /** The `proxy-authorization` header, or null. A function, so that nothing which shows the settings shows it. */
  readonly authorization: () => string | null;
}

/** The way out for everything that is sent. Read once; who sends is handed it. */
export interface NetSettings {
  /** For https targets. */
  readonly secureProxy: ProxyServer | null;
  /** For http targets. */
  readonly plainProxy: ProxyServer | null;
  readonly isExempt: Exemption;
  /** For people: what the exemptions were made of. */
  readonly noProxy: readonly string[];
  /** The file of private authorities, or null. */
  readonly caFile: string | null;
  /** What certificates are checked against; null: what Node has by itself. Looks whether the file has changed. */
  readonly secureContext: (() => SecureContext) | null;
}

/** No proxy, and the authorities that Node knows. */
export const DIRECT: NetSettings = {
  secureProxy: null,
  plainProxy: null,
  isExempt: exemptions([]),
  noProxy: [],
  caFile: null,
  secureContext: null,
};

/** The proxy for this address, or null. */
export function proxyFor(net: NetSettings, url: URL): ProxyServer | null {
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return proxyTo(net, isSecure, { host, port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port) });
}

/** As {@link proxyFor}, for a host and a port. */
export function proxyTo(net: NetSettings, isSecure: boolean, target: Target): ProxyServer | null {
  const proxy = isSecure ? net.secureProxy : net.plainProxy;
  return proxy === null || net.isExempt(target) ? null : proxy;
}
