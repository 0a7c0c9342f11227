import { Failure, internalFailure } from '../../domain/failure.ts';
import { isSafeRefName, type Oid } from '../../domain/repo-path.ts';
import type { CommitInfo, Ref, RefUpdate, Snapshot, TreeEntry, Workspace } from '../../ports.ts';
import type { HttpLimits } from '../net/http-request.ts';
import type { NetSettings } from '../net/net-settings.ts';
import { type CommitMaking, makeCommit, OWN_COMMITS } from './make-commit.ts';
import { parseCommit } from './objects/commit.ts';
import { listEntries } from './objects/list-entries.ts';
import { createObjectStore, type ObjectStore, type StoreLimits } from './objects/object-store.ts';
import { type PackLimits, readPack } from './objects/pack-read.ts';
import { writePack } from './objects/pack-write.ts';
import { canFilter, fetchPack } from './protocol/fetch-pack.ts';
import { type CredentialSource, createGitHost, type GitHost, parseGitUrl } from './protocol/git-host.ts';
import { pushRef } from './protocol/receive-pack.ts';
import { type Advertisement, discover, listRefs } from './protocol/server-refs.ts';
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
}

interface State {
  readonly making: CommitMaking;
  readonly host: GitHost;
  readonly store: ObjectStore;
  readonly limits: GitLimits;
  /** What the host said of itself; only where it speaks no protocol 2 it is asked again, for its refs. */
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
  const state: State = { making, host, store, limits, dialect: null, queue: Promise.resolve(), listed: null };
  return {
    refs: (prefixes, signal) => listHere(state, prefixes, signal),
    snapshot: (ref, signal) => takeSnapshot(state, ref, signal),
    commit: async (ref, signal): Promise<CommitInfo> => {
      const { tree: _, ...info } = await readCommit(state, ref.oid, signal);
      return info;
    },
    publish: (update, signal) => publish(state, update, signal),
    close: async () => {
      store.clear();
      host.close();
    },
  };
}

async function listHere(state: State, prefixes: readonly string[], signal: AbortSignal): Promise<readonly Ref[]> {
  try {
    const known = state.dialect?.version === 2 ? state.dialect : await askDialect(state, signal);
    return await listRefs(state.host, known, prefixes, signal);
  } catch (error) {
    // It may speak another protocol than before: what stands before it was changed, or it was.
    if (error instanceof Failure && ['git-unreadable', 'git-rejected'].includes(error.code)) state.dialect = null;
    throw error;
  }
}

/** What the host can do; under the first protocol its list of refs, which comes with it, is not kept. */
async function dialectOf(state: State, signal: AbortSignal): Promise<Advertisement> {
  return state.dialect ?? (await askDialect(state, signal));
}

async function askDialect(state: State, signal: AbortSignal): Promise<Advertisement> {
  const found = await discover(state.host, 'git-upload-pack', signal);
  state.dialect = { ...found, refs: [] };
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

async function publish(state: State, { ref, expected, to }: RefUpdate, signal: AbortSignal) {
  if (!isSafeRefName(ref)) throw internalFailure('only well-formed branches are published');
  if (to === null) return pushRef(state.host, { kind: 'delete', ref, expected }, signal);
  const parent = await readCommit(state, to.parent, signal);
  const readTree = (oid: Oid) => state.store.read(oid, 'tree');
  const made = await makeCommit(state.making, { draft: to, parentTree: parent.tree, readTree }, signal);
  const pack = writePack(made.objects);
  const push = { kind: 'move', ref, expected, oid: made.oid, parent: to.parent, pack } as const;
  return pushRef(state.host, push, signal);
}
