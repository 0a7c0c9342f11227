import { inflateSync } from 'node:zlib';
import type { Oid } from '../../../domain/repo-path.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { applyDelta } from './delta.ts';
import { type GitObject, type ObjectType, oidOf, sha1 } from './git-object.ts';

/** What a hostile host could fill the memory with. In bytes and numbers. */
export interface PackLimits {
  readonly maxObjectBytes: number;
  readonly maxTotalBytes: number;
  readonly maxObjects: number;
}

interface Header {
  readonly type: number;
  readonly size: number;
  readonly end: number;
}

type Base = { readonly offset: number } | { readonly oid: Oid };

const TYPES: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const OFFSET_DELTA = 6;
const OID_DELTA = 7;
// Other work goes on after so many entries, or bytes unpacked.
const ENTRIES_PER_TURN = 500;
const BYTES_PER_TURN = 8 * 1024 * 1024;

/**
 * All objects of a pack by id, each id computed from its content. `base` gives objects from outside that a thin pack is
 * built on. Other work goes on in between. Throws `git-unreadable`, and leaves nothing behind.
 */
export async function readPack(
  pack: Buffer,
  base: (oid: Oid) => GitObject | null,
  limits: PackLimits,
): Promise<ReadonlyMap<Oid, GitObject>> {
  const count = checkFrame(pack, limits);
  const state: State = { pack, limits, base, byOid: new Map(), byOffset: new Map(), waiting: new Map(), total: 0 };
  const turn: Turn = { entries: 0, bytes: 0 };
  let at = 12;
  for (let index = 0; index < count; index += 1) {
    at = readEntry(state, at);
    await letOthersRun(state, turn);
  }
  if (at !== pack.length - 20) throw unreadableAnswer('a pack with bytes left over');
  await resolveWaiting(state, turn);
  return state.byOid;
}

interface State {
  readonly pack: Buffer;
  readonly limits: PackLimits;
  readonly base: (oid: Oid) => GitObject | null;
  readonly byOid: Map<Oid, GitObject>;
  readonly byOffset: Map<number, GitObject>;
  /** Deltas whose base comes later in the pack, by that base: its offset or its id. */
  readonly waiting: Map<number | Oid, Waiting[]>;
  /** All bytes unpacked so far, deltas included. */
  total: number;
}

interface Waiting {
  readonly offset: number;
  readonly delta: Buffer;
}

interface Turn {
  entries: number;
  bytes: number;
}

async function letOthersRun(state: State, turn: Turn): Promise<void> {
  turn.entries += 1;
  if (turn.entries < ENTRIES_PER_TURN && state.total - turn.bytes < BYTES_PER_TURN) return;
  turn.entries = 0;
  turn.bytes = state.total;
  await new Promise((resolve) => void setImmediate(resolve));
}

function checkFrame(pack: Buffer, limits: PackLimits): number {
  if (pack.length < 32 || pack.toString('latin1', 0, 4) !== 'PACK')
    throw unreadableAnswer('what should be a pack is none');
  const version = pack.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw unreadableAnswer('a pack of an unknown version');
  if (sha1(pack.subarray(0, -20)) !== pack.toString('hex', pack.length - 20)) throw unreadableAnswer('a damaged pack');
  const count = pack.readUInt32BE(8);
  if (count > limits.maxObjects) throw unreadableAnswer(`a pack of more than ${limits.maxObjects} objects`);
  return count;
}

function readEntry(state: State, offset: number): number {
  if (offset >= state.pack.length - 20) throw unreadableAnswer('a pack of fewer objects than it says');
  const header = readHeader(state.pack, offset);
  if (header.size > state.limits.maxObjectBytes) throw unreadableAnswer('an object over the size limit');
  const type = TYPES[header.type];
  if (type !== undefined) {
    const plain = inflate(state, header.end, header.size);
    keep(state, offset, { type, data: plain.data });
    return plain.end;
  }
  const base = readBase(state.pack, header, offset);
  const packed = inflate(state, base.end, header.size);
  addBytes(state, packed.data.length);
  const one = { offset, delta: packed.data };
  const found = findBase(state, base.base);
  if (found === null) wait(state, base.base, one);
  else undelta(state, found, one);
  return packed.end;
}

function readHeader(pack: Buffer, offset: number): Header {
  let at = offset;
  let byte = pack[at] ?? 0;
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  let factor = 16;
  while (byte & 0x80) {
    at += 1;
    byte = pack[at] ?? 0;
    size += (byte & 0x7f) * factor;
    factor *= 128;
    if (factor > 2 ** 46) throw unreadableAnswer('an object with an impossible size');
  }
  return { type, size, end: at + 1 };
}

function readBase(pack: Buffer, header: Header, offset: number): { readonly base: Base; readonly end: number } {
  if (header.type === OID_DELTA) {
    return { base: { oid: pack.toString('hex', header.end, header.end + 20) }, end: header.end + 20 };
  }
  if (header.type !== OFFSET_DELTA) throw unreadableAnswer('an object of an unknown type');
  let at = header.end;
  let byte = pack[at] ?? 0;
  let back = byte & 0x7f;
  while (byte & 0x80) {
    at += 1;
    byte = pack[at] ?? 0;
    back = (back + 1) * 128 + (byte & 0x7f);
    if (back > pack.length) throw unreadableAnswer('a delta without a base');
  }
  return { base: { offset: offset - back }, end: at + 1 };
}

function inflate(state: State, start: number, size: number): { readonly data: Buffer; readonly end: number } {
  const input = state.pack.subarray(start, state.pack.length - 20);
  try {
    // One output chunk of the known size: a stream that holds more is an error at once. `info` tells where it ended.
    const options = { info: true, chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
    const { buffer, engine } = inflateSync(input, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { data: buffer, end: start + engine.bytesWritten };
  } catch {
    // What zlib says of hostile bytes helps nobody.
  }
  throw unreadableAnswer('an object that cannot be unpacked');
}

function findBase(state: State, base: Base): GitObject | null {
  if ('oid' in base) return state.byOid.get(base.oid) ?? state.base(base.oid);
  return state.byOffset.get(base.offset) ?? null;
}

function wait(state: State, base: Base, one: Waiting): void {
  const key = 'oid' in base ? base.oid : base.offset;
  const others = state.waiting.get(key);
  if (others === undefined) state.waiting.set(key, [one]);
  else others.push(one);
}

interface Kept {
  readonly offset: number;
  readonly oid: Oid;
  readonly object: GitObject;
}

function undelta(state: State, base: GitObject, { offset, delta }: Waiting): Kept {
  const data = applyDelta(base.data, delta, state.limits.maxObjectBytes);
  if (data === null) throw unreadableAnswer('a delta that does not fit its base');
  return keep(state, offset, { type: base.type, data });
}

function keep(state: State, offset: number, object: GitObject): Kept {
  addBytes(state, object.data.length);
  const oid = oidOf(object);
  state.byOffset.set(offset, object);
  state.byOid.set(oid, object);
  return { offset, oid, object };
}

function addBytes(state: State, bytes: number): void {
  state.total += bytes;
  if (state.total > state.limits.maxTotalBytes) throw unreadableAnswer('a pack that unpacks to more than the limit');
}

/** Each delta once, as soon as its base is there: a hostile order costs no more than any other. */
async function resolveWaiting(state: State, turn: Turn): Promise<void> {
  const ready: (readonly [base: GitObject, waiting: readonly Waiting[]])[] = [];
  const free = (key: number | Oid, base: GitObject) => {
    const waiting = state.waiting.get(key);
    if (waiting !== undefined) ready.push([base, waiting]);
    state.waiting.delete(key);
  };
  // Keys that go while a Map is walked are no harm.
  for (const key of state.waiting.keys()) {
    const base = findBase(state, typeof key === 'string' ? { oid: key } : { offset: key });
    if (base !== null) free(key, base);
  }
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    for (const one of next[1]) {
      const { offset, oid, object } = undelta(state, next[0], one);
      free(offset, object);
      free(oid, object);
      await letOthersRun(state, turn);
    }
  }
  if (state.waiting.size > 0) throw unreadableAnswer('a delta whose base is missing');
}
