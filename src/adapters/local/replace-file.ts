import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What an open file is replaced by, and where it stands: a full path whose folders are no links. */
export interface Replacement {
  readonly descriptor: number;
  readonly full: string;
  readonly text: string;
}

/**
 * Renames a new file over an open one, with its mode; false, and nothing changed, when the path no longer leads to it. In one
 * go, so that a signal which the program listens for finds either file whole and nothing beside it. What a killed process left
 * beside this file is removed.
 */
export function replaceFile({ descriptor, full, text }: Replacement): boolean {
  const folder = dirname(full);
  const mark = markOf(full);
  removeLeftOvers(folder, mark);
  const before = fstatSync(descriptor);
  const beside = join(folder, `${mark}${process.pid}.tmp`);
  writeBeside(beside, text, before.mode & 0o777);
  try {
    const now = lstatSync(full);
    const same =
      now.ino === before.ino &&
      now.dev === before.dev &&
      now.mtimeMs === before.mtimeMs &&
      now.size === before.size &&
      realpathSync(folder) === folder;
    if (same) renameSync(beside, full);
    else unlinkSync(beside);
    return same;
  } catch (error) {
    removeQuietly(beside);
    throw error;
  }
}

/** Puts a new file where nothing stands; false, and nothing changed, where something does. In one go, like {@link replaceFile}. */
export function addFile(full: string, text: string): boolean {
  const folder = dirname(full);
  const mark = markOf(full);
  removeLeftOvers(folder, mark);
  const beside = join(folder, `${mark}${process.pid}.tmp`);
  writeBeside(beside, text, 0o644);
  try {
    // A link is only made where there is no file, no folder and no other link of that name.
    linkSync(beside, full);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    removeQuietly(beside);
  }
}

/** How the names begin that new files for this one have, whatever the length of its own: a name has 255 bytes at most. */
function markOf(full: string): string {
  return `.gitops-reloader-${createHash('sha256').update(basename(full)).digest('hex').slice(0, 12)}-`;
}

function writeBeside(beside: string, text: string, mode: number): void {
  const descriptor = openSync(
    beside,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    writeFileSync(descriptor, text, 'utf8');
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } catch (error) {
    removeQuietly(beside);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Nobody else will remove what a process left that was killed between two steps. */
function removeLeftOvers(folder: string, mark: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(mark)) continue;
    const writer = /^(\d{1,10})\.tmp$/.exec(name.slice(mark.length))?.[1];
    if (writer !== undefined && !isRunning(Number(writer))) removeQuietly(join(folder, name));
  }
}

/** This very process has nothing under way: it writes one file at a time, each in one go. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or cannot be removed: what is told is the first error.
  }
}
