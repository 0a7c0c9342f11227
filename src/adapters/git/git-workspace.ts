import type { Oid } from '../../domain/repo-path.ts';
import type { CommitDraft, CommitInfo, Ref, Snapshot, SnapshotContent, Workspace } from '../../ports.ts';
import type { HttpLimits } from '../net/http-request.ts';
import type { NetSettings } from '../net/net-settings.ts';
import { askAnewBehind } from './ask-anew.ts';
import { type Fetching, getBlob, getCommit, keepOwn, listHere, prefetchBlobs } from './fetch-objects.ts';
import { gatherPushes } from './gather-pushes.ts';
import { type CommitMaking, makeCommit, OWN_COMMITS } from './make-commit.ts';
import { type Listing, listEntries } from './objects/list-entries.ts';
import { createObjectStore, type StoreOptions } from './objects/object-store.ts';
import { type CredentialSource, createGitHost, parseGitUrl } from './protocol/git-host.ts';
import { createPusher, type PushOptions } from './protocol/receive-pack.ts';
import { publishUpdates } from './publish-updates.ts';
import { createTurns, type TakeTurn } from './turns.ts';

/**
 * Folder `git`: a repository on a Git host, over smart HTTP, without the `git` program, a work tree or a disk. `protocol`
 * speaks to the host, `objects` holds what came back. It knows nothing of pull requests. No commit it did not prove whole
 * is used, and no ref moves but by compare-and-swap.
 */
export interface GitWorkspace extends Workspace {
  /** Forgets all objects and closes the connections. */
  close(): Promise<void>;
}

interface GitLimits extends StoreOptions {
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

interface State extends Fetching {
  readonly making: CommitMaking;
  readonly limits: GitLimits;
  /**
   * Called behind a list, and before each blob that is read: what is here is read without waiting for anything, and whoever
   * edits a file after each read would keep everybody else waiting until all are done.
   */
  readonly takeTurns: TakeTurn;
  listed: { readonly commit: Oid; readonly listing: Listing } | null;
}

/** Opens a repository; the host is first asked when a method is called. Rejects with `config-invalid` for a bad address. */
export async function createGitWorkspace(options: GitOptions): Promise<GitWorkspace> {
  const limits = { ...GIT_LIMITS, ...options.limits };
  const http = { ...GIT_LIMITS.http, ...limits.http };
  const host = createGitHost(parseGitUrl(options.url), options.credentials, http, options.net);
  const store = createObjectStore(limits);
  const making = options.making ?? OWN_COMMITS;
  const pusher = createPusher(host, options.pushOptions);
  const fetching = {
    host,
    store,
    blobLimit: limits.blobLimit,
    dialect: null,
    queue: Promise.resolve(),
    singles: 0,
    fetched: [],
  };
  const state: State = { ...fetching, blobs: 'with-commits', making, limits, takeTurns: createTurns(), listed: null };
  const publishAll: Workspace['publishAll'] = (updates, signal) =>
    publishUpdates(updates, {
      make: (draft) => make(state, draft, signal),
      push: (pushes) => pusher.push(pushes, signal),
      adopt: (made) => keepOwn(state, made),
    });
  return {
    refs: (prefixes, signal) => listHere(state, prefixes, signal),
    snapshot: (ref, signal, content) => askAnewBehind(state, takeSnapshot(state, ref, content ?? 'files', signal)),
    commit: async (ref, signal): Promise<CommitInfo> => {
      const { tree: _, ...info } = await askAnewBehind(state, getCommit(state, ref.oid, 'none', signal));
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

async function takeSnapshot(
  state: State,
  { oid: commit }: Ref,
  content: SnapshotContent,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { tree } = await getCommit(state, commit, content, signal);
  const read = (oid: Oid) => state.store.read(oid, 'tree');
  if (state.listed?.commit !== commit) {
    state.listed = { commit, listing: listEntries(tree, read, state.limits, state.listed?.listing) };
  }
  const { entries } = state.listed.listing;
  await state.takeTurns();
  return {
    commit,
    entries,
    read: async (oid) => {
      await state.takeTurns();
      return askAnewBehind(state, getBlob(state, commit, oid, signal));
    },
    prefetch: (oids, stop) => askAnewBehind(state, prefetchBlobs(state, commit, oids, stop)),
  };
}

async function make(state: State, draft: CommitDraft, signal: AbortSignal) {
  const { tree: parentTree } = await getCommit(state, draft.parent, 'none', signal);
  const readTree = (oid: Oid) => state.store.read(oid, 'tree');
  return makeCommit(state.making, { draft, parentTree, readTree }, signal);
}
