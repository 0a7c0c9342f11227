import * as fc from 'fast-check';

/** What becomes of one request on its way. `at` says where, from 0 to 1, in what is cut or damaged. */
export interface Fate {
  readonly kind: (typeof FATES)[number];
  readonly at: number;
}

const FATES = [
  'carried-out',
  'dropped-before',
  'dropped-after',
  /** The connection is cut, and the host carries it out all the same, when everybody has gone on. */
  'late',
  /** The process that asks ends here; the host carries it out before, after or not at all, by `at`. */
  'stopped',
  /** A copy of the host answers that has not heard of the newest moves. */
  'lagging',
  'gateway-before',
  'gateway-after',
  'request-cut',
  'request-damaged',
  'answer-cut',
  'answer-damaged',
] as const;

export const CARRIED_OUT: Fate = { kind: 'carried-out', at: 0 };

/** Nearly half of all requests go wrong. */
export const fates: fc.Arbitrary<Fate> = fc.record({
  kind: fc.oneof(
    { weight: 1, arbitrary: fc.constant('carried-out' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...FATES) },
  ),
  // Not a double of its own: most of those lie close to 0.
  at: fc.noBias(fc.nat(9999)).map((part) => part / 10_000),
});

/** Whether a host carries out what is not answered: at once, when everybody has gone on, or never. */
export function effectOf({ kind, at }: Fate, purpose: Purpose): 'now' | 'later' | 'never' {
  const isLate = kind === 'late' || (kind === 'stopped' && at >= 0.4 && at < 0.7);
  if (isLate && purpose === 'push') return 'later';
  const isStoppedAfter = kind === 'stopped' && at < 0.4;
  return kind.endsWith('-after') || kind.startsWith('answer') || isStoppedAfter ? 'now' : 'never';
}

/** What a request is for; what in it may be damaged without a chance for anybody to notice depends on it. */
export type Purpose = 'advertisement' | 'list' | 'fetch' | 'push';

/** The first part of it: mostly whole packets, which is the hardest to notice. */
export function cut(bytes: Buffer, at: number): Buffer {
  if (at >= 0.75) return bytes.subarray(0, Math.floor((at - 0.75) * 4 * bytes.length));
  const starts = packetsOf(bytes);
  return bytes.subarray(0, starts[Math.floor((at / 0.75) * starts.length)] ?? 0);
}

/**
 * One bit of it changed. Ids and names of refs have no checksum in Git's protocol (TLS has): of them only the lengths are
 * damaged. Packs and reports are damaged everywhere.
 */
export function damage(bytes: Buffer, at: number, purpose: Purpose, side: 'request' | 'answer'): Buffer {
  if (bytes.length === 0) return bytes;
  const damaged = Buffer.from(bytes);
  const index = placeOf(bytes, at, purpose, side);
  damaged[index] = (damaged[index] ?? 0) ^ (1 << Math.floor((at * 7919) % 7));
  return damaged;
}

function placeOf(bytes: Buffer, at: number, purpose: Purpose, side: 'request' | 'answer'): number {
  if (purpose === 'push' && side === 'request') {
    const pack = bytes.indexOf('0000PACK');
    // Behind the version: a pack that is none at all is told by its first bytes.
    return pack === -1 ? 0 : pack + 12 + Math.floor(at * (bytes.length - pack - 12));
  }
  if (purpose === 'fetch' || purpose === 'push') return Math.floor(at * bytes.length);
  const starts = packetsOf(bytes);
  return (starts[Math.floor(at * starts.length)] ?? 0) + (Math.floor(at * 4441) % 4);
}

/** Where packets begin, as far as there are any. */
function packetsOf(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 4), 16);
    if (Number.isNaN(length)) break;
    starts.push(at);
    at += Math.max(4, length);
  }
  return starts;
}
