import { Failure } from '../../domain/failure.ts';
import { trustAlso } from './authorities.ts';
import type { NetSettings, ProxyServer } from './net-settings.ts';
import { exemptions, noProxyList } from './no-proxy.ts';

/** What the configuration says of the network; null: it leaves that to the environment. */
export interface AskedNetwork {
  /** The proxy's address, for everything; a user and a password may be in it. */
  readonly proxy: string | null;
  /** For messages: where `proxy` was written. */
  readonly proxyPlace: string;
  readonly noProxy: readonly string[] | null;
  readonly caFile: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The way out: what the configuration says, else the environment (`HTTPS_PROXY` for https, `HTTP_PROXY` for http, `NO_PROXY`;
 * spelled in lower case they win). Throws a Failure that names the place, never what stands there.
 */
export function readNetSettings(asked: AskedNetwork, environment: Environment = process.env): NetSettings {
  const written = asked.proxy === null ? null : parseProxy(asked.proxy, asked.proxyPlace);
  const noProxy = asked.noProxy ?? noProxyList(read(environment, 'NO_PROXY')?.value ?? '');
  const { caFile } = asked;
  return {
    secureProxy: written ?? proxyIn(environment, 'HTTPS_PROXY'),
    plainProxy: written ?? proxyIn(environment, 'HTTP_PROXY'),
    isExempt: exemptions(noProxy),
    noProxy,
    caFile,
    secureContext: caFile === null ? null : trustAlso(caFile, read(environment, 'NODE_EXTRA_CA_CERTS')?.value ?? null),
  };
}

function proxyIn(environment: Environment, name: string): ProxyServer | null {
  const found = read(environment, name);
  return found === null ? null : parseProxy(found.value, `the environment variable ${found.name}`);
}

/** Null where it is not set in either spelling. One that is set and empty switches the other off. */
function read(environment: Environment, name: string): { readonly name: string; readonly value: string } | null {
  const found = [name.toLowerCase(), name].find((one) => environment[one] !== undefined);
  const value = found === undefined ? '' : (environment[found] ?? '').trim();
  return found === undefined || value === '' ? null : { name: found, value };
}

function parseProxy(text: string, place: string): ProxyServer {
  const url = urlOf(text.includes('://') ? text : `http://${text}`);
  if (url === null) throw unusable(place, 'holds no address of a proxy');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw unusable(place, 'names a proxy that is not http or https');
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') throw unusable(place, 'has a path');
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  const header = authorizationOf(url, place);
  const name = `${url.hostname}:${port}`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { isSecure, host, port, name, authorization: () => header };
}

function urlOf(text: string): URL | null {
  return text.length <= 2048 && URL.canParse(text) ? new URL(text) : null;
}

function authorizationOf({ username, password }: URL, place: string): string | null {
  if (username === '' && password === '') return null;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  } catch {
    throw unusable(place, 'has a % in its user or password that escapes nothing');
  }
}

function unusable(place: string, what: string): Failure {
  return new Failure(`${place} ${what}`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Write http://proxy.acme.example:3128, with http://user:password@ in front of the host where it asks for that; escape other characters than letters and digits (%40 for @).',
  });
}
