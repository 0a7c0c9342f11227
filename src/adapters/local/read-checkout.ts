import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, internalFailure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Problem } from '../../domain/problem.ts';
import { type Oid, parseRepoPath, type RepoPath } from '../../domain/repo-path.ts';
import type { Snapshot, TreeEntry } from '../../ports.ts';
import { openContained, resolveFolder } from './contained-path.ts';
import { errorCode, readBytes } from './read-bytes.ts';
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
  /** What was left out, and why. */
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
  readonly problems: Problem[];
}

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
  const walk: Walk = { root, limits: { ...LIMITS, ...limits }, signal, entries: [], problems: [] };
  await walkFolder(walk, '', 0);
  const entries = walk.entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const head = await readHead(root);
  const paths = new Map(entries.map((entry) => [entry.oid, entry.path]));
  const snapshot: Snapshot = {
    commit: head ?? NO_COMMIT,
    entries,
    read: (oid) => readEntry(root, paths.get(oid), walk.limits.maxFileBytes),
  };
  return { head, snapshot, problems: walk.problems };
}

async function walkFolder(walk: Walk, folder: string, depth: number): Promise<void> {
  walk.signal.throwIfAborted();
  if (depth > walk.limits.maxDepth) return report(walk, folder, `deeper than ${walk.limits.maxDepth} folders`);
  const names = await readdir(join(walk.root, folder), { encoding: 'buffer' }).catch((error: unknown) => {
    report(walk, folder, `could not list the folder: ${errorCode(error)}`);
    return [];
  });
  for (const bytes of names) {
    const name = bytes.toString('utf8');
    const path = parseRepoPath(folder === '' ? name : `${folder}/${name}`);
    if (name.toLowerCase() === '.git') continue;
    if (path === null || !Buffer.from(name, 'utf8').equals(bytes)) {
      report(walk, folder, `left out ${plainText(name, 80)}: its name is not plain UTF-8`);
    } else {
      await walkEntry(walk, path, depth);
    }
  }
}

async function walkEntry(walk: Walk, path: RepoPath, depth: number): Promise<void> {
  const stat = await lstat(join(walk.root, path)).catch(() => null);
  if (stat === null) return report(walk, path, 'it went away while the folder was read');
  if (stat.isSymbolicLink()) return add(walk, path, '120000');
  if (stat.isFile()) return add(walk, path, (stat.mode & 0o100) === 0 ? '100644' : '100755');
  if (!stat.isDirectory()) return report(walk, path, 'neither a file nor a folder');
  const nested = await lstat(join(walk.root, path, '.git')).catch(() => null);
  return nested === null ? walkFolder(walk, path, depth + 1) : add(walk, path, '160000');
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

async function readEntry(root: string, path: string | undefined, limit: number): Promise<Uint8Array> {
  const safe = parseRepoPath(path ?? '');
  if (safe === null) throw internalFailure('only entries of the same checkout are read');
  const unreadable = (why: string, cause?: unknown): Failure =>
    new Failure(`could not read ${plainText(safe)}: ${why}`, {
      code: 'file-unreadable',
      retry: 'never',
      hint: 'Check the file, and that nothing else writes to the checkout.',
      cause,
    });
  const opened = await openContained(root, safe).catch((cause: unknown) => {
    throw unreadable(errorCode(cause), cause);
  });
  if (opened.kind === 'refused') throw unreadable(opened.reason);
  try {
    const bytes = await readBytes(opened.handle, limit);
    if (bytes === null) throw unreadable(`it is longer than ${limit} bytes`);
    return bytes;
  } finally {
    await opened.handle.close();
  }
}
