import { hash } from 'node:crypto';
import type { Oid } from '../../../../domain/repo-path.ts';
import { unreadableAnswer } from '../../unreadable-answer.ts';
import { applyDelta } from '../delta.ts';
import { oidOf, sha1 } from '../git-object.ts';
import { type EntryHeader, OFFSET_DELTA, OID_DELTA, readBaseOffset, readHeader } from './entry-header.ts';
import { addEntry, entryOf, NO_BASE, nameEntry, newEntryTable, OUTSIDE } from './entry-table.ts';
import { inflateAt } from './inflate-at.ts';
import { contentOf, keep, type Shelf, typeOf } from './shelf.ts';

/** What a hostile host could fill the memory with. In bytes and numbers. */
export interface PackLimits {
  readonly maxObjectBytes: number;
  readonly maxTotalBytes: number;
  readonly maxObjects: number;
}

// Other work goes on after so many entries, or bytes unpacked.
const ENTRIES_PER_TURN = 500;
const BYTES_PER_TURN = 8 * 1024 * 1024;
/** A header of one byte, and the shortest zlib stream. */
const LEAST_ENTRY = 9;

/**
 * Reads a pack from front to back, without an index: each object is unpacked, named by its hash, and stays packed. `outside`
 * holds what a thin pack is built on, and lends its room for unpacked objects. Other work goes on in between. Throws
 * `git-unreadable`.
 */
export async function unpack(
  pack: Buffer,
  outside: Shelf,
  limits: PackLimits,
  find: FindOutside = (id, at) => entryOf(outside.table, id, at),
): Promise<Shelf> {
  const count = checkFrame(pack, limits);
  const state = newState(pack, outside, { count, limits, find });
  let at = 12;
  for (let index = 0; index < count; index += 1) {
    at = readEntry(state, at);
    await letOthersRun(state);
  }
  if (at !== pack.length - 20) throw unreadableAnswer('a pack with bytes left over');
  await resolveWaiting(state);
  return state.shelf;
}

/** The entry outside of an id whose bytes begin at `at`; -1 where there is none. */
export type FindOutside = (id: Buffer, at: number) => number;

interface State {
  readonly pack: Buffer;
  readonly limits: PackLimits;
  readonly shelf: Shelf;
  readonly outside: Shelf;
  readonly find: FindOutside;
  /** Where each entry begins, in order. */
  readonly offsets: Uint32Array;
  /** Deltas whose base is not known yet, by that base: its entry or its id. */
  readonly waiting: Map<number | Oid, number[]>;
  /** All bytes unpacked so far, deltas included. */
  total: number;
  /** What had to be unpacked once more. */
  again: number;
  readonly turn: { entries: number; bytes: number };
}

type Settings = Pick<State, 'limits' | 'find'> & { readonly count: number };

function newState(pack: Buffer, outside: Shelf, { count, limits, find }: Settings): State {
  const spend = (bytes: number) => {
    state.again += bytes;
    if (state.again > limits.maxTotalBytes) throw unreadableAnswer('a pack that takes more unpacking than the limit');
  };
  const { maxObjectBytes } = limits;
  const table = newEntryTable(count);
  const shelf: Shelf = { table, segments: [pack], slabs: outside.slabs, outside, maxObjectBytes, spend };
  const offsets = new Uint32Array(count);
  const turn = { entries: 0, bytes: 0 };
  const state: State = { pack, limits, shelf, outside, find, offsets, waiting: new Map(), total: 0, again: 0, turn };
  return state;
}

async function letOthersRun({ turn, total, again }: State): Promise<void> {
  turn.entries += 1;
  if (turn.entries < ENTRIES_PER_TURN && total + again - turn.bytes < BYTES_PER_TURN) return;
  turn.entries = 0;
  turn.bytes = total + again;
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
  // Before any room is made for them.
  if (count > (pack.length - 32) / LEAST_ENTRY) throw unreadableAnswer('a pack of fewer objects than it says');
  return count;
}

function readEntry(state: State, offset: number): number {
  const { pack, shelf, limits } = state;
  if (offset >= pack.length - 20) throw unreadableAnswer('a pack of fewer objects than it says');
  const header = readHeader(pack, offset);
  if (header.size > limits.maxObjectBytes) throw unreadableAnswer('an object over the size limit');
  const entry = addEntry(shelf.table);
  state.offsets[entry] = offset;
  if (header.type < OFFSET_DELTA) {
    const { data, end } = readStream(state, entry, header);
    addBytes(state, data.length);
    settle(state, entry, { type: header.type, content: data, base: NO_BASE });
    return end;
  }
  const base = findBase(state, header, offset);
  const { data, end } = readStream(state, entry, { ...header, end: base.end });
  addBytes(state, data.length);
  if (base.entry === null) wait(state, base.key, entry);
  else undelta(state, entry, data, base.entry);
  return end;
}

function readStream({ pack, shelf }: State, entry: number, header: EntryHeader) {
  const { data, length } = inflateAt(pack.subarray(header.end, pack.length - 20), header.size);
  const { table } = shelf;
  table.starts[entry] = header.end;
  table.lengths[entry] = length;
  table.streamSizes[entry] = header.size;
  return { data, end: header.end + length };
}

/** The entry of a delta's base (one outside: `OUTSIDE` - n); null where it may still come, and the key to wait by. */
function findBase(state: State, header: EntryHeader, offset: number) {
  const { pack, shelf } = state;
  if (header.type === OID_DELTA) {
    const key = pack.toString('hex', header.end, header.end + 20);
    return { entry: findById(state, header.end), key, end: header.end + 20 };
  }
  const { base, end } = readBaseOffset(pack, header, offset);
  const key = entryAt(state, base);
  if (key === null) throw unreadableAnswer('a delta whose base is missing');
  return { entry: shelf.table.types[key] === 0 ? null : key, key, end };
}

function findById({ pack, shelf, find }: State, at: number): number | null {
  const here = entryOf(shelf.table, pack, at);
  if (here !== -1) return here;
  const there = find(pack, at);
  return there === -1 ? null : OUTSIDE - there;
}

/** The earlier entry that begins there. */
function entryAt({ offsets, shelf }: State, offset: number): number | null {
  let low = 0;
  let high = shelf.table.count - 2;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = offsets[middle] ?? 0;
    if (found === offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function wait({ waiting }: State, key: number | Oid, entry: number): void {
  const others = waiting.get(key);
  if (others === undefined) waiting.set(key, [entry]);
  else others.push(entry);
}

function undelta(state: State, entry: number, delta: Buffer, base: number): void {
  const { shelf, limits } = state;
  const [home, number] = base <= OUTSIDE ? [state.outside, OUTSIDE - base] : [shelf, base];
  const content = applyDelta(contentOf(home, number), delta, limits.maxObjectBytes);
  if (content === null) throw unreadableAnswer('a delta that does not fit its base');
  addBytes(state, content.length);
  shelf.table.depths[entry] = (home.table.depths[number] ?? 0) + 1;
  settle(state, entry, { type: home.table.types[number] ?? 0, content, base });
}

function settle({ shelf }: State, entry: number, found: { type: number; content: Buffer; base: number }): void {
  const { type, content, base } = found;
  shelf.table.bases[entry] = base;
  shelf.table.types[entry] = type;
  nameEntry(shelf.table, entry, type, idOf(shelf, entry, content));
  keep(shelf, entry, content);
}

const SCRATCH = Buffer.allocUnsafeSlow(64 * 1024);

/** The hash of an object of a few thousand bytes is taken in one call: three would cost more than the hash. */
function idOf(shelf: Shelf, entry: number, content: Buffer): Oid {
  const type = typeOf(shelf, entry);
  if (content.length > SCRATCH.length - 64) return oidOf({ type, data: content });
  const start = SCRATCH.write(`${type} ${content.length}\0`, 0, 'latin1');
  SCRATCH.set(content, start);
  return hash('sha1', SCRATCH.subarray(0, start + content.length));
}

function addBytes(state: State, bytes: number): void {
  state.total += bytes;
  if (state.total > state.limits.maxTotalBytes) throw unreadableAnswer('a pack that unpacks to more than the limit');
}

/** Each delta once, as soon as its base is there: a hostile order costs no more than any other. */
async function resolveWaiting(state: State): Promise<void> {
  const { waiting, shelf } = state;
  const ready: (readonly [base: number, waiting: readonly number[]])[] = [];
  const free = (key: number | Oid, base: number) => {
    const entries = waiting.get(key);
    if (entries !== undefined) ready.push([base, entries]);
    waiting.delete(key);
  };
  // Keys that go while a Map is walked are no harm.
  for (const key of waiting.keys()) {
    const base = typeof key === 'string' ? entryOf(shelf.table, Buffer.from(key, 'hex'), 0) : key;
    if (base !== -1 && shelf.table.types[base] !== 0) free(key, base);
  }
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    for (const entry of next[1]) {
      const { starts, lengths, streamSizes, ids } = shelf.table;
      const start = starts[entry] ?? 0;
      const stream = state.pack.subarray(start, start + (lengths[entry] ?? 0));
      undelta(state, entry, inflateAt(stream, streamSizes[entry] ?? 0).data, next[0]);
      free(entry, entry);
      free(ids.toString('hex', 20 * entry, 20 * entry + 20), entry);
      await letOthersRun(state);
    }
  }
  if (waiting.size > 0) throw unreadableAnswer('a delta whose base is missing');
}
