import { Failure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import type { GitHost } from './git-host.ts';
import { createPacketReader, DELIMITER, FLUSH, lineOf, packet } from './pkt-line.ts';
import { type Advertisement, uploadPackCall } from './server-refs.ts';

/** What to fetch: a commit without its history, or blobs. */
export type PackWish =
  | {
      readonly kind: 'commit';
      readonly want: Oid;
      /** Commits whose whole tree is here already; the pack may be built on their objects. */
      readonly have: readonly Oid[];
      /** What is left out where the host can do that. */
      readonly without: 'all-blobs' | { readonly blobsFrom: number };
    }
  | { readonly kind: 'blobs'; readonly wants: readonly Oid[] };

/**
 * Fetches one pack, which `open` reads while it comes. Throws `git-rejected` (to be tried later) where the host no longer
 * gives out what is wanted.
 */
export async function fetchPack<T extends object>(
  { host, known }: { readonly host: GitHost; readonly known: Advertisement },
  wish: PackWish,
  open: (pack: AsyncIterable<Buffer>) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const body = known.version === 2 ? secondProtocol(known, wish) : firstProtocol(known, wish);
  const [want = ''] = wantsOf(wish);
  const opened: T[] = [];
  const take = async (answer: AsyncIterable<Buffer>) => {
    opened.push(await open(packParts(createBands(host, want), answer)));
  };
  await host.send({ ...uploadPackCall(body, `fetch ${want}`), take }, signal);
  const [pack] = opened;
  if (pack === undefined) throw unreadableAnswer(NO_PACK);
  return pack;
}

const NO_PACK = 'there is no pack in it';

/** True where the host leaves out blobs when asked to, and gives them out one by one. */
export function canFilter({ version, capabilities }: Advertisement): boolean {
  if (version === 2) return (capabilities.get('fetch') ?? '').split(' ').includes('filter');
  return capabilities.has('filter') && capabilities.has('allow-reachable-sha1-in-want');
}

function wantsOf(wish: PackWish): readonly Oid[] {
  return wish.kind === 'commit' ? [wish.want] : wish.wants;
}

function haveLines(wish: PackWish): Buffer[] {
  return wish.kind === 'commit' ? wish.have.map((oid) => packet(`have ${oid}\n`)) : [];
}

function wishLines(known: Advertisement, wish: PackWish): Buffer[] {
  if (wish.kind === 'blobs') return [];
  const filter = wish.without === 'all-blobs' ? 'blob:none' : `blob:limit=${wish.without.blobsFrom}`;
  return [
    // Everything here was fetched without history, so every commit that is here is a shallow one.
    ...wish.have.map((oid) => packet(`shallow ${oid}\n`)),
    packet('deepen 1\n'),
    ...(canFilter(known) ? [packet(`filter ${filter}\n`)] : []),
  ];
}

function secondProtocol(known: Advertisement, wish: PackWish): Buffer {
  return Buffer.concat([
    packet('command=fetch\n'),
    ...(known.capabilities.has('object-format') ? [packet('object-format=sha1\n')] : []),
    DELIMITER,
    ...['thin-pack\n', 'ofs-delta\n', 'no-progress\n'].map(packet),
    ...wantsOf(wish).map((oid) => packet(`want ${oid}\n`)),
    ...wishLines(known, wish),
    ...haveLines(wish),
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
  if (wish.kind === 'commit' && canFilter(known)) wished.push('filter');
  const capabilities = wished.filter((name) => known.capabilities.has(name)).join(' ');
  const [first, ...others] = wantsOf(wish);
  return Buffer.concat([
    packet(`want ${first} ${capabilities}\n`),
    ...others.map((oid) => packet(`want ${oid}\n`)),
    ...wishLines(known, wish),
    FLUSH,
    ...haveLines(wish),
    packet('done\n'),
  ]);
}

/** The pack in a whole answer. Throws `git-unreadable`, and `git-rejected` where the host gave up. */
export function collectPack(host: GitHost, body: Buffer, want: Oid): Buffer {
  const bands = createBands(host, want);
  const parts = [...bands.partsIn(body)];
  bands.end();
  return Buffer.concat(parts);
}

async function* packParts(bands: Bands, answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const bytes of answer) yield* bands.partsIn(bytes);
  bands.end();
}

/** So many packets an answer may have besides one for so many of its bytes: Git fills them. */
const MOST_PACKETS = 100_000;
const LEAST_BYTES = 512;

interface Bands {
  /** What these bytes of the answer hold of the pack. */
  partsIn(bytes: Buffer): Generator<Buffer>;
  /** Throws where the answer ended too early. */
  end(): void;
}

/**
 * Takes an answer apart. Both protocols: some lines of text, then the pack in band 1; band 2 is progress, band 3 the host
 * giving up, which throws `git-rejected`.
 */
function createBands(host: GitHost, want: Oid): Bands {
  const reader = createPacketReader();
  let isThere = false;
  let left = MOST_PACKETS;
  const partOf = (bytes: Buffer): Buffer | null => {
    const [band] = bytes;
    if (band === 1) return bytes.subarray(1);
    if (band === 3) throw givenUp(host, want, bytes.subarray(1).toString('utf8'));
    if (bytes.toString('latin1', 0, 4) === 'ERR ') throw givenUp(host, want, lineOf(bytes).slice(4));
    return null;
  };
  return {
    partsIn: function* partsIn(bytes) {
      left += bytes.length / LEAST_BYTES;
      for (const one of reader.read(bytes)) {
        left -= 1;
        // A gigabyte of packets of one byte would hold up everything else for minutes.
        if (left < 0) throw unreadableAnswer('it comes in too many pieces');
        const part = one.kind === 'data' ? partOf(one.bytes) : null;
        if (part === null) continue;
        isThere = true;
        yield part;
      }
    },
    end: () => {
      reader.end();
      if (!isThere) throw unreadableAnswer(NO_PACK);
    },
  };
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
