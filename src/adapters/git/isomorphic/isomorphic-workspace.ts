import { Failure, internalFailure } from '../../../domain/failure.ts';
import { isSafeRefName, type Oid } from '../../../domain/repo-path.ts';
import type { CommitDraft, CommitInfo, Ref, RefUpdate, Snapshot, UpdateResult } from '../../../ports.ts';
import type { HttpLimits } from '../../net/http-request.ts';
import type { NetSettings } from '../../net/net-settings.ts';
import { gatherPushes } from '../gather-pushes.ts';
import type { GitWorkspace } from '../git-workspace.ts';
import { type CommitMaking, makeCommit, OWN_COMMITS } from '../make-commit.ts';
import { type Listing, listEntries } from '../objects/list-entries.ts';
import { writePack } from '../objects/pack-write.ts';
import { type CredentialSource, createGitHost, parseGitUrl } from '../protocol/git-host.ts';
import type { Push } from '../protocol/push/push-request.ts';
import { createPusher, type Pusher, type PushOptions } from '../protocol/receive-pack.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { adoptCommit, type CommitFolder, packInto, readFrom } from './commit-folder.ts';
import { type CommitShelf, createCommitShelf, type ShelfLimits, type Wanted } from './commit-shelf.ts';
import { listHostRefs, type RefsDialect } from './list-server-refs.ts';

/**
 * Folder `isomorphic`: the same repository through isomorphic-git, for hosts that our own fetch does not get on with. It
 * reads refs and commits through isomorphic-git (protocol 1 for fetching, no thin packs, no filters), keeps them on disk,
 * and pushes through our own compare-and-swap, which isomorphic-git does not have. Slower, and right in the same way.
 */
export interface IsomorphicOptions {
  /** The http(s) clone address, without credentials in it. */
  readonly url: string;
  readonly credentials: CredentialSource;
  /** Where a private folder for Git objects is made, and removed by `close`. Null: the system's temporary folder. */
  readonly cacheDir: string | null;
  /** Replaces single values. */
  readonly limits?: Partial<IsomorphicLimits>;
  /** Left out: no proxy, and the authorities that Node knows. */
  readonly net?: NetSettings;
  /** Left out: commits of our own, not signed. */
  readonly making?: CommitMaking;
  /** Left out: none. */
  readonly pushOptions?: PushOptions;
}

interface IsomorphicLimits extends ShelfLimits {
  /** Above this an answer with only what is new is given up for one without history. In bytes. */
  readonly maxNewBytes: number;
  readonly http: Partial<HttpLimits>;
}

const LIMITS: IsomorphicLimits = {
  maxTips: 32,
  maxFolders: 4,
  maxEntries: 1_000_000,
  maxDepth: 200,
  maxObjects: 3_000_000,
  maxObjectBytes: 64 * 1024 * 1024,
  maxTotalBytes: 2 * 1024 * 1024 * 1024,
  maxNewBytes: 4 * 1024 * 1024,
  http: { idleMilliseconds: 60_000, totalMilliseconds: 600_000, maxResponseBytes: 512 * 1024 * 1024 },
};

interface State {
  readonly making: CommitMaking;
  readonly pusher: Pusher;
  readonly shelf: CommitShelf;
  readonly limits: IsomorphicLimits;
  readonly dialect: RefsDialect;
  /** Aborted by `close`. */
  readonly closing: AbortController;
  /** The shelf is used by one after the other. */
  queue: Promise<unknown>;
  listed: { readonly commit: Oid; readonly listing: Listing } | null;
}

/** Opens a repository; host and disk are first used when a method is called. Rejects with `config-invalid` for a bad address. */
export async function createIsomorphicWorkspace(options: IsomorphicOptions): Promise<GitWorkspace> {
  const limits = { ...LIMITS, ...options.limits };
  const http = { ...LIMITS.http, ...limits.http };
  const url = parseGitUrl(options.url);
  const host = createGitHost(url, options.credentials, http, options.net);
  const maxResponseBytes = Math.min(limits.maxNewBytes, http.maxResponseBytes ?? limits.maxNewBytes);
  const frugal = createGitHost(url, options.credentials, { ...http, maxResponseBytes }, options.net);
  const shelf = createCommitShelf({ host, frugal, cacheDir: options.cacheDir, limits });
  const closing = new AbortController();
  const dialect: RefsDialect = { protocol: 2 };
  const making = options.making ?? OWN_COMMITS;
  const pusher = createPusher(host, options.pushOptions);
  const state: State = { making, pusher, shelf, limits, dialect, closing, queue: Promise.resolve(), listed: null };
  const within = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal]);
  const publishAll: GitWorkspace['publishAll'] = (updates, signal) => publishInTurn(state, updates, within(signal));
  return {
    refs: (prefixes, signal) => listHostRefs(host, dialect, prefixes, within(signal)),
    snapshot: (ref, signal) => takeSnapshot(state, ref, within(signal)),
    commit: async (ref, signal): Promise<CommitInfo> => {
      const { tree: _, ...info } = (await getCommit(state, wantedAt(ref), within(signal))).commit;
      return info;
    },
    publish: gatherPushes(publishAll),
    publishAll,
    close: async () => {
      closing.abort();
      // isomorphic-git would make the folder anew if it were removed while it writes.
      await state.queue;
      await shelf.clear();
      host.close();
      frugal.close();
    },
  };
}

function wantedAt({ oid, name }: Ref): Wanted {
  return { oid, name };
}

function inTurn<T>(state: State, act: () => Promise<T>): Promise<T> {
  const work = state.queue.then(act);
  state.queue = work.catch(() => undefined);
  return work;
}

function getCommit(state: State, wanted: Wanted, signal: AbortSignal) {
  return inTurn(state, () => state.shelf.get(wanted, signal));
}

async function takeSnapshot(state: State, ref: Ref, signal: AbortSignal): Promise<Snapshot> {
  const { folder, commit } = await getCommit(state, wantedAt(ref), signal);
  if (state.listed?.commit !== ref.oid) {
    state.listed = {
      commit: ref.oid,
      listing: listEntries(commit.tree, treesOf(folder), state.limits, state.listed?.listing),
    };
  }
  return {
    commit: ref.oid,
    entries: state.listed.listing.entries,
    read: (oid) => readBlob(state, ref, oid, signal),
    // A commit is fetched with all its files.
    prefetch: async () => undefined,
  };
}

function treesOf(folder: CommitFolder): (oid: Oid) => Buffer {
  return (oid) => {
    const data = folder.trees.get(oid);
    if (data === undefined) throw unreadableAnswer(`the tree ${oid} is missing`);
    return data;
  };
}

/** A folder that has gone meanwhile, or whose files were damaged, is fetched once more. */
async function readBlob(state: State, ref: Ref, oid: Oid, signal: AbortSignal): Promise<Uint8Array> {
  const here = state.shelf.find(ref.oid);
  const first = here === null ? null : await readFrom(here.folder, oid, 'blob');
  if (first !== null) return first;
  return inTurn(state, async () => {
    if (here !== null) await state.shelf.drop(here.folder);
    const { folder } = await state.shelf.get(wantedAt(ref), signal);
    const again = await readFrom(folder, oid, 'blob');
    if (again === null) throw unreadableAnswer(`the blob ${oid} is missing`);
    return again;
  });
}

/** One after the other: each pack is made in the folder of its commit's parent. */
async function publishInTurn(state: State, updates: readonly RefUpdate[], signal: AbortSignal) {
  const results: UpdateResult[] = [];
  for (const update of updates) results.push(await publishOne(state, update, signal));
  return results;
}

async function publishOne(state: State, { ref, expected, to }: RefUpdate, signal: AbortSignal): Promise<UpdateResult> {
  try {
    if (!isSafeRefName(ref)) throw internalFailure('only well-formed branches are published');
    if (to === null) return await pushOne(state, { kind: 'delete', ref, expected }, signal);
    const { oid, objects, pack, adopt } = await inTurn(state, () => packCommit(state, to, signal));
    const result = await pushOne(state, { kind: 'move', ref, expected, oid, parent: to.parent, objects }, signal, pack);
    if (result.kind === 'done') adopt();
    return result;
  } catch (error) {
    if (error instanceof Failure) return { kind: 'failed', failure: error };
    throw error;
  }
}

async function pushOne({ pusher }: State, push: Push, signal: AbortSignal, pack?: Buffer): Promise<UpdateResult> {
  const [result] = await pusher.push([push], signal, pack === undefined ? undefined : () => pack);
  return result ?? { kind: 'unknown', reason: 'nothing was said of it' };
}

async function packCommit(state: State, draft: CommitDraft, signal: AbortSignal) {
  const { folder, commit: parent } = await state.shelf.get({ oid: draft.parent, name: null }, signal);
  // Not isomorphic-git's `writeCommit`: it changes line ends in messages, and the same draft must be the same commit.
  const request = { draft, parentTree: parent.tree, readTree: treesOf(folder) };
  const { oid, objects } = await makeCommit(state.making, request, signal);
  const commit = objects.find((object) => object.type === 'commit');
  // The host has it already.
  if (commit === undefined) return { oid, objects, pack: writePack([]), adopt: () => undefined };
  try {
    const pack = await packInto(folder, objects);
    const trees = objects.filter((object) => object.type === 'tree');
    return { oid, objects, pack, adopt: () => adoptCommit(folder, commit, trees) };
  } catch (error) {
    // An object may have been written in part, and would be taken for whole the next time.
    await state.shelf.drop(folder);
    throw error;
  }
}
