import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { RepoPath } from '../../domain/repo-path.ts';
import { errorCode } from './read-bytes.ts';

/** An open regular file below a folder, or why it is left alone. */
export type OpenedFile =
  | { readonly kind: 'open'; readonly handle: FileHandle; readonly full: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** The folder's own full path, every link in it resolved. Rejects with a `Failure` when it is no folder. */
export async function resolveFolder(folder: string): Promise<string> {
  const hint = 'Name the folder that holds the checkout.';
  try {
    const full = await realpath(folder);
    if ((await lstat(full)).isDirectory()) return full;
  } catch (cause) {
    const message = `could not open the folder ${plainText(folder)}: ${errorCode(cause)}`;
    throw new Failure(message, { code: 'file-unreadable', retry: 'never', hint, cause });
  }
  throw new Failure(`${plainText(folder)} is not a folder`, { code: 'file-unreadable', retry: 'never', hint });
}

/**
 * Opens a file for reading below `root` (from {@link resolveFolder}) without following a link: each segment is looked at, the
 * last is opened without following, and afterwards the folder is still where it was.
 */
export async function openContained(root: string, path: RepoPath): Promise<OpenedFile> {
  const link = await findLink(root, path);
  if (link !== null) return { kind: 'refused', reason: link };
  const full = join(root, path);
  // Not blocking: a pipe that nobody writes to would wait for ever.
  const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let isKept = false;
  try {
    const reason = await whyNot(handle, full);
    if (reason !== null) return { kind: 'refused', reason };
    isKept = true;
    return { kind: 'open', handle, full };
  } finally {
    // Also where the path is gone by now, and looking at it fails.
    if (!isKept) await handle.close();
  }
}

async function findLink(root: string, path: RepoPath): Promise<string | null> {
  let full = root;
  for (const segment of path.split('/')) {
    full = join(full, segment);
    if ((await lstat(full)).isSymbolicLink()) return 'a symbolic link is on its path';
  }
  return null;
}

async function whyNot(handle: FileHandle, full: string): Promise<string | null> {
  const [opened, named] = [await handle.stat(), await lstat(full)];
  if (!opened.isFile()) return 'it is not a regular file';
  const moved =
    opened.ino !== named.ino || opened.dev !== named.dev || (await realpath(dirname(full))) !== dirname(full);
  return moved ? 'it was replaced while it was opened' : null;
}
