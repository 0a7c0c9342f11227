import { Failure } from '../../domain/failure.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { CommitDraft, CommitInfo, Ref, Snapshot, TreeEntry, Workspace } from '../../ports.ts';
import type { HttpLimits } from '../net/http-request.ts';
import type { NetSettings } from '../net/net-settings.ts';
import { gatherPushes } from './gather-pushes.ts';
import { type CommitMaking, type MadeCommit, makeCommit, OWN_COMMITS } from './make-commit.ts';
import { parseCommit } from './objects/commit.ts';
import { oidOf } from './objects/git-object.ts';
import { listEntries } from './objects/list-entries.ts';
import { createObjectStore, type ObjectStore, type StoreLimits } from './objects/object-store.ts';
import { type PackLimits, readPack } from './objects/pack-read.ts';
import { canFilter, fetchPack } from './protocol/fetch-pack.ts';
import { type CredentialSource, createGitHost, type GitHost, parseGitUrl } from './protocol/git-host.ts';
import { createPusher, type PushOptions } from './protocol/receive-pack.ts';
import { type Advertisement, discover, listRefs } from './protocol/server-refs.ts';
import { publishUpdates } from './publish-updates.ts';
import { unreadableAnswer } from './unreadable-answer.ts';

/**
 * Folder `git`: a repository on a Git host, over smart HTTP, without the `git` program, a work tree or a disk. `protocol`
 * speaks to the host, `objects` holds what came back. It knows nothing of pull requests. No commit it did not prove whole
 * is used, and no ref moves but by compare-and-swap.
 */
export interface GitWorkspace extends Workspace {
  /** Forgets all objects and closes the connections. */
  close(): Promise<void>;
}

interface GitLimits extends StoreLimits, PackLimits {
  /** Larger blobs are fetched only when they are read, where the host can do that. In bytes. */
  readonly blobLimit: number;
  readonly http: Partial<HttpLimits>;
}

const GIT_LIMITS: GitLimits = {
  maxTips: 512,
  maxEntries: 1_000_000,
  maxDepth: 200,
  maxObjects: 3_000_000,
  maxObjectBytes: 64 * 1024 * 1024,
  maxTotalBytes: 2 * 1024 * 1024 * 1024,
  blobLimit: 1024 * 1024,
  http: { idleMilliseconds: 60_000, totalMilliseconds: 600_000, maxResponseBytes: 1024 * 1024 * 1024 },
};

export interface GitOptions {
  /** The http(s) clone address, without credentials in it. */
  readonly url: string;
  readonly credentials: CredentialSource;
  /** Replaces single values; the defaults suit 50,000 files. */
  readonly limits?: Partial<GitLimits>;
  /** Left out: no proxy, and the authorities that Node knows. */
  readonly net?: NetSettings;
  /** Left out: commits of our own, not signed. */
  readonly making?: CommitMaking;
  /** Left out: none. */
  readonly pushOptions?: PushOptions;
}

interface State {
  readonly making: CommitMaking;
  readonly host: GitHost;
  readonly store: ObjectStore;
  readonly limits: GitLimits;
  /** What the host said of itself under protocol 2; it is not asked again. */
  dialect: Advertisement | null;
  /** Fetches go one after the other: the second often finds all it needs. */
  queue: Promise<unknown>;
  listed: { readonly commit: Oid; readonly entries: readonly TreeEntry[] } | null;
}

/** Opens a repository; the host is first asked when a method is called. Rejects with `config-invalid` for a bad address. */
export async function createGitWorkspace(options: GitOptions): Promise<GitWorkspace> {
  const limits = { ...GIT_LIMITS, ...options.limits };
  const http = { ...GIT_LIMITS.http, ...limits.http };
  const host = createGitHost(parseGitUrl(options.url), options.credentials, http, options.net);
  const partial = () => state.dialect !== null && canFilter(state.dialect);
  const store = createObjectStore(limits, partial);
  const making = options.making ?? OWN_COMMITS;
  const pusher = createPusher(host, options.pushOptions);
  const state: State = { making, host, store, limits, dialect: null, queue: Promise.resolve(), listed: null };
  const publishAll: Workspace['publishAll'] = (updates, signal) =>
    publishUpdates(updates, {
      make: (draft) => make(state, draft, signal),
      push: (pushes) => pusher.push(pushes, signal),
      adopt: (made) => keepOwn(store, made),
    });
  return {
    refs: async (prefixes, signal) => listRefs(host, await dialectOf(state, signal), prefixes, signal),
    snapshot: (ref, signal) => takeSnapshot(state, ref, signal),
    commit: async (ref, signal): Promise<CommitInfo> => {
      const { tree: _, ...info } = await readCommit(state, ref.oid, signal);
      return info;
    },
    publish: gatherPushes(publishAll),
    publishAll,
    close: async () => {
      store.clear();
      host.close();
    },
  };
}

async function dialectOf(state: State, signal: AbortSignal): Promise<Advertisement> {
  if (state.dialect !== null) return state.dialect;
  const found = await discover(state.host, 'git-upload-pack', signal);
  if (found.version === 2) state.dialect = found;
  return found;
}

async function takeSnapshot(state: State, ref: Ref, signal: AbortSignal): Promise<Snapshot> {
  const { tree } = await readCommit(state, ref.oid, signal);
  if (state.listed?.commit !== ref.oid) {
    const read = (oid: Oid) => state.store.read(oid, 'tree');
    state.listed = { commit: ref.oid, entries: listEntries(tree, read, state.limits) };
  }
  return {
    commit: ref.oid,
    entries: state.listed.entries,
    read: (oid) => readBlob(state, oid, signal),
    prefetch: async () => undefined,
  };
}

async function readBlob(state: State, oid: Oid, signal: AbortSignal): Promise<Uint8Array> {
  const here = state.store.find(oid);
  if (here?.type === 'blob') return here.data;
  const wish = { want: oid, have: [], kind: 'blob', blobLimit: 0 } as const;
  const pack = await fetchPack(state.host, await dialectOf(state, signal), wish, signal);
  const found = (await readPack(pack, () => null, state.limits)).get(oid);
  if (found?.type !== 'blob') throw unreadableAnswer(`the blob ${oid} is not in it`);
  // Not kept: it is large, and its text is read once.
  return found.data;
}

async function readCommit(state: State, oid: Oid, signal: AbortSignal) {
  const work = state.queue.then(async () => {
    if (!state.store.tips().includes(oid)) await fetchCommit(state, oid, signal);
    return parseCommit(oid, state.store.read(oid, 'commit'));
  });
  state.queue = work.catch(() => undefined);
  return work;
}

/** A pack that cannot be completed from what is here is asked for once more, whole. */
async function fetchCommit(state: State, oid: Oid, signal: AbortSignal): Promise<void> {
  const dialect = await dialectOf(state, signal);
  const fetchWith = async (have: readonly Oid[]) => {
    const wish = { want: oid, have, kind: 'commit', blobLimit: state.limits.blobLimit } as const;
    const pack = await fetchPack(state.host, dialect, wish, signal);
    state.store.adopt(oid, await readPack(pack, (base) => state.store.find(base), state.limits));
  };
  const have = state.store.tips();
  if (have.length === 0) return fetchWith([]);
  try {
    await fetchWith(have);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'git-unreadable')) throw error;
    await fetchWith([]);
  }
}

/** What we have pushed need not be fetched, unless the host made it or what it was made of is no longer here. */
function keepOwn(store: ObjectStore, { oid, objects }: MadeCommit): void {
  if (objects.length === 0) return;
  try {
    store.adopt(oid, new Map(objects.map((object) => [oidOf(object), object])));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

async function make(state: State, draft: CommitDraft, signal: AbortSignal) {
  const { tree: parentTree } = await readCommit(state, draft.parent, signal);
  const readTree = (oid: Oid) => state.store.read(oid, 'tree');
  return makeCommit(state.making, { draft, parentTree, readTree }, signal);
}
