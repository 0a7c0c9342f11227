import { randomInt } from 'node:crypto';

/** What is known of packed objects, in columns: an object each would take more memory than what is packed. */
export interface EntryTable {
  count: number;
  /** 20 bytes each; zeros until it is known. */
  ids: Buffer;
  /** 1 to 4 as in a pack: commit, tree, blob, tag; 0 until it is known. */
  types: Uint8Array;
  /** Where the zlib stream is: the number of its buffer, and its place there. */
  segments: Uint32Array;
  starts: Uint32Array;
  lengths: Uint32Array;
  /** What the stream unpacks to. */
  streamSizes: Uint32Array;
  /** The entry that the stream is a delta on; `NO_BASE`, or `OUTSIDE` - n for the object n of another table. */
  bases: Int32Array;
  /** How many deltas it is made of. */
  depths: Uint32Array;
  /** How long the object is, and where it is unpacked: 0 for nowhere. */
  sizes: Uint32Array;
  slabs: Uint32Array;
  places: Uint32Array;
  /** By the hash of an id: entry + 1. */
  slots: Int32Array;
}

export const NO_BASE = -1;
export const OUTSIDE = -2;

/** With room for so many entries, to begin with. */
export function newEntryTable(room: number): EntryTable {
  return {
    count: 0,
    ids: Buffer.alloc(20 * room),
    types: new Uint8Array(room),
    segments: new Uint32Array(room),
    starts: new Uint32Array(room),
    lengths: new Uint32Array(room),
    streamSizes: new Uint32Array(room),
    bases: new Int32Array(room).fill(NO_BASE),
    depths: new Uint32Array(room),
    sizes: new Uint32Array(room),
    slabs: new Uint32Array(room),
    places: new Uint32Array(room),
    slots: new Int32Array(slotsFor(room)),
  };
}

function slotsFor(room: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, room * 1.5)));
}

/** A new entry at the end, of which nothing is known yet. */
export function addEntry(table: EntryTable): number {
  makeRoom(table, 1);
  table.count += 1;
  return table.count - 1;
}

/** Room for so many entries more: each time that a table grows, all that it holds are put into their slots anew. */
export function makeRoom(table: EntryTable, more: number): void {
  const room = table.count + more;
  // Never by a few alone, or what grows often would be copied as often.
  if (room > table.types.length) grow(table, Math.max(room, Math.ceil(table.count * 1.25) + 64));
}

function grow(table: EntryTable, room: number): void {
  const larger = newEntryTable(room);
  for (const key of COLUMNS) larger[key].set(table[key]);
  const { count } = table;
  Object.assign(table, larger, { count });
  for (let entry = 0; entry < count; entry += 1) if (table.types[entry] !== 0) putIntoSlot(table, entry);
}

const COLUMNS = [
  ...(['ids', 'types', 'segments', 'starts', 'lengths', 'streamSizes'] as const),
  ...(['bases', 'depths', 'sizes', 'slabs', 'places'] as const),
];

/** Gives an entry its id; it is found by it from now on, unless an earlier one is. */
export function nameEntry(table: EntryTable, entry: number, type: number, id: string): void {
  table.ids.write(id, 20 * entry, 'hex');
  table.types[entry] = type;
  putIntoSlot(table, entry);
}

/** Gives an entry the id and the type of another table's. */
export function nameLike(table: EntryTable, entry: number, other: EntryTable, from: number): void {
  for (let index = 0; index < 20; index += 1) table.ids[20 * entry + index] = byteAt(other.ids, 20 * from + index);
  table.types[entry] = other.types[from] ?? 0;
  putIntoSlot(table, entry);
}

function putIntoSlot(table: EntryTable, entry: number): void {
  const { slots, ids } = table;
  for (let slot = slotOf(slots, ids, 20 * entry); ; slot = (slot + 1) & (slots.length - 1)) {
    const other = (slots[slot] ?? 0) - 1;
    if (other === -1) {
      slots[slot] = entry + 1;
      return;
    }
    if (isSame(table.ids, 20 * other, ids, 20 * entry)) return;
  }
}

// Nobody outside can make ids that all fall into one slot.
const [FIRST, SECOND] = [randomInt(2 ** 31) * 2 + 1, randomInt(2 ** 31) * 2 + 1];

function slotOf(slots: Int32Array, id: Buffer, at: number): number {
  const mixed = Math.imul(wordAt(id, at), FIRST) + Math.imul(wordAt(id, at + 4), SECOND);
  return (mixed | 0) >>> (Math.clz32(slots.length) + 1);
}

function wordAt(bytes: Buffer, at: number): number {
  return (
    byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
  );
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

/** The entry of the id whose 20 bytes begin at `at`; -1 where there is none. */
export function entryOf(table: EntryTable, id: Buffer, at: number): number {
  const { slots, ids } = table;
  for (let slot = slotOf(slots, id, at); ; slot = (slot + 1) & (slots.length - 1)) {
    const entry = (slots[slot] ?? 0) - 1;
    if (entry === -1 || isSame(ids, 20 * entry, id, at)) return entry;
  }
}

function isSame(one: Buffer, at: number, other: Buffer, otherAt: number): boolean {
  for (let index = 0; index < 20; index += 1) if (one[at + index] !== other[otherAt + index]) return false;
  return true;
}
