import { Failure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import type { GitHost } from './git-host.ts';
import { DELIMITER, FLUSH, lineOf, packet, readPackets } from './pkt-line.ts';
import { type Advertisement, uploadPackCall } from './server-refs.ts';

/** One object to fetch: a commit without its history, or a single blob. */
export interface PackWish {
  readonly want: Oid;
  /** Commits whose whole tree is here already; the pack may be built on their objects. */
  readonly have: readonly Oid[];
  readonly kind: 'commit' | 'blob';
  /** Larger blobs are left out where the host can do that; in bytes. */
  readonly blobLimit: number;
}

/** Fetches one pack. Throws `git-rejected` (to be tried later) where the host no longer gives out what is wanted. */
export async function fetchPack(
  host: GitHost,
  known: Advertisement,
  wish: PackWish,
  signal: AbortSignal,
): Promise<Buffer> {
  const body = known.version === 2 ? secondProtocol(known, wish) : firstProtocol(known, wish);
  const answer = await host.send(uploadPackCall(body, `fetch ${wish.want}`), signal);
  return collectPack(host, answer.body, wish.want);
}

/** True where the host leaves out large blobs when asked to, and gives them out one by one. */
export function canFilter(known: Advertisement): boolean {
  return known.version === 2 && (known.capabilities.get('fetch') ?? '').split(' ').includes('filter');
}

function wishLines(wish: PackWish): Buffer[] {
  if (wish.kind === 'blob') return [];
  // Everything here was fetched without history, so every commit that is here is a shallow one.
  return [...wish.have.map((oid) => packet(`shallow ${oid}\n`)), packet('deepen 1\n')];
}

function secondProtocol(known: Advertisement, wish: PackWish): Buffer {
  const filter = wish.kind === 'commit' && canFilter(known) ? [packet(`filter blob:limit=${wish.blobLimit}\n`)] : [];
  return Buffer.concat([
    packet('command=fetch\n'),
    ...(known.capabilities.has('object-format') ? [packet('object-format=sha1\n')] : []),
    DELIMITER,
    ...['thin-pack\n', 'ofs-delta\n', 'no-progress\n'].map(packet),
    packet(`want ${wish.want}\n`),
    ...wishLines(wish),
    ...filter,
    ...wish.have.map((oid) => packet(`have ${oid}\n`)),
    packet('done\n'),
    FLUSH,
  ]);
}

function firstProtocol(known: Advertisement, wish: PackWish): Buffer {
  const missing = ['side-band-64k', 'shallow'].find((name) => !known.capabilities.has(name));
  if (missing !== undefined) throw notOffered(missing);
  // Azure DevOps refuses whoever does not ask for one of the two.
  const acknowledging = known.capabilities.has('multi_ack_detailed') ? 'multi_ack_detailed' : 'multi_ack';
  const wished = [acknowledging, 'side-band-64k', 'thin-pack', 'ofs-delta', 'no-progress', 'shallow'];
  const capabilities = wished.filter((name) => known.capabilities.has(name)).join(' ');
  return Buffer.concat([
    packet(`want ${wish.want} ${capabilities}\n`),
    ...wishLines(wish),
    FLUSH,
    ...wish.have.map((oid) => packet(`have ${oid}\n`)),
    packet('done\n'),
  ]);
}

/**
 * The pack in an answer. Both protocols: some lines of text, then the pack in band 1; band 2 is progress, band 3 the host
 * giving up, which throws `git-rejected`.
 */
export function collectPack(host: GitHost, body: Buffer, want: Oid): Buffer {
  const parts: Buffer[] = [];
  for (const one of readPackets(body)) {
    if (one.kind !== 'data' || one.bytes.length === 0) continue;
    const [band] = one.bytes;
    if (band === 1) parts.push(one.bytes.subarray(1));
    else if (band === 3) throw givenUp(host, want, one.bytes.subarray(1).toString('utf8'));
    else if (one.bytes.toString('latin1', 0, 4) === 'ERR ') throw givenUp(host, want, lineOf(one.bytes).slice(4));
  }
  if (parts.length === 0) throw unreadableAnswer('there is no pack in it');
  return Buffer.concat(parts);
}

function notOffered(capability: string): Failure {
  return new Failure(`cannot fetch from this Git host: it does not offer ${capability}`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Git offers it since version 1.8; look at what stands between this machine and the host.',
  });
}

function givenUp(host: GitHost, want: Oid, text: string): Failure {
  return new Failure(`could not fetch ${want} of ${host.name}: ${host.quote(text, 200)}`, {
    code: 'git-rejected',
    retry: 'later',
    hint: 'A branch that has moved meanwhile looks like this; it is tried again from the refs.',
  });
}
