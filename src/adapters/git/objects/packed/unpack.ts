import { hash } from 'node:crypto';
import type { Oid } from '../../../../domain/repo-path.ts';
import { unreadableAnswer } from '../../unreadable-answer.ts';
import { applyDelta } from '../delta.ts';
import { oidOf } from '../git-object.ts';
import { type EntryHeader, OFFSET_DELTA, OID_DELTA, readBaseOffset, readHeader } from './entry-header.ts';
import { addEntry, entryOf, makeRoom, NO_BASE, nameEntry, newEntryTable, OUTSIDE } from './entry-table.ts';
import { addPart, checkEnd, checkSum, endParts, hasRoom, type Incoming, newIncoming } from './incoming.ts';
import { cannotUnpack, inflateAt } from './inflate-at.ts';
import { contentOf, inflatedStream, keep, type Shelf, typeOf } from './shelf.ts';

/** What a hostile host could fill the memory with. In bytes and numbers. */
export interface PackLimits {
  readonly maxObjectBytes: number;
  readonly maxTotalBytes: number;
  readonly maxObjects: number;
}

// Other work goes on after so many entries, or bytes unpacked.
const ENTRIES_PER_TURN = 500;
const BYTES_PER_TURN = 8 * 1024 * 1024;
/** The header of a pack: its name, its version, and how many entries follow. */
const FRAME_BYTES = 12;
/** No header of an entry is longer, with the base that it names. */
const MOST_HEADER_BYTES = 40;
/** An entry is tried once so much is here: to find that it is not here as a whole costs more than to read it. */
const STEP_BYTES = 128 * 1024;
/** Room for so many entries is made at once, whatever the pack says that it holds. */
const MOST_ROOM = 500_000;

/** The bytes of a pack, in as many parts as they come. */
export type PackParts = Iterable<Buffer> | AsyncIterable<Buffer>;

/**
 * Reads a pack from front to back while it comes, without an index: each object is unpacked, named by its hash, and stays
 * packed. `outside` holds what a thin pack is built on, and lends its room for unpacked objects. Other work goes on in between.
 * Throws `git-unreadable`, and what `parts` throws.
 */
export async function unpack(
  parts: PackParts,
  outside: Shelf,
  limits: PackLimits,
  find: FindOutside = (id, at) => entryOf(outside.table, id, at),
): Promise<Shelf> {
  const state = newState(outside, limits, find);
  const { incoming } = state;
  for await (const part of parts) {
    // What is not read before a new segment begins moves along, and what it leaves behind stays empty.
    if (!hasRoom(incoming, part)) await readEntries(state, MOST_HEADER_BYTES);
    addPart(incoming, part);
    await readEntries(state, STEP_BYTES);
    if (isBehindLast(state)) checkEnd(incoming);
  }
  endParts(incoming);
  await readEntries(state, 0);
  if (!isBehindLast(state)) throw unreadableAnswer('a pack of fewer objects than it says');
  checkSum(incoming);
  await resolveWaiting(state);
  return state.shelf;
}

/** The entry outside of an id whose bytes begin at `at`; -1 where there is none. */
export type FindOutside = (id: Buffer, at: number) => number;

interface State {
  readonly incoming: Incoming;
  readonly limits: PackLimits;
  readonly shelf: Shelf;
  readonly outside: Shelf;
  readonly find: FindOutside;
  /** How many entries the pack says it holds; -1 before it has said so. */
  count: number;
  /** It is known of the next entry that it is not whole before so many bytes are here from its beginning on. */
  needs: number;
  /** Where each entry begins in the pack, in order. */
  readonly offsets: number[];
  /** Deltas whose base is not known yet, by that base: its entry or its id. */
  readonly waiting: Map<number | Oid, number[]>;
  /** All bytes unpacked so far, deltas included. */
  total: number;
  /** What had to be unpacked once more. */
  again: number;
  readonly turn: { entries: number; bytes: number };
}

function newState(outside: Shelf, limits: PackLimits, find: FindOutside): State {
  const spend = (bytes: number) => {
    state.again += bytes;
    if (state.again > limits.maxTotalBytes) throw unreadableAnswer('a pack that takes more unpacking than the limit');
  };
  const { maxObjectBytes } = limits;
  const incoming = newIncoming();
  const table = newEntryTable(0);
  const { segments } = incoming;
  const shelf: Shelf = { table, segments, slabs: outside.slabs, outside, maxObjectBytes, spend };
  const turn = { entries: 0, bytes: 0 };
  const counts = { count: -1, needs: 0, total: 0, again: 0 };
  const state: State = { incoming, limits, shelf, outside, find, ...counts, offsets: [], waiting: new Map(), turn };
  return state;
}

async function letOthersRun({ turn, total, again }: State): Promise<void> {
  turn.entries += 1;
  if (turn.entries < ENTRIES_PER_TURN && total + again - turn.bytes < BYTES_PER_TURN) return;
  turn.entries = 0;
  turn.bytes = total + again;
  await new Promise((resolve) => void setImmediate(resolve));
}

/** Reads the entries that are here, as long as there are so many bytes. */
async function readEntries(state: State, step: number): Promise<void> {
  const { incoming } = state;
  if (state.count === -1 && !readFrame(state)) return;
  while (!isBehindLast(state)) {
    const left = incoming.here.length - incoming.at;
    if (left < Math.max(step, state.needs) && !incoming.isOver) return;
    const end = readEntry(state);
    if (end === null) return;
    incoming.at = end;
    await letOthersRun(state);
  }
}

function isBehindLast({ count, shelf }: State): boolean {
  return count === shelf.table.count;
}

const NO_PACK = 'what should be a pack is none';

/** False as long as it is not here. */
function readFrame(state: State): boolean {
  const { incoming, limits, shelf } = state;
  const { here } = incoming;
  if (here.length < FRAME_BYTES) {
    if (incoming.isOver) throw unreadableAnswer(NO_PACK);
    return false;
  }
  if (here.toString('latin1', 0, 4) !== 'PACK') throw unreadableAnswer(NO_PACK);
  const version = here.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw unreadableAnswer('a pack of an unknown version');
  const count = here.readUInt32BE(8);
  if (count > limits.maxObjects) throw unreadableAnswer(`a pack of more than ${limits.maxObjects} objects`);
  makeRoom(shelf.table, Math.min(count, MOST_ROOM));
  state.count = count;
  incoming.at = FRAME_BYTES;
  return true;
}

/** Where the next entry ends; null as long as it is not here as a whole. */
function readEntry(state: State): number | null {
  const { incoming, shelf, limits } = state;
  const { here, at } = incoming;
  if (at >= here.length) throw unreadableAnswer('a pack of fewer objects than it says');
  const header = readHeader(here, at);
  if (header.size > limits.maxObjectBytes) throw unreadableAnswer('an object over the size limit');
  const offset = incoming.start + at;
  const base = header.type < OFFSET_DELTA ? null : findBase(state, header, offset);
  const start = base === null ? header.end : base.end;
  const stream = inflateAt(here.subarray(start), header.size);
  if (stream === null) {
    if (incoming.isOver) throw cannotUnpack();
    // What packs well is here long before; but of what does not, nothing is unpacked in vain again and again.
    state.needs = Math.max(header.size, 2 * (here.length - at));
    return null;
  }
  state.needs = 0;
  const entry = addEntry(shelf.table);
  state.offsets.push(offset);
  noteStream(state, entry, { start, length: stream.length, size: header.size });
  addBytes(state, stream.data.length);
  if (base === null) settle(state, entry, { type: header.type, content: stream.data, base: NO_BASE });
  else if (base.entry === null) wait(state, base.key, entry);
  else undelta(state, entry, stream.data, base.entry);
  return start + stream.length;
}

function noteStream({ shelf }: State, entry: number, found: { start: number; length: number; size: number }): void {
  const { table, segments } = shelf;
  table.segments[entry] = segments.length - 1;
  table.starts[entry] = found.start;
  table.lengths[entry] = found.length;
  table.streamSizes[entry] = found.size;
}

/** The entry of a delta's base (one outside: `OUTSIDE` - n); null where it may still come, and the key to wait by. */
function findBase(state: State, header: EntryHeader, offset: number) {
  const { incoming, shelf } = state;
  const { here } = incoming;
  if (header.type === OID_DELTA) {
    const key = here.toString('hex', header.end, header.end + 20);
    return { entry: findById(state, header.end), key, end: header.end + 20 };
  }
  const { base, end } = readBaseOffset(here, header, offset);
  const key = entryAt(state, base);
  if (key === null) throw unreadableAnswer('a delta whose base is missing');
  return { entry: shelf.table.types[key] === 0 ? null : key, key, end };
}

function findById({ incoming, shelf, find }: State, at: number): number | null {
  const known = entryOf(shelf.table, incoming.here, at);
  if (known !== -1) return known;
  const there = find(incoming.here, at);
  return there === -1 ? null : OUTSIDE - there;
}

/** The earlier entry that begins there. */
function entryAt({ offsets }: State, offset: number): number | null {
  let low = 0;
  let high = offsets.length - 1;
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
      undelta(state, entry, inflatedStream(shelf, entry), next[0]);
      free(entry, entry);
      free(shelf.table.ids.toString('hex', 20 * entry, 20 * entry + 20), entry);
      await letOthersRun(state);
    }
  }
  if (waiting.size > 0) throw unreadableAnswer('a delta whose base is missing');
}
