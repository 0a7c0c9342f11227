import type { Oid } from '../../../../domain/repo-path.ts';
import { unreadableAnswer } from '../../unreadable-answer.ts';
import { applyDelta } from '../delta.ts';
import type { GitObject, ObjectType } from '../git-object.ts';
import { type EntryTable, entryOf, NO_BASE, newEntryTable, OUTSIDE } from './entry-table.ts';
import { inflate } from './inflate-at.ts';
import { createSlabs, type Slabs } from './slabs.ts';

/**
 * Folder `packed`: objects as they came, packed, with their deltas. `unpack.ts` reads a pack into a shelf, `merge-shelves.ts`
 * brings what is needed of one into another. It knows nothing of what objects mean.
 */
export interface Shelf {
  readonly table: EntryTable;
  /** The buffers that the zlib streams are in. */
  readonly segments: Buffer[];
  readonly slabs: Slabs;
  /** Where bases are that are not in this shelf. */
  readonly outside: Shelf | null;
  readonly maxObjectBytes: number;
  /** Told of every byte that is unpacked once more. */
  readonly spend: (bytes: number) => void;
}

/** Types by their code in a pack. */
export const TYPES: readonly (ObjectType | null)[] = [null, 'commit', 'tree', 'blob', 'tag'];
export const COMMIT = 1;
export const TREE = 2;
export const BLOB = 3;

/** Larger objects are never kept unpacked: to copy them costs more than it saves. */
const MOST_KEPT = 1024 * 1024;

/** A shelf without objects, that keeps so many bytes of unpacked ones. */
export function newShelf(maxObjectBytes: number, keptBytes: number): Shelf {
  const slabs = createSlabs(keptBytes);
  return { table: newEntryTable(0), segments: [], slabs, outside: null, maxObjectBytes, spend: () => undefined };
}

const ID = Buffer.alloc(20);

/** The entry of an id in hex; -1 where there is none. */
export function findEntry({ table }: Shelf, oid: Oid): number {
  return ID.write(oid, 'hex') === 20 ? entryOf(table, ID, 0) : -1;
}

/** The type of an entry as a pack has it. */
export function typeCodeOf({ table }: Shelf, entry: number): number {
  return table.types[entry] ?? 0;
}

/** The type of an entry that was found. */
export function typeOf({ table }: Shelf, entry: number): ObjectType {
  const type = TYPES[table.types[entry] ?? 0];
  if (type === null || type === undefined) throw unreadableAnswer('an object of an unknown type');
  return type;
}

/** An object with its bytes, which are not the reader's to change. */
export function objectAt(shelf: Shelf, entry: number): GitObject {
  return { type: typeOf(shelf, entry), data: contentOf(shelf, entry) };
}

/** The bytes of an object: as they were kept, or unpacked once more with all that it is a delta on. */
export function contentOf(shelf: Shelf, entry: number): Buffer {
  const chain: number[] = [];
  let at = entry;
  let content = kept(shelf, at);
  while (content === null) {
    const base = shelf.table.bases[at] ?? NO_BASE;
    if (base === NO_BASE) {
      content = streamOf(shelf, at);
      keep(shelf, at, content);
      break;
    }
    chain.push(at);
    at = base;
    content = base <= OUTSIDE ? outsideContent(shelf, base) : kept(shelf, base);
  }
  for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
    const result = applyDelta(content, streamOf(shelf, next), shelf.maxObjectBytes);
    if (result === null) throw unreadableAnswer('a delta that does not fit its base');
    shelf.spend(result.length);
    content = result;
    keep(shelf, next, content);
  }
  return content;
}

function outsideContent({ outside }: Shelf, base: number): Buffer {
  if (outside === null) throw unreadableAnswer('a delta whose base is missing');
  return contentOf(outside, OUTSIDE - base);
}

function kept({ table, slabs }: Shelf, entry: number): Buffer | null {
  const slab = slabs.get(table.slabs[entry] ?? 0);
  if (slab === null) return null;
  const at = table.places[entry] ?? 0;
  return slab.subarray(at, at + (table.sizes[entry] ?? 0));
}

/** Keeps the bytes of an entry, as long as there is room. */
export function keep({ table, slabs }: Shelf, entry: number, content: Buffer): void {
  table.sizes[entry] = content.length;
  if (content.length > MOST_KEPT) return;
  const place = slabs.take(content.length);
  place.bytes.set(content, place.at);
  table.slabs[entry] = place.slab;
  table.places[entry] = place.at;
}

function streamOf(shelf: Shelf, entry: number): Buffer {
  const data = inflatedStream(shelf, entry);
  shelf.spend(data.length);
  return data;
}

/** What the stream of an entry holds: the object, or a delta. */
export function inflatedStream({ table, segments }: Shelf, entry: number): Buffer {
  const segment = segments[table.segments[entry] ?? 0] ?? ID;
  const start = table.starts[entry] ?? 0;
  return inflate(segment.subarray(start, start + (table.lengths[entry] ?? 0)), table.streamSizes[entry] ?? 0);
}
