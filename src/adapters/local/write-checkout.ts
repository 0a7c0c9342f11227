import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { isWritablePath, type RepoFile } from '../../domain/repo-path.ts';
import { openContained, resolveFolder } from './contained-path.ts';
import { errorCode, readBytes } from './read-bytes.ts';

export type WriteResult =
  | { readonly kind: 'written' }
  /** It no longer holds what was read: read it again. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Replaces the text of a file of a checkout that still holds `expected`. All or nothing: a file beside it is renamed over it,
 * with its mode. Nothing under a `.git…` name is written and no link is followed. Rejects with a `Failure`.
 */
export async function writeCheckoutFile(folder: string, file: RepoFile, expected: Uint8Array): Promise<WriteResult> {
  if (!isWritablePath(file.path)) return { kind: 'refused', reason: 'nothing under a .git name is written' };
  const root = await resolveFolder(folder);
  try {
    const opened = await openContained(root, file.path);
    if (opened.kind === 'refused') return opened;
    try {
      if (!(await holds(opened.handle, expected))) return { kind: 'changed' };
      return await replace(opened.full, opened.handle, file.text);
    } finally {
      await opened.handle.close();
    }
  } catch (cause) {
    throw unwritable(file.path, cause);
  }
}

/**
 * Makes a file that a checkout does not have yet, in a folder that it has. Nothing that stands there is replaced, nothing under
 * a `.git…` name is written and no link is followed. Rejects with a `Failure`.
 */
export async function addCheckoutFile(folder: string, file: RepoFile): Promise<WriteResult> {
  if (!isWritablePath(file.path)) return { kind: 'refused', reason: 'nothing under a .git name is written' };
  const root = await resolveFolder(folder);
  const full = join(root, file.path);
  try {
    // A link on the way would lead elsewhere.
    if ((await realpath(dirname(full))) !== dirname(full)) {
      return { kind: 'refused', reason: 'a symbolic link is on its path' };
    }
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(full, flags, 0o644);
    try {
      await handle.writeFile(file.text, 'utf8');
    } finally {
      await handle.close();
    }
    return { kind: 'written' };
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return { kind: 'changed' };
    throw unwritable(file.path, cause);
  }
}

async function holds(handle: FileHandle, expected: Uint8Array): Promise<boolean> {
  const bytes = await readBytes(handle, expected.length);
  return bytes !== null && Buffer.compare(bytes, expected) === 0;
}

async function replace(full: string, current: FileHandle, text: string): Promise<WriteResult> {
  const before = await current.stat();
  const beside = join(dirname(full), `.${basename(full).slice(0, 100)}.${process.pid}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(beside, flags, 0o600);
  try {
    try {
      await handle.writeFile(text, 'utf8');
      await handle.chmod(before.mode & 0o777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = await lstat(full);
    const same = now.ino === before.ino && now.mtimeMs === before.mtimeMs && now.size === before.size;
    if (same) await rename(beside, full);
    else await unlink(beside);
    return same ? { kind: 'written' } : { kind: 'changed' };
  } catch (error) {
    await unlink(beside).catch(() => undefined);
    throw error;
  }
}

function unwritable(path: string, cause: unknown): Failure {
  return new Failure(`could not write ${plainText(path)}: ${errorCode(cause)}`, {
    code: 'file-unwritable',
    retry: 'never',
    hint: 'Check that the checkout belongs to this user and that there is room on the disk.',
    cause,
  });
}
