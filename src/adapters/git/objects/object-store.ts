import type { Oid } from '../../../domain/repo-path.ts';
import { createTurns, type TakeTurn } from '../turns.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { collect, type Missing, reach } from './closure.ts';
import type { GitObject, ObjectType } from './git-object.ts';
import { entryOf, newEntryTable } from './packed/entry-table.ts';
import { mergeInTurns, mergeShelves } from './packed/merge-shelves.ts';
import {
  BLOB,
  contentOf,
  findEntry,
  newShelf,
  objectAt,
  type Shelf,
  TREE,
  typeCodeOf,
  typeOf,
} from './packed/shelf.ts';
import { type PackLimits, type PackParts, unpack } from './packed/unpack.ts';

/**
 * The objects of a few commits, packed as they came, in memory. A commit is a *tip* once every object of its tree is here
 * (blobs that the host left out excepted); only tips are told to the host as what we have.
 */
export interface ObjectStore {
  find(oid: Oid): GitObject | null;
  has(oid: Oid): boolean;
  /** The bytes of an object that must be here, not to be changed. Throws `git-unreadable`. */
  read(oid: Oid, type: ObjectType): Buffer;
  /** What was adopted or used last comes last. */
  tips(): readonly Oid[];
  /** Whether a commit is a tip. It is the last to go then: many commits may be made on one that nobody has moved for weeks. */
  use(commit: Oid): boolean;
  /** Reads a pack, as it comes, that may be built on what is here. Nothing is kept of it before it is adopted, which comes next. */
  open(pack: PackParts): Promise<Shelf>;
  /**
   * Makes a commit a tip from these objects and what is here. All of its tree must be there, or nothing is kept; what it
   * does not hold is not kept either. Of tips beyond the limit those go that were not used for longest, and what only they
   * held; other work goes on meanwhile, but nothing is opened or adopted. Resolves to the blobs of trees that were new here,
   * and were left out: at most 10,000.
   */
  adopt(commit: Oid, pack: Shelf, how: Adoption): Promise<readonly Oid[]>;
  /** Keeps these blobs of a pack, as long as a tip holds them. */
  adoptBlobs(pack: Shelf, wanted: readonly Oid[]): void;
  clear(): void;
}

export interface Adoption {
  readonly missing: Missing;
  /** `new`: trees that are known to be whole are not looked into. */
  readonly look: 'new' | 'all';
}

export interface StoreLimits {
  readonly maxTips: number;
  /** For one commit: folders, files, links and submodules together. */
  readonly maxEntries: number;
  readonly maxDepth: number;
}

export interface StoreOptions extends StoreLimits, PackLimits {
  /** Blobs beyond it are not kept with their commit, in bytes. */
  readonly blobLimit: number;
}

/** Unpacked bytes to keep: while a large pack is read for the first time, and from then on. */
const WARM_BYTES = 96 * 1024 * 1024;
const COOL_BYTES = 4 * 1024 * 1024;
const WARM_MILLISECONDS = 30_000;
const LARGE_PACK = 1024 * 1024;
/** Old tips go as soon as the store has grown so much since the last time. */
const MOST_GROWN = 64 * 1024 * 1024;
/** What remains gets room for what comes next as well: a table that is full is copied at one go. */
const ROOM = 1.25;

interface State {
  readonly limits: StoreOptions;
  shelf: Shelf;
  tips: Oid[];
  /** Trees known to be here with all below them. */
  whole: Set<number>;
  /** Large blobs that the host sends with every commit, and that are not kept. */
  readonly dropped: Set<Oid>;
  /** How many bytes the shelf held when the last tips went; 0 before there was one. */
  heldBytes: number;
  cooling: NodeJS.Timeout | undefined;
}

/** An empty store. */
export function createObjectStore(limits: StoreOptions): ObjectStore {
  const shelf = newShelf(limits.maxObjectBytes, COOL_BYTES);
  const nothing = { tips: [], whole: new Set<number>(), dropped: new Set<Oid>(), heldBytes: 0 };
  const state: State = { limits, shelf, ...nothing, cooling: undefined };
  return {
    find: (oid) => {
      const entry = findEntry(state.shelf, oid);
      if (entry === -1) return null;
      const object = objectAt(state.shelf, entry);
      noteRead(state, entry);
      return object;
    },
    has: (oid) => findEntry(state.shelf, oid) !== -1,
    read: (oid, type) => read(state, oid, type),
    tips: () => state.tips,
    use: (commit) => {
      const isTip = state.tips.includes(commit);
      if (isTip) putLast(state, commit);
      return isTip;
    },
    open: (pack) => unpack(warming(state, pack), state.shelf, limits),
    adopt: (commit, pack, how) => adopt(state, commit, pack, how),
    adoptBlobs: (pack, wanted) => adoptBlobs(state, pack, wanted),
    clear: () => {
      clearTimeout(state.cooling);
      state.cooling = undefined;
      state.shelf.slabs.limit(0);
      Object.assign(state, { shelf: newShelf(limits.maxObjectBytes, COOL_BYTES), tips: [], whole: new Set() });
      state.dropped.clear();
    },
  };
}

/** The same parts; a pack that proves to be large keeps the store warm. */
async function* warming(state: State, pack: PackParts): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of pack) {
    if (bytes <= LARGE_PACK && bytes + part.length > LARGE_PACK) stayWarm(state);
    bytes += part.length;
    yield part;
  }
}

/** Whoever reads a whole commit does it right behind the fetch, and once. */
function stayWarm(state: State): void {
  clearTimeout(state.cooling);
  state.shelf.slabs.limit(WARM_BYTES);
  state.cooling = setTimeout(() => {
    state.cooling = undefined;
    state.shelf.slabs.limit(COOL_BYTES);
  }, WARM_MILLISECONDS).unref();
}

/** With the last object of a piece its room is free for what is made of them. */
function noteRead({ shelf, cooling }: State, entry: number): void {
  if (cooling !== undefined) shelf.slabs.done(shelf.table.slabs[entry] ?? 0);
}

function read(state: State, oid: Oid, type: ObjectType): Buffer {
  const { shelf } = state;
  const entry = findEntry(shelf, oid);
  if (entry === -1 || typeOf(shelf, entry) !== type) throw unreadableAnswer(`the ${type} ${oid} is missing`);
  const content = contentOf(shelf, entry);
  noteRead(state, entry);
  return content;
}

async function adopt(state: State, commit: Oid, pack: Shelf, how: Adoption): Promise<readonly Oid[]> {
  const { shelf, limits, dropped, whole } = state;
  checkOpened(state, pack);
  const known: ReadonlySet<number> = how.look === 'new' ? whole : new Set();
  const found = collect(commit, { shelf, pack, known, limits, dropped, missing: how.missing });
  const { needed } = found;
  mergeShelves(shelf, pack, needed);
  for (const oid of found.large) dropped.add(oid);
  for (const tree of found.walked) whole.add(tree);
  for (let entry = 0; entry < pack.table.count; entry += 1) {
    if (found.needed[entry] === 1 && typeCodeOf(pack, entry) === TREE && found.trees.has(entry)) {
      whole.add(entryOf(shelf.table, pack.table.ids, 20 * entry));
    }
  }
  putLast(state, commit);
  if (state.heldBytes === 0) state.heldBytes = bytesOf(shelf);
  const isLarge = bytesOf(shelf) > 2 * state.heldBytes + MOST_GROWN;
  if (state.tips.length > limits.maxTips) await sweep(state, Math.floor(limits.maxTips / 2));
  else if (isLarge && state.tips.length > 1) await sweep(state, Math.ceil(state.tips.length / 2));
  return found.left;
}

function putLast(state: State, commit: Oid): void {
  if (state.tips.at(-1) !== commit) state.tips = [...state.tips.filter((tip) => tip !== commit), commit];
}

function adoptBlobs(state: State, pack: Shelf, wanted: readonly Oid[]): void {
  checkOpened(state, pack);
  const needed = new Uint8Array(pack.table.count);
  for (const oid of wanted) {
    const entry = findEntry(pack, oid);
    if (entry !== -1 && typeCodeOf(pack, entry) === BLOB) needed[entry] = 1;
  }
  mergeShelves(state.shelf, pack, needed);
}

function checkOpened(state: State, pack: Shelf): void {
  // Everything was forgotten meanwhile, and what the pack is built on with it.
  if (pack.outside !== state.shelf) throw unreadableAnswer('a pack that came too late');
}

function bytesOf({ segments }: Shelf): number {
  return segments.reduce((sum, segment) => sum + segment.length, 0);
}

/**
 * Drops the oldest tips, and what only they held. Until that is done everything is read where it was; whoever adds something
 * meanwhile, or forgets everything, has it stay so.
 */
async function sweep(state: State, oldest: number): Promise<void> {
  state.tips = state.tips.slice(oldest);
  const { shelf, limits, tips } = state;
  const { count } = shelf.table;
  const takeTurn = createTurns();
  const { needed, named } = await reach(shelf, { tips, dropped: state.dropped, takeTurn });
  const table = newEntryTable(Math.ceil(ROOM * needed.reduce((sum, one) => sum + one, 0)));
  const next: Shelf = { ...newShelf(limits.maxObjectBytes, 0), table, slabs: shelf.slabs };
  await mergeInTurns({ target: next, source: shelf }, needed.slice(), takeTurn);
  const whole = await movedTrees(state.whole, { from: shelf, to: next, needed }, takeTurn);
  if (state.shelf !== shelf || shelf.table.count !== count) return;
  for (const oid of state.dropped) if (!named.has(oid)) state.dropped.delete(oid);
  Object.assign(state, { shelf: next, whole, heldBytes: bytesOf(next) });
}

/** So many trees are a step. */
const STEP = 500;

interface Move {
  readonly from: Shelf;
  readonly to: Shelf;
  readonly needed: Uint8Array;
}

async function movedTrees(trees: ReadonlySet<number>, { from, to, needed }: Move, takeTurn: TakeTurn) {
  const moved = new Set<number>();
  for (const tree of trees) {
    if (needed[tree] !== 1) continue;
    moved.add(entryOf(to.table, from.table.ids, 20 * tree));
    if (moved.size % STEP === 0) await takeTurn();
  }
  return moved;
}
