import { BlockList, isIP } from 'node:net';

/** Where a request goes. */
export interface Target {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Whether a target is asked directly. */
export type Exemption = (target: Target) => boolean;

/** Addresses that mean this machine, or the one it runs on, wherever it runs: nobody else can answer for them. */
const HERE = [
  '127.0.0.0/8',
  '::1',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::23',
  '169.254.169.254',
  'fd00:ec2::254',
];

/** More is no list that a person wrote. */
const MOST = 1000;

/**
 * What never goes through a proxy: this machine, the addresses of EKS Pod Identity, ECS and instance metadata, and what the
 * list names, as in `NO_PROXY`: `example.com` (with everything below it), `.example.com` and `*.example.com` (only what is
 * below), an address, a network (`10.0.0.0/8`), each but a network also with a port, or `*`. What is none of these is passed over.
 */
export function exemptions(list: readonly string[]): Exemption {
  const entries = list.slice(0, MOST).flatMap((text) => exemption(text.trim().toLowerCase()) ?? []);
  const all = [isHere, ...entries];
  return ({ host, port }) => {
    const plain = { host: host.toLowerCase().replace(/\.$/, ''), port };
    return all.some((one) => one(plain));
  };
}

/** The entries of a `NO_PROXY`: commas or blanks stand between them. */
export function noProxyList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}

const here = HERE.flatMap((text) => addresses(text) ?? []);

function isHere(target: Target): boolean {
  return target.host === 'localhost' || target.host.endsWith('.localhost') || here.some((one) => one(target));
}

function exemption(text: string): Exemption | null {
  if (text === '*') return () => true;
  const network = addresses(text);
  if (network !== null) return network;
  const { host, port } = apart(text);
  const wanted = addresses(host) ?? names(host);
  if (wanted === null || port === null) return null;
  return port === 0 ? wanted : (target) => target.port === port && wanted(target);
}

/** An address, or a network in CIDR form; null for anything else. */
function addresses(text: string): Exemption | null {
  const [, address = '', prefix = ''] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = prefix === '' ? most : Number(prefix);
  if (version === 0 || bits > most) return null;
  const block = new BlockList();
  block.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  return ({ host }) => isIP(host) !== 0 && block.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

function names(text: string): Exemption | null {
  const [, below, name = ''] = /^(\*?\.)?([\w-]+(?:\.[\w-]+)*)\.?$/.exec(text) ?? [];
  if (name === '') return null;
  const isBelow = ({ host }: Target) => host.endsWith(`.${name}`);
  return below === undefined ? (target) => target.host === name || isBelow(target) : isBelow;
}

/** Port 0: none is named. Port null: what stands there is none. */
function apart(text: string): { readonly host: string; readonly port: number | null } {
  const [, bracketed, plain, written] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  const port = Number(written ?? 0);
  const isPort = written === undefined || (/^\d{1,5}$/.test(written) && port > 0 && port <= 65_535);
  return { host: bracketed ?? plain ?? '', port: isPort ? port : null };
}
