import type { Oid } from '../../domain/repo-path.ts';
import type { Ref, SnapshotContent } from '../../ports.ts';
import type { MadeCommit } from './make-commit.ts';
import { parseCommit } from './objects/commit.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { writePack } from './objects/pack-write.ts';
import { findEntry, objectAt, type Shelf } from './objects/packed/shelf.ts';
import { canFilter, fetchPack, type PackWish } from './protocol/fetch-pack.ts';
import type { GitHost } from './protocol/git-host.ts';
import { type Advertisement, discover, listRefs } from './protocol/server-refs.ts';
import { unreadableAnswer } from './unreadable-answer.ts';

/** Brings commits and blobs of a host into a store, one request after the other: the second often finds all it needs. */
export interface Fetching {
  readonly host: GitHost;
  readonly store: ObjectStore;
  /** Larger blobs are fetched only when they are read, where the host can do that. In bytes. */
  readonly blobLimit: number;
  /** What the host said of itself; only where it speaks no protocol 2 it is asked again, for its refs. */
  dialect: Advertisement | null;
  queue: Promise<unknown>;
  /** The first commit came without its blobs: then no other brings any, as they could be built on what is not here. */
  blobs: 'with-commits' | 'on-demand';
  /** How many blobs were asked for one by one since. */
  singles: number;
  /** The commits that were fetched last, the newest last: what the host is told that we have. */
  fetched: readonly Oid[];
}

/** More blobs than one request should name. */
const MOST_WANTS = 10_000;
/** What more commits have in common with the next one, these have too. */
const MOST_HAVES = 16;
/** Whoever reads so many blobs one by one is better served with all of them. */
const MOST_SINGLES = 16;

/** The refs with one of these prefixes, fresh from the host. */
export async function listHere(
  state: Fetching,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  try {
    const known = state.dialect?.version === 2 ? state.dialect : await askDialect(state, signal);
    return await listRefs(state.host, known, prefixes, signal);
  } catch (error) {
    // It may speak another protocol than before: what stands before it was changed, or it was.
    if (isFailure(error, 'git-unreadable') || isFailure(error, 'git-rejected')) state.dialect = null;
    throw error;
  }
}

/** What the host can do; under the first protocol its list of refs, which comes with it, is not kept. */
async function dialectOf(state: Fetching, signal: AbortSignal): Promise<Advertisement> {
  return state.dialect ?? (await askDialect(state, signal));
}

async function askDialect(state: Fetching, signal: AbortSignal): Promise<Advertisement> {
  const found = await discover(state.host, 'git-upload-pack', signal);
  state.dialect = { ...found, refs: [] };
  return found;
}

function inTurn<T>(state: Fetching, act: () => Promise<T>): Promise<T> {
  const work = state.queue.then(act);
  state.queue = work.catch(() => undefined);
  return work;
}

/** A commit that is here with its trees from now on. `none`: nobody will read its files for now. */
export function getCommit(state: Fetching, oid: Oid, content: SnapshotContent | 'none', signal: AbortSignal) {
  return inTurn(state, async () => {
    if (!state.store.use(oid)) await fetchCommit(state, oid, content, signal);
    return parseCommit(oid, state.store.read(oid, 'commit'));
  });
}

/** A pack that cannot be completed from what is here is asked for once more, whole. */
async function fetchCommit(state: Fetching, oid: Oid, content: SnapshotContent | 'none', signal: AbortSignal) {
  const tips = new Set(state.store.tips());
  const have = state.fetched.filter((commit) => tips.has(commit));
  if (have.length === 0 && content === 'trees' && canFilter(await dialectOf(state, signal))) state.blobs = 'on-demand';
  if (have.length === 0) return void (await adoptCommit(state, oid, have, signal));
  const left = await adoptCommit(state, oid, have, signal).catch((error: unknown) => {
    if (!isFailure(error, 'git-unreadable')) throw error;
    return adoptCommit(state, oid, [], signal);
  });
  if (state.blobs === 'on-demand' && content === 'files' && left.have > 0) await bring(state, oid, left.oids, signal);
}

async function adoptCommit(state: Fetching, want: Oid, have: readonly Oid[], signal: AbortSignal) {
  const without = state.blobs === 'on-demand' ? 'all-blobs' : { blobsFrom: state.blobLimit };
  const { pack, filtered } = await open(state, { kind: 'commit', want, have, without }, signal);
  const look = have.length === 0 ? 'all' : 'new';
  const oids = await state.store.adopt(want, pack, { missing: filtered ? 'left-out' : 'damage', look });
  state.fetched = [...state.fetched.filter((commit) => commit !== want), want].slice(-MOST_HAVES);
  return { oids, have: have.length };
}

/** What we have pushed need not be fetched, unless the host made it or what it was made of is no longer here. */
export function keepOwn(state: Fetching, { oid, objects }: MadeCommit): void {
  if (objects.length === 0) return;
  const keep = async () => {
    const pack = await state.store.open([writePack(objects)]);
    await state.store.adopt(oid, pack, { missing: 'left-out', look: 'new' });
  };
  // Where it cannot be kept it is fetched.
  inTurn(state, keep).catch(() => undefined);
}

async function open(state: Fetching, wish: PackWish, signal: AbortSignal) {
  const dialect = await dialectOf(state, signal);
  const { host, store } = state;
  const pack = await fetchPack({ host, known: dialect }, wish, (parts) => store.open(parts), signal);
  return { pack, filtered: canFilter(dialect) };
}

function isFailure(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Brings those of these blobs that are not here: all in a few requests. */
export function prefetchBlobs(state: Fetching, commit: Oid, oids: readonly Oid[], signal: AbortSignal): Promise<void> {
  return inTurn(state, () => bring(state, commit, oids, signal));
}

async function bring(state: Fetching, commit: Oid, oids: readonly Oid[], signal: AbortSignal): Promise<void> {
  const wants = [...new Set(oids)].filter((oid) => !state.store.has(oid));
  for (let at = 0; at < wants.length; at += MOST_WANTS) {
    const some = wants.slice(at, at + MOST_WANTS);
    const pack = await openBlobs(state, some, signal);
    if (pack === null) return void (await bringAll(state, commit, signal));
    state.store.adoptBlobs(pack, some);
  }
}

/** Null where the host gives out no blob by its id. */
async function openBlobs(state: Fetching, wants: readonly Oid[], signal: AbortSignal): Promise<Shelf | null> {
  try {
    return (await open(state, { kind: 'blobs', wants }, signal)).pack;
  } catch (error) {
    if (isFailure(error, 'git-rejected')) return null;
    throw error;
  }
}

/** A commit with its files, whatever is here already. */
async function bringAll(state: Fetching, want: Oid, signal: AbortSignal): Promise<Shelf> {
  const wish = { kind: 'commit', want, have: [], without: { blobsFrom: state.blobLimit } } as const;
  const { pack, filtered } = await open(state, wish, signal);
  await state.store.adopt(want, pack, { missing: filtered ? 'left-out' : 'damage', look: 'all' });
  state.blobs = 'with-commits';
  return pack;
}

/** The bytes of a blob of this commit, not to be changed. */
export async function getBlob(state: Fetching, commit: Oid, oid: Oid, signal: AbortSignal): Promise<Buffer> {
  return (
    blobIn(state.store, oid) ??
    inTurn(state, async () => blobIn(state.store, oid) ?? fetchBlob(state, commit, oid, signal))
  );
}

function blobIn(store: ObjectStore, oid: Oid): Buffer | null {
  const object = store.find(oid);
  return object?.type === 'blob' ? object.data : null;
}

async function fetchBlob(state: Fetching, commit: Oid, oid: Oid, signal: AbortSignal): Promise<Buffer> {
  if (state.blobs === 'on-demand') {
    state.singles += 1;
    if (state.singles > MOST_SINGLES) await bringAll(state, commit, signal);
    const brought = blobIn(state.store, oid);
    if (brought !== null) return brought;
  }
  const alone = await openBlobs(state, [oid], signal);
  const pack = alone ?? (await bringAll(state, commit, signal));
  const entry = findEntry(pack, oid);
  const blob = entry === -1 ? null : objectAt(pack, entry);
  if (blob?.type !== 'blob') throw unreadableAnswer(`the blob ${oid} is not in it`);
  // A large one is not kept: its text is read once. What came with its commit is kept already.
  if (alone !== null && blob.data.length <= state.blobLimit) state.store.adoptBlobs(alone, [oid]);
  return blob.data;
}
