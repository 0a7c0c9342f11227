import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { Failure, internalFailure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Problem } from '../../domain/problem.ts';
import { type Oid, parseRepoPath, type RepoPath } from '../../domain/repo-path.ts';
import type { Snapshot, TreeEntry } from '../../ports.ts';
import { resolveFolder } from './contained-path.ts';
import { errorCode, readBytesSync } from './read-bytes.ts';
import { readHead } from './read-head.ts';

/**
 * Folder `local`: this machine. Files, time, environment and log lines; it knows no host and starts no program.
 *
 * A user's checkout, read as it lies there, changes that are not committed included.
 */
export interface Checkout {
  /** The commit it stands on; null where that cannot be told. */
  readonly head: Oid | null;
  /** Ids of entries stand for paths, not for content; `commit` is forty zeros where `head` is null. */
  readonly snapshot: Snapshot;
  /** Files that are too long to be read: they are no entries. */
  readonly tooLarge: readonly RepoPath[];
  /** What else was left out, and why. */
  readonly problems: readonly Problem[];
}

/** Bounds of what is read; each a whole number. */
export interface CheckoutLimits {
  readonly maxEntries: number;
  readonly maxDepth: number;
  readonly maxFileBytes: number;
}

const LIMITS: CheckoutLimits = { maxEntries: 500_000, maxDepth: 64, maxFileBytes: 16 * 1024 * 1024 };
const NO_COMMIT = '0'.repeat(40);

interface Walk {
  readonly root: string;
  readonly limits: CheckoutLimits;
  readonly signal: AbortSignal;
  readonly entries: TreeEntry[];
  readonly tooLarge: RepoPath[];
  /** Which file stood at each path when the folder was walked. */
  readonly seen: Map<string, FileIdentity>;
  readonly problems: Problem[];
}

type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/**
 * Lists a folder without following a link or starting `git`: `.git` is passed over, links and nested repositories are entries
 * of their own mode. Contents are read when they are asked for. Rejects with a `Failure`.
 */
export async function readCheckout(
  folder: string,
  signal: AbortSignal,
  limits: Partial<CheckoutLimits> = {},
): Promise<Checkout> {
  const root = await resolveFolder(folder);
  const found = { entries: [], tooLarge: [], seen: new Map(), problems: [] };
  const walk: Walk = { root, limits: { ...LIMITS, ...limits }, signal, ...found };
  walkFolder(walk, '', 0);
  const entries = walk.entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const head = await readHead(root);
  const paths = new Map(entries.map((entry) => [entry.oid, entry.path]));
  const snapshot: Snapshot = {
    commit: head ?? NO_COMMIT,
    entries,
    read: async (oid) => readEntry(walk, paths.get(oid)),
    prefetch: async () => undefined,
  };
  return { head, snapshot, tooLarge: walk.tooLarge.toSorted(), problems: walk.problems };
}

// Synchronous on purpose: for tens of thousands of small files the way through the thread pool takes most of the time.
function walkFolder(walk: Walk, folder: string, depth: number): void {
  walk.signal.throwIfAborted();
  if (depth > walk.limits.maxDepth) return report(walk, folder, `deeper than ${walk.limits.maxDepth} folders`);
  for (const bytes of listFolder(walk, folder)) {
    const name = bytes.toString('utf8');
    const path = parseRepoPath(folder === '' ? name : `${folder}/${name}`);
    if (name.toLowerCase() === '.git') continue;
    if (path === null || !Buffer.from(name, 'utf8').equals(bytes)) {
      report(walk, folder, `left out ${plainText(name, 80)}: its name is not plain UTF-8`);
    } else {
      walkEntry(walk, path, depth);
    }
  }
}

function listFolder(walk: Walk, folder: string): readonly Buffer[] {
  try {
    return readdirSync(join(walk.root, folder), { encoding: 'buffer' });
  } catch (error) {
    report(walk, folder, `could not list the folder: ${errorCode(error)}`);
    return [];
  }
}

function walkEntry(walk: Walk, path: RepoPath, depth: number): void {
  const stat = lstatSync(join(walk.root, path), { throwIfNoEntry: false });
  if (stat === undefined) return report(walk, path, 'it went away while the folder was read');
  if (stat.isSymbolicLink()) return add(walk, path, '120000');
  if (stat.isFile()) {
    if (stat.size > walk.limits.maxFileBytes) {
      walk.tooLarge.push(path);
      return;
    }
    walk.seen.set(path, { dev: stat.dev, ino: stat.ino });
    return add(walk, path, (stat.mode & 0o100) === 0 ? '100644' : '100755');
  }
  if (!stat.isDirectory()) return report(walk, path, 'neither a file nor a folder');
  const nested = lstatSync(join(walk.root, path, '.git'), { throwIfNoEntry: false });
  return nested === undefined ? walkFolder(walk, path, depth + 1) : add(walk, path, '160000');
}

function add(walk: Walk, path: RepoPath, mode: string): void {
  if (walk.entries.length >= walk.limits.maxEntries) {
    throw new Failure(`the folder holds more than ${walk.limits.maxEntries} files`, {
      code: 'input-invalid',
      retry: 'never',
      hint: 'Name the folder of the checkout itself, or a fresh clone without build output.',
    });
  }
  walk.entries.push({ path, mode, oid: createHash('sha1').update(path, 'utf8').digest('hex') });
}

function report(walk: Walk, path: string, message: string): void {
  const file = plainText(path === '' ? '.' : path);
  walk.problems.push({ message, file, line: null, column: null, hint: null });
}

function readEntry(walk: Walk, path: string | undefined): Uint8Array {
  const safe = parseRepoPath(path ?? '');
  if (safe === null) throw internalFailure('only entries of the same checkout are read');
  const unreadable = (why: string, cause?: unknown): Failure =>
    new Failure(`could not read ${plainText(safe)}: ${why}`, {
      code: 'file-unreadable',
      retry: 'never',
      hint: 'Check the file, and that nothing else writes to the checkout.',
      cause,
    });
  const result = readSeen(walk, safe, unreadable);
  if (typeof result === 'string') throw unreadable(result);
  return result;
}

/**
 * The bytes of the very file that the walk saw: no link was followed then, and none is now, wherever a folder on the way
 * has gone meanwhile. A text says why it is left alone.
 */
function readSeen(
  { root, seen, limits }: Walk,
  path: RepoPath,
  unreadable: (why: string, cause: unknown) => Failure,
): Uint8Array | string {
  const expected = seen.get(path);
  if (expected === undefined) return 'it is not a regular file';
  const descriptor = openDescriptor(join(root, path), unreadable);
  try {
    const { dev, ino } = fstatSync(descriptor);
    if (dev !== expected.dev || ino !== expected.ino) return 'it was replaced while the checkout was read';
    return readBytesSync(descriptor, limits.maxFileBytes) ?? `it is longer than ${limits.maxFileBytes} bytes`;
  } finally {
    closeSync(descriptor);
  }
}

// Not blocking: a pipe that nobody writes to would wait for ever.
function openDescriptor(full: string, unreadable: (why: string, cause: unknown) => Failure): number {
  try {
    return openSync(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const link = errorCode(cause) === 'ELOOP';
    throw unreadable(link ? 'it was replaced while the checkout was read' : errorCode(cause), cause);
  }
}
