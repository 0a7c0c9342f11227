import type { IncomingMessage } from 'node:http';
import { makeCommit, OWN_COMMITS } from '../../../../../src/adapters/git/make-commit.ts';
import { parseCommit } from '../../../../../src/adapters/git/objects/commit.ts';
import { type GitObject, oidOf } from '../../../../../src/adapters/git/objects/git-object.ts';
import { readPack } from '../../../../../src/adapters/git/objects/pack-read.ts';
import { writePack } from '../../../../../src/adapters/git/objects/pack-write.ts';
import { isFolder, readTree } from '../../../../../src/adapters/git/objects/tree.ts';
import {
  DELIMITER,
  FLUSH,
  lineOf,
  type Packet,
  packet,
  readPackets,
} from '../../../../../src/adapters/git/protocol/pkt-line.ts';
import type { BackendAnswer } from '../../../../../src/demo/git/http-backend.ts';
import type { Oid } from '../../../../../src/domain/repo-path.ts';
import { draftOn } from '../../../../contracts/workspace.ts';
import type { Files, KnownCommit, Tips, Traits } from './race-world.ts';

/**
 * A Git host without processes, for many lives in little time: every protocol for reading, pushes of refs, all or none of them
 * where that is asked for. What it says, it says in the words of Git's own; the same lives are played on that one too.
 */
export interface SmallGitHost {
  readonly refs: Map<string, Oid>;
  readonly objects: Map<Oid, GitObject>;
  /** The ref that a hook refuses. */
  refused: string | null;
  /** `told`: the refs it tells of; null: those that it has. */
  answer(request: IncomingMessage, body: Buffer, told: Tips | null): Promise<BackendAnswer>;
  commit(parent: Oid, files: Files): Promise<Oid>;
  contents(oid: Oid): KnownCommit;
}

const LIMITS = { maxObjectBytes: 1 << 20, maxTotalBytes: 1 << 24, maxObjects: 10_000 };
const NOBODY = '0'.repeat(40);
const SOMEBODY = { name: 'Somebody', email: 'somebody@example.com' };
const NEVER = new AbortController().signal;

export async function createSmallGitHost(files: Files, traits: Traits): Promise<SmallGitHost> {
  const objects = new Map<Oid, GitObject>();
  const keep = (object: GitObject) => {
    objects.set(oidOf(object), object);
    return oidOf(object);
  };
  const dataOf = (oid: Oid) => objects.get(oid)?.data ?? Buffer.alloc(0);
  const commit = async (parent: Oid, changed: Files) => {
    const draft = {
      ...draftOn(parent, Object.fromEntries(changed)),
      author: SOMEBODY,
      message: 'A person was here\n',
      time: 1_700_000_000 + objects.size,
    };
    const request = { draft, parentTree: parseCommit(parent, dataOf(parent)).tree, readTree: dataOf };
    const made = await makeCommit(OWN_COMMITS, request, NEVER);
    for (const object of made.objects) keep(object);
    return made.oid;
  };
  const tree = keepTree(files, keep);
  const who = 'Somebody <somebody@example.com> 1700000000 +0000';
  const first = keep({ type: 'commit', data: Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nBegin\n`) });
  const host: SmallGitHost = {
    refs: new Map([['refs/heads/main', first]]),
    objects,
    refused: null,
    answer: (request, body, told) => answer({ host, traits, told: told ?? host.refs }, request, body),
    commit,
    contents: (oid) => {
      const { tree: root, parents } = parseCommit(oid, dataOf(oid));
      return {
        parents,
        files: new Map([...filesBelow(root, objects)].map(([path, blob]) => [path, dataOf(blob).toString()])),
      };
    },
  };
  return host;
}

function keepTree(files: Files, keep: (object: GitObject) => Oid): Oid {
  const folders = new Map<string, Map<string, string>>();
  const entries: { readonly name: string; readonly mode: string; readonly oid: Oid }[] = [];
  for (const [path, text] of files) {
    const [first = '', ...rest] = path.split('/');
    if (rest.length === 0)
      entries.push({ name: first, mode: '100644', oid: keep({ type: 'blob', data: Buffer.from(text) }) });
    else folders.set(first, (folders.get(first) ?? new Map<string, string>()).set(rest.join('/'), text));
  }
  for (const [name, below] of folders) entries.push({ name, mode: '40000', oid: keepTree(below, keep) });
  const sorted = entries.toSorted((a, b) =>
    a.name + (a.mode === '40000' ? '/' : '') < b.name + (b.mode === '40000' ? '/' : '') ? -1 : 1,
  );
  const lines = sorted.map(({ name, mode, oid }) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
  );
  return keep({ type: 'tree', data: Buffer.concat(lines) });
}

function* filesBelow(tree: Oid, objects: SmallGitHost['objects'], folder = ''): Generator<readonly [string, Oid]> {
  for (const { mode, name, oid } of readTree(objects.get(tree)?.data ?? Buffer.alloc(0))) {
    const path = folder + name.toString();
    if (isFolder(mode)) yield* filesBelow(oid, objects, `${path}/`);
    else yield [path, oid];
  }
}

/** Everything that a commit is made of, without its parents. Throws where anything is missing. */
function closureOf(objects: SmallGitHost['objects'], commit: Oid): Set<Oid> {
  const found = new Set<Oid>();
  const visit = (oid: Oid) => {
    const object = objects.get(oid);
    if (object === undefined) throw new Error(`missing ${oid}`);
    if (found.has(oid)) return;
    found.add(oid);
    if (object.type === 'commit') visit(parseCommit(oid, object.data).tree);
    if (object.type === 'tree') for (const entry of readTree(object.data)) visit(entry.oid);
  };
  visit(commit);
  return found;
}

interface Asked {
  readonly host: SmallGitHost;
  readonly traits: Traits;
  readonly told: Tips;
}

async function answer(asked: Asked, request: IncomingMessage, body: Buffer): Promise<BackendAnswer> {
  const { host, traits } = asked;
  const { protocol } = traits;
  const url = new URL(request.url ?? '/', 'http://localhost');
  const service = url.searchParams.get('service');
  if (service !== null) {
    const lines = service === 'git-upload-pack' && protocol === 2 ? capabilities() : advertised(asked, service);
    return plain(`application/x-${service}-advertisement`, [packet(`# service=${service}\n`), FLUSH, ...lines, FLUSH]);
  }
  try {
    if (url.pathname.endsWith('/git-upload-pack'))
      return plain('application/x-git-upload-pack-result', protocol === 2 ? read(asked, body) : readFirst(host, body));
    return plain('application/x-git-receive-pack-result', await receive(host, body));
  } catch {
    // Git's own server program dies, and what it wrote until then is the answer.
    return plain('application/x-git-receive-pack-result', []);
  }
}

function plain(type: string, parts: readonly Buffer[]): BackendAnswer {
  return { status: 200, headers: { 'content-type': type }, body: Buffer.concat(parts) };
}

function capabilities(): Buffer[] {
  return ['version 2\n', 'ls-refs\n', 'fetch=shallow\n', 'object-format=sha1\n'].map(packet);
}

const WORDS: Readonly<Record<string, string>> = {
  'git-upload-pack': 'multi_ack multi_ack_detailed side-band-64k thin-pack ofs-delta shallow no-progress',
  'git-receive-pack': 'report-status delete-refs side-band-64k ofs-delta object-format=sha1',
};

function advertised({ traits: { protocol, isAtomic }, told }: Asked, service: string): Buffer[] {
  const words = `${WORDS[service] ?? ''}${isAtomic ? ' atomic' : ''}`;
  const version = protocol === 1 ? [packet('version 1\n')] : [];
  const lines = [...told]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, oid], index) => packet(`${oid} ${name}${index === 0 ? `\0${words}` : ''}\n`));
  return [...version, ...lines];
}

const textsOf = (packets: readonly Packet[]) =>
  packets.flatMap((one) => (one.kind === 'data' ? [lineOf(one.bytes)] : []));

function read({ host, told }: Asked, body: Buffer): Buffer[] {
  const packets = [...readPackets(body)];
  if (packets.at(-1)?.kind !== 'flush') throw new Error('the remote end hung up');
  const lines = textsOf(packets);
  const valuesOf = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  if (lines[0] === 'command=ls-refs') {
    const prefixes = valuesOf('ref-prefix');
    const found = [...told].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)));
    return [...found.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, oid]) => packet(`${oid} ${name}\n`)), FLUSH];
  }
  const [want = ''] = valuesOf('want');
  if (!host.objects.has(want)) return [packet(`ERR upload-pack: not our ref ${want}\n`)];
  if (!lines.includes('done')) return [packet('acknowledgments\n'), packet('NAK\n'), FLUSH];
  const bands = packOf(host, want, valuesOf('have'));
  return [packet('shallow-info\n'), packet(`shallow ${want}\n`), DELIMITER, packet('packfile\n'), ...bands, FLUSH];
}

/** As Git does where nothing but the first protocol is spoken: what is shallow, what both have, then the pack. */
function readFirst(host: SmallGitHost, body: Buffer): Buffer[] {
  const lines = textsOf([...readPackets(body)]);
  const want = /^want ([0-9a-f]{40}) /.exec(lines[0] ?? '')?.[1] ?? '';
  if (!host.objects.has(want)) return [packet(`ERR upload-pack: not our ref ${want}\n`)];
  if (!lines.includes('done')) throw new Error('the remote end hung up');
  const have = lines.flatMap((line) => (line.startsWith('have ') ? [line.slice('have '.length)] : []));
  const common = have.filter((oid) => host.objects.has(oid));
  const acknowledged = common.map((oid) => packet(`ACK ${oid} common\n`));
  const last = common.length === 0 ? packet('NAK\n') : packet(`ACK ${common.at(-1)}\n`);
  return [packet(`shallow ${want}\n`), FLUSH, ...acknowledged, last, ...packOf(host, want, have), FLUSH];
}

/** What is wanted and not known by what is there already, in band 1. */
function packOf({ objects }: SmallGitHost, want: Oid, have: readonly Oid[]): Buffer[] {
  const known = new Set(have.flatMap((oid) => (objects.has(oid) ? [...closureOf(objects, oid)] : [])));
  const sent = [...closureOf(objects, want)].filter((oid) => !known.has(oid));
  const pack = writePack(sent.flatMap((oid) => objects.get(oid) ?? []));
  const half = Math.floor(pack.length / 2);
  return [pack.subarray(0, half), pack.subarray(half)].map((part) => packet(Buffer.concat([Buffer.from([1]), part])));
}

async function receive(host: SmallGitHost, body: Buffer): Promise<Buffer[]> {
  const { commands, isAtomic, pack } = orderOf(body);
  const isRemoval = commands.every(({ to }) => to === NOBODY);
  const unpacked = isRemoval ? new Map<Oid, GitObject>() : await unpack(host, pack);
  const answers =
    unpacked === null ? commands.map(() => 'unpacker error') : moveAll(host, commands, { unpacked, isAtomic });
  const report = [
    packet(unpacked === null ? 'unpack index-pack abnormal exit\n' : 'unpack ok\n'),
    ...commands.map(({ ref }, at) =>
      packet(typeof answers[at] === 'string' ? `ng ${ref} ${answers[at]}\n` : `ok ${ref}\n`),
    ),
    FLUSH,
  ];
  return [packet(Buffer.concat([Buffer.from([1]), ...report])), FLUSH];
}

interface Order {
  readonly commands: readonly Command[];
  readonly isAtomic: boolean;
  readonly pack: Buffer;
}

function orderOf(body: Buffer): Order {
  const lines: string[] = [];
  let at = 0;
  for (const one of readPackets(body)) {
    at += 4 + (one.kind === 'data' ? one.bytes.length : 0);
    if (one.kind === 'flush') break;
    if (one.kind === 'data') lines.push(lineOf(one.bytes));
  }
  const [, words = ''] = (lines[0] ?? '').split('\0');
  return { commands: lines.map(commandOf), isAtomic: words.split(' ').includes('atomic'), pack: body.subarray(at) };
}

function commandOf(line: string): Command {
  const [, from, to, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0]+)/.exec(line) ?? [];
  if (from === undefined || to === undefined || ref === undefined) throw new Error('the remote end hung up');
  return { from, to, ref };
}

function unpack({ objects }: SmallGitHost, pack: Buffer): Promise<ReadonlyMap<Oid, GitObject> | null> {
  return readPack(pack, (oid) => objects.get(oid) ?? null, LIMITS).catch(() => null);
}

interface Sent {
  readonly unpacked: ReadonlyMap<Oid, GitObject>;
  readonly isAtomic: boolean;
}

/** Moves the refs, or says of each why not: null where it was moved. */
function moveAll(
  host: SmallGitHost,
  commands: readonly Command[],
  { unpacked, isAtomic }: Sent,
): readonly (string | null)[] {
  const objects = new Map([...host.objects, ...unpacked]);
  const own = commands.map((command) => whyNot(host, command, objects));
  const answers = isAtomic ? allOrNone(own) : own;
  if (answers.includes(null)) for (const [oid, object] of unpacked) host.objects.set(oid, object);
  for (const [at, { ref, to }] of commands.entries()) {
    if (answers[at] !== null) continue;
    if (to === NOBODY) host.refs.delete(ref);
    else host.refs.set(ref, to);
  }
  return answers;
}

/** In Git's words: a hook stands against the others by name, a ref that has moved is told of all of them. */
function allOrNone(reasons: readonly (string | null)[]): readonly (string | null)[] {
  if (reasons.every((why) => why === null)) return reasons;
  if (reasons.every((why) => why === null || why === MOVED)) return reasons.map(() => 'atomic transaction failed');
  return reasons.map((why) => (why === null || why === MOVED ? 'atomic push failure' : why));
}

const MOVED = 'failed to update ref';

interface Command {
  readonly from: string;
  readonly to: string;
  readonly ref: string;
}

function whyNot(host: SmallGitHost, { from, to, ref }: Command, objects: SmallGitHost['objects']): string | null {
  if (host.refused === ref) return 'hook declined';
  if ((host.refs.get(ref) ?? NOBODY) !== from) return MOVED;
  if (to === NOBODY) return null;
  try {
    closureOf(objects, to);
    return null;
  } catch {
    return 'missing necessary objects';
  }
}
