import { deflateSync } from 'node:zlib';
import type { TakeTurn } from '../../turns.ts';
import { addEntry, entryOf, makeRoom, NO_BASE, nameLike, OUTSIDE } from './entry-table.ts';
import { contentOf, type Shelf } from './shelf.ts';

/** Git packs no deeper by itself; beyond it an object is packed anew, so that none takes ever longer to read. */
const MOST_DEPTH = 60;
/** A pack of which less is needed than this is not kept as it came. */
const WORTH_KEEPING = 0.75;

/** So many objects are a step. */
const STEP = 500;

/**
 * Brings the marked objects of a shelf, and those they are deltas on, into another one, packed as they are. Bases outside of
 * `source` are in `target`.
 */
export function mergeShelves(target: Shelf, source: Shelf, needed: Uint8Array): void {
  const steps = mergeSteps(target, source, needed);
  while (steps.next().done !== true);
}

/** The same, step by step: into a shelf that nobody reads before it is done. `source` may be read meanwhile, not added to. */
export async function mergeInTurns(
  { target, source }: { readonly target: Shelf; readonly source: Shelf },
  needed: Uint8Array,
  takeTurn: TakeTurn,
): Promise<void> {
  for (const _ of mergeSteps(target, source, needed)) await takeTurn();
}

type Steps<T> = Generator<undefined, T, undefined>;

function* mergeSteps(target: Shelf, source: Shelf, needed: Uint8Array): Steps<void> {
  markBases(source, needed);
  const { moved, added } = yield* addEntries(target, source, needed);
  yield* moveStreams(target, source, added);
  for (const [from, to] of added) {
    const base = source.table.bases[from] ?? NO_BASE;
    target.table.bases[to] = base >= 0 ? (moved[base] ?? NO_BASE) : base === NO_BASE ? NO_BASE : OUTSIDE - base;
  }
  packDeepAnew(target, added);
}

type Added = readonly (readonly [from: number, to: number])[];

function markBases({ table }: Shelf, needed: Uint8Array): void {
  for (let entry = 0; entry < table.count; entry += 1) {
    if (needed[entry] !== 1) continue;
    for (let base = table.bases[entry] ?? NO_BASE; base >= 0 && needed[base] !== 1; ) {
      needed[base] = 1;
      base = table.bases[base] ?? NO_BASE;
    }
  }
}

function* addEntries(target: Shelf, source: Shelf, needed: Uint8Array): Steps<{ moved: Int32Array; added: Added }> {
  const { table } = source;
  const moved = new Int32Array(table.count).fill(-1);
  makeRoom(target.table, countUnknown(target, source, needed));
  const added: [from: number, to: number][] = [];
  for (let from = 0; from < table.count; from += 1) {
    if (needed[from] !== 1) continue;
    const known = entryOf(target.table, table.ids, 20 * from);
    moved[from] = known === -1 ? copyEntry(target, source, from) : known;
    if (known !== -1) continue;
    added.push([from, moved[from] ?? -1]);
    if (added.length % STEP === 0) yield;
  }
  return { moved, added };
}

function countUnknown(target: Shelf, { table }: Shelf, needed: Uint8Array): number {
  let unknown = 0;
  for (let entry = 0; entry < table.count; entry += 1) {
    if (needed[entry] === 1 && entryOf(target.table, table.ids, 20 * entry) === -1) unknown += 1;
  }
  return unknown;
}

function copyEntry(target: Shelf, source: Shelf, from: number): number {
  const to = addEntry(target.table);
  nameLike(target.table, to, source.table, from);
  for (const key of ['lengths', 'streamSizes', 'depths', 'sizes', 'slabs', 'places'] as const) {
    target.table[key][to] = source.table[key][from] ?? 0;
  }
  return to;
}

function* moveStreams(target: Shelf, source: Shelf, added: Added): Steps<void> {
  const { table, segments } = source;
  const bytes = added.reduce((sum, [from]) => sum + (table.lengths[from] ?? 0), 0);
  const isKept = bytes > segments.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) * WORTH_KEEPING;
  const first = target.segments.length;
  const packed = isKept ? null : Buffer.allocUnsafeSlow(bytes);
  target.segments.push(...(packed === null ? segments : [packed]));
  let at = 0;
  for (const [index, [from, to]] of added.entries()) {
    if (index % STEP === STEP - 1) yield;
    const segment = table.segments[from] ?? 0;
    const start = table.starts[from] ?? 0;
    target.table.segments[to] = packed === null ? first + segment : first;
    target.table.starts[to] = packed === null ? start : at;
    if (packed === null) continue;
    const length = table.lengths[from] ?? 0;
    segments[segment]?.copy(packed, at, start, start + length);
    at += length;
  }
}

function packDeepAnew(target: Shelf, added: Added): void {
  const { table, segments } = target;
  const depthOf = (entry: number) => table.depths[entry] ?? 0;
  const deep = added.map(([, to]) => to).filter((entry) => depthOf(entry) > MOST_DEPTH);
  // What a chain is built on comes first: so no chain is ever much longer.
  for (const entry of deep.toSorted((a, b) => depthOf(a) - depthOf(b))) {
    table.depths[entry] = depthOf(table.bases[entry] ?? 0) + 1;
    if (depthOf(entry) <= MOST_DEPTH) continue;
    const content = contentOf(target, entry);
    const stream = deflateSync(content);
    table.segments[entry] = segments.push(stream) - 1;
    table.starts[entry] = 0;
    table.lengths[entry] = stream.length;
    table.streamSizes[entry] = content.length;
    table.bases[entry] = NO_BASE;
    table.depths[entry] = 0;
  }
}
