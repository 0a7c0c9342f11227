import type { Oid } from '../../../domain/repo-path.ts';
import { tooLarge } from '../too-large.ts';
import type { TakeTurn } from '../turns.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { parseCommit } from './commit.ts';
import { entryOf } from './packed/entry-table.ts';
import { BLOB, COMMIT, contentOf, findEntry, type Shelf, TREE, typeCodeOf } from './packed/shelf.ts';
import { FOLDER, SUBMODULE, scanTree } from './tree.ts';

/** What a blob is that is nowhere: damage, or left out by a host that was asked to. */
export type Missing = 'damage' | 'left-out';

interface Search {
  /** What is here. */
  readonly shelf: Shelf;
  /** What has come. */
  readonly pack: Shelf;
  /** Trees here that need not be looked into again. */
  readonly known: ReadonlySet<number>;
  readonly dropped: ReadonlySet<Oid>;
  readonly limits: { readonly maxDepth: number; readonly blobLimit: number };
  readonly missing: Missing;
}

/** A commit with all below it that is not known to be whole. */
export interface Closure {
  /** 1 for each object of the pack that belongs to it, but large blobs. */
  readonly needed: Uint8Array;
  /** Its trees in the pack, and those that were here already. */
  readonly trees: ReadonlySet<number>;
  readonly walked: ReadonlySet<number>;
  readonly large: readonly Oid[];
  readonly left: readonly Oid[];
}

interface Walk extends Search {
  readonly needed: Uint8Array;
  readonly trees: Set<number>;
  readonly walked: Set<number>;
  readonly large: Oid[];
  readonly left: Oid[];
}

/** Follows a commit through pack and shelf. Throws `git-unreadable` where something is missing. */
export function collect(commit: Oid, search: Search): Closure {
  const needed = new Uint8Array(search.pack.table.count);
  const walk: Walk = { ...search, needed, trees: new Set(), walked: new Set(), large: [], left: [] };
  const id = Buffer.from(commit, 'hex');
  const { tree } = parseCommit(commit, take(walk, { id, at: 0, type: COMMIT }).content());
  visitTree(walk, Buffer.from(tree, 'hex'), 0, 0);
  return walk;
}

interface Wanted {
  readonly id: Buffer;
  readonly at: number;
  readonly type: number;
}

const NAMES: Readonly<Record<number, string>> = { [COMMIT]: 'commit', [TREE]: 'tree', [BLOB]: 'blob' };

function take({ pack, shelf, needed }: Walk, { id, at, type }: Wanted) {
  const packed = entryOf(pack.table, id, at);
  if (packed !== -1 && typeCodeOf(pack, packed) === type) {
    needed[packed] = 1;
    return { home: pack, entry: packed, content: () => contentOf(pack, packed) };
  }
  const here = packed === -1 ? entryOf(shelf.table, id, at) : -1;
  if (here === -1 || typeCodeOf(shelf, here) !== type) throw missing(id, at, type);
  return { home: shelf, entry: here, content: () => contentOf(shelf, here) };
}

function missing(id: Buffer, at: number, type: number) {
  return unreadableAnswer(`the ${NAMES[type] ?? 'object'} ${id.toString('hex', at, at + 20)} is missing`);
}

function visitTree(walk: Walk, id: Buffer, at: number, depth: number): void {
  const { limits, known, walked, trees, pack } = walk;
  const here = entryOf(walk.shelf.table, id, at);
  if (here !== -1 && (known.has(here) || walked.has(here))) return;
  const { home, entry, content } = take(walk, { id, at, type: TREE });
  const seen = home === pack ? trees : walked;
  if (seen.has(entry)) return;
  if (depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
  const data = content();
  scanTree(data, (mode, _, __, oidAt) => {
    if (mode === FOLDER) visitTree(walk, data, oidAt, depth + 1);
    else if (mode !== SUBMODULE) visitBlob(walk, data, oidAt);
  });
  seen.add(entry);
}

function visitBlob(walk: Walk, id: Buffer, at: number): void {
  const { pack, shelf, limits, needed } = walk;
  const packed = entryOf(pack.table, id, at);
  const home = packed === -1 ? shelf : pack;
  const entry = packed === -1 ? entryOf(shelf.table, id, at) : packed;
  if (entry === -1) return leaveOut(walk, id, at);
  if (typeCodeOf(home, entry) !== BLOB) throw missing(id, at, BLOB);
  if (home === shelf) return;
  if ((pack.table.sizes[entry] ?? 0) <= limits.blobLimit) needed[entry] = 1;
  else walk.large.push(id.toString('hex', at, at + 20));
}

/** A commit of people leaves out a few; a hostile host could leave out millions. */
const MOST_NAMED = 10_000;

function leaveOut({ missing: what, dropped, left }: Walk, id: Buffer, at: number): void {
  const oid = id.toString('hex', at, at + 20);
  if (what === 'damage' && !dropped.has(oid)) throw missing(id, at, BLOB);
  if (left.length < MOST_NAMED && !dropped.has(oid)) left.push(oid);
}

/** So many bytes of trees are a step; a larger tree is one of its own. */
const STEP_BYTES = 64 * 1024;

/** What to look from, and how: `takeTurn` is called between two steps. */
interface Reach {
  readonly tips: readonly Oid[];
  readonly dropped: ReadonlySet<Oid>;
  readonly takeTurn: TakeTurn;
}

/** All that these tips hold of a shelf (1 for each of its objects), and those of the `dropped` blobs that one of them names. */
export async function reach(shelf: Shelf, { tips, dropped, takeTurn }: Reach) {
  const needed = new Uint8Array(shelf.table.count);
  const named = new Set<Oid>();
  const trees: number[] = [];
  let bytes = 0;
  const see = (id: Buffer, at: number) => {
    const entry = entryOf(shelf.table, id, at);
    const oid = entry === -1 && dropped.size > 0 ? id.toString('hex', at, at + 20) : '';
    if (dropped.has(oid)) named.add(oid);
    if (entry === -1 || needed[entry] === 1) return;
    needed[entry] = 1;
    if (typeCodeOf(shelf, entry) === TREE) trees.push(entry);
  };
  for (const tip of tips) {
    const entry = findEntry(shelf, tip);
    needed[entry] = 1;
    see(Buffer.from(parseCommit(tip, contentOf(shelf, entry)).tree, 'hex'), 0);
    for (let tree = trees.pop(); tree !== undefined; tree = trees.pop()) {
      const data = contentOf(shelf, tree);
      scanTree(data, (mode, _, __, oidAt) => {
        if (mode !== SUBMODULE) see(data, oidAt);
      });
      bytes += data.length;
      if (bytes < STEP_BYTES) continue;
      bytes = 0;
      await takeTurn();
    }
  }
  return { needed, named };
}
