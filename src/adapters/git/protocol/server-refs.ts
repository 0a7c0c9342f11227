import { Failure } from '../../../domain/failure.ts';
import type { Ref } from '../../../ports.ts';
import { ownOid } from '../objects/git-object.ts';
import { tooLarge } from '../too-large.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import type { GitHost } from './git-host.ts';
import { DELIMITER, FLUSH, lineOf, type Packet, packet, readPackets } from './pkt-line.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** What a host says of itself. Under protocol 2 the refs are asked for apart, and `refs` is empty. */
export interface Advertisement {
  readonly version: 0 | 2;
  /** Values by name; empty where the capability has none. */
  readonly capabilities: ReadonlyMap<string, string>;
  readonly refs: readonly Ref[];
}

/** An id and a name that is safe to show. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
export const REF_LINE = /^([0-9a-f]{40}) ([^\u0000-\u0020\u007f]+)$/;

/** A list of refs beyond this is not read. Large hosts keep two refs for each pull request. */
const MAX_REFS = 500_000;
/** A longer list is not even received. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;
const SHALLOW_LINE = /^shallow [0-9a-f]{40}$/;

/** Asks for capabilities, and under protocol 0 for all refs. Refuses SHA-256 repositories with `git-rejected`. */
export async function discover(host: GitHost, service: GitService, signal: AbortSignal): Promise<Advertisement> {
  const path = `/info/refs?service=${service}`;
  const call = { method: 'GET', path, accept: '*/*', contentType: null, body: null, attempt: 'list the refs' } as const;
  const answer = await host.send({ ...call, maxBytes: MAX_LIST_BYTES }, signal);
  if (answer.headers['content-type'] !== `application/x-${service}-advertisement`) {
    throw new Failure(`could not list the refs of ${host.name}: the answer is not Git's`, {
      code: 'git-rejected',
      retry: 'never',
      hint: 'Use the clone address of the repository. A login page answers like this too.',
    });
  }
  const advertisement = readAdvertisement(answer.body);
  const format = advertisement.capabilities.get('object-format') ?? 'sha1';
  if (format === 'sha1') return advertisement;
  throw new Failure(`cannot work with ${host.name}: its object format is not SHA-1`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Repositories with SHA-256 object ids are not supported.',
  });
}

/** Reads the answer to `info/refs`. Throws `git-unreadable`. */
export function readAdvertisement(body: Buffer): Advertisement {
  const packets = listOf(body);
  // Cut between two packets it would be a shorter list, in which branches that are there are missing.
  if (packets.at(-1)?.kind !== 'flush') throw unreadableAnswer('a list of refs that is cut short');
  const lines = packets.flatMap((one) => (one.kind === 'data' ? [lineOf(one.bytes)] : []));
  if (lines[0]?.startsWith('# service=') === true) lines.shift();
  if (lines[0] === 'version 2') {
    return { version: 2, capabilities: capabilitiesOf(lines.slice(1)), refs: [] };
  }
  if (lines[0] === 'version 1') lines.shift();
  const [first] = lines;
  if (first === undefined) throw unreadableAnswer('it says nothing of itself');
  if (first.startsWith('ERR ')) throw unreadableAnswer('it refused to list its refs');
  const [, capabilities = ''] = first.split('\0');
  const refs = lines.flatMap((line) => (SHALLOW_LINE.test(line) ? [] : listedRef(line.split('\0')[0] ?? '')));
  return { version: 0, capabilities: capabilitiesOf(capabilities.split(' ')), refs };
}

function capabilitiesOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const end = word.indexOf('=');
      return end === -1 ? [word, ''] : [word.slice(0, end), word.slice(end + 1)];
    }),
  );
}

function refOf(line: string): Ref[] {
  const [, oid, name] = REF_LINE.exec(line) ?? [];
  // `^{}` marks what a tag points to, and the stand-in of an empty repository.
  return oid === undefined || name === undefined || name.endsWith('^{}') ? [] : [{ name, oid: ownOid(oid) }];
}

/** The refs below `prefixes`, sorted by name, under either protocol. */
export async function listRefs(
  host: GitHost,
  advertisement: Advertisement,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  const refs = advertisement.version === 2 ? await askRefs(host, advertisement, prefixes, signal) : advertisement.refs;
  return refs
    .filter((ref) => prefixes.some((prefix) => ref.name.startsWith(prefix)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function askRefs(host: GitHost, known: Advertisement, prefixes: readonly string[], signal: AbortSignal) {
  const body = Buffer.concat([
    packet('command=ls-refs\n'),
    ...(known.capabilities.has('object-format') ? [packet('object-format=sha1\n')] : []),
    DELIMITER,
    ...prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)),
    FLUSH,
  ]);
  const call = { ...uploadPackCall(body, 'list the refs'), maxBytes: MAX_LIST_BYTES };
  const packets = listOf((await host.send(call, signal)).body);
  if (packets.at(-1)?.kind !== 'flush') throw unreadableAnswer('a list of refs that is cut short');
  return packets.flatMap((one) => (one.kind === 'data' ? listedRef(lineOf(one.bytes)) : []));
}

/** The packets of a list of refs. Throws `git-rejected` for one that is too long, and `git-unreadable`. */
export function listOf(body: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  for (const one of readPackets(body)) {
    packets.push(one);
    if (packets.length > MAX_REFS) throw tooLarge(`more than ${MAX_REFS} refs`);
  }
  return packets;
}

/** A host that cannot list its refs must not be taken for one that has none. */
function listedRef(line: string): Ref[] {
  if (line.startsWith('ERR ')) throw unreadableAnswer('it refused to list its refs');
  if (!REF_LINE.test(line)) throw unreadableAnswer('a line that names no ref');
  return refOf(line);
}

/** A request to `git-upload-pack`; both protocols use it. */
export function uploadPackCall(body: Buffer, attempt: string) {
  return {
    method: 'POST',
    path: '/git-upload-pack',
    accept: 'application/x-git-upload-pack-result',
    contentType: 'application/x-git-upload-pack-request',
    body,
    attempt,
  } as const;
}
