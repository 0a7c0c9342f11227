import { type FileHandle, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { isWritablePath, type RepoFile } from '../../domain/repo-path.ts';
import { openContained, resolveFolder } from './contained-path.ts';
import { errorCode, readBytes } from './read-bytes.ts';
import { addFile, replaceFile } from './replace-file.ts';

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
      const { full, handle } = opened;
      return replaceFile({ descriptor: handle.fd, full, text: file.text }) ? { kind: 'written' } : { kind: 'changed' };
    } finally {
      await opened.handle.close();
    }
  } catch (cause) {
    throw unwritable(file.path, cause);
  }
}

/**
 * Makes a file that a checkout does not have yet, in a folder that it has, whole or not at all. Nothing that stands there is replaced, nothing under
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
    return addFile(full, file.text) ? { kind: 'written' } : { kind: 'changed' };
  } catch (cause) {
    throw unwritable(file.path, cause);
  }
}

async function holds(handle: FileHandle, expected: Uint8Array): Promise<boolean> {
  const bytes = await readBytes(handle, expected.length);
  return bytes !== null && Buffer.compare(bytes, expected) === 0;
}

function unwritable(path: string, cause: unknown): Failure {
  return new Failure(`could not write ${plainText(path)}: ${errorCode(cause)}`, {
    code: 'file-unwritable',
    retry: 'never',
    hint: 'Check that the checkout belongs to this user and that there is room on the disk.',
    cause,
  });
}
