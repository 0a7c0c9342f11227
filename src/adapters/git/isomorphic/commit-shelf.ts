import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import { netFailure } from '../../net/net-failure.ts';
import type { StoreLimits } from '../objects/object-store.ts';
import type { PackLimits } from '../objects/packed/unpack.ts';
import type { GitHost } from '../protocol/git-host.ts';
import { type CommitFolder, fetchInto, openFolder, removeFolder, type TreeCommit } from './commit-folder.ts';
import { codeOf, diskFailure } from './iso-failure.ts';
import { proveCommit } from './prove-commit.ts';

/** `maxTips` is the number of commits in one folder. */
export interface ShelfLimits extends StoreLimits, PackLimits {
  /** Each commit fetched without its neighbours has a folder of its own; beyond this number the longest unused go. */
  readonly maxFolders: number;
}

export interface ShelfOptions {
  readonly host: GitHost;
  /** The same host with a small limit on answers. */
  readonly frugal: GitHost;
  /** Null: the system's temporary folder. */
  readonly cacheDir: string | null;
  readonly limits: ShelfLimits;
}

/** What is wanted: a commit by id, and the ref it was seen at, where one is known. */
export interface Wanted {
  readonly oid: Oid;
  readonly name: string | null;
}

export interface Shelved {
  readonly folder: CommitFolder;
  readonly commit: TreeCommit;
}

/** Commits on disk, fetched when they are asked for. Callers take turns: `get` and `drop` never run at the same time. */
export interface CommitShelf {
  /** A whole commit that is here already. */
  find(oid: Oid): Shelved | null;
  /** A whole commit, fetched if need be. Rejects with a Failure. */
  get(wanted: Wanted, signal: AbortSignal): Promise<Shelved>;
  /** Forgets a folder in which something cannot be read. */
  drop(folder: CommitFolder): Promise<void>;
  /** Removes everything from the disk. */
  clear(): Promise<void>;
}

interface State {
  readonly options: ShelfOptions;
  /** The longest unused first. */
  folders: CommitFolder[];
  root: string | null;
}

/** An empty shelf; its private folder is made when the first commit is fetched. */
export function createCommitShelf(options: ShelfOptions): CommitShelf {
  const state: State = { options, folders: [], root: null };
  return {
    find: (oid) => find(state, oid),
    drop: (folder) => drop(state, folder),
    get: async (wanted, signal) => {
      const { oid, name } = wanted;
      const here = await findOnDisk(state, oid);
      if (here === null && signal.aborted) throw stopped(oid, options.host);
      const shelved = here ?? (await fetchNext(state, wanted, signal)) ?? (await fetchAlone(state, oid, signal));
      if (name !== null) shelved.folder.refs.set(name, oid);
      return shelved;
    },
    clear: async () => {
      state.folders = [];
      if (state.root !== null) await rm(state.root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function find(state: State, oid: Oid): Shelved | null {
  for (const folder of state.folders) {
    const commit = folder.commits.get(oid);
    if (commit === undefined) continue;
    state.folders = [...state.folders.filter((one) => one !== folder), folder];
    return { folder, commit };
  }
  return null;
}

/** Temporary folders are cleaned by others too. isomorphic-git would make them anew, for everybody to read. */
async function findOnDisk(state: State, oid: Oid): Promise<Shelved | null> {
  for (let found = find(state, oid); found !== null; found = find(state, oid)) {
    if (await isThere(found.folder.gitdir)) return found;
    await drop(state, found.folder);
  }
  return null;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function drop(state: State, folder: CommitFolder): Promise<void> {
  state.folders = state.folders.filter((one) => one !== folder);
  await removeFolder(folder);
}

/** One commit without its history, in a folder of its own. */
async function fetchAlone(state: State, oid: Oid, signal: AbortSignal): Promise<Shelved> {
  const { host, cacheDir, limits } = state.options;
  if (state.root === null || !(await isThere(state.root))) state.root = await makeRoot(cacheDir);
  const folder = await openFolder(state.root);
  try {
    await fetchInto(folder, host, { want: oid, have: null, limits }, signal);
    const commit = await proveCommit(folder, oid, limits);
    state.folders.push(folder);
    for (const old of state.folders.slice(0, -limits.maxFolders)) await drop(state, old);
    return { folder, commit };
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

/**
 * What is new since the commit that the ref was last seen at. Where the ref was rewritten instead of moved on, the host
 * would send the history down to the first commit: the frugal connection ends that early, and null comes back, as it does
 * where nothing suitable is here.
 */
async function fetchNext(state: State, { oid, name }: Wanted, signal: AbortSignal): Promise<Shelved | null> {
  const { frugal, limits } = state.options;
  const folder = name === null ? undefined : state.folders.findLast((one) => one.refs.has(name));
  const have = folder?.refs.get(name ?? '');
  if (folder === undefined || have === undefined || folder.commits.size >= limits.maxTips) return null;
  try {
    await fetchInto(folder, frugal, { want: oid, have, limits }, signal);
    await proveCommit(folder, oid, limits);
    return find(state, oid);
  } catch (error) {
    if (folder.unproved) await drop(state, folder);
    if (isAboutTheAnswer(error)) return null;
    throw error;
  }
}

/** After `clear` nothing is written to the disk any more, not even an empty folder. */
function stopped(oid: Oid, host: GitHost): Failure {
  const error = {
    kind: 'net-error',
    reason: 'aborted',
    detail: 'stopped before the request was sent',
    sent: false,
  } as const;
  return netFailure('git', `fetch ${oid} of ${host.name}`, error);
}

function isAboutTheAnswer(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'git-unreadable' || error.code === 'git-rejected');
}

/** `mkdtemp` makes a folder that only this user may enter. */
async function makeRoot(cacheDir: string | null): Promise<string> {
  try {
    if (cacheDir !== null) await mkdir(cacheDir, { recursive: true, mode: 0o700 });
    return await mkdtemp(join(cacheDir ?? tmpdir(), 'gitops-reloader-objects-'));
  } catch (error) {
    throw diskFailure(codeOf(error));
  }
}
