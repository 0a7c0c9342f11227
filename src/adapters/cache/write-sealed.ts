import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MOST_BYTES, sealOf } from './sealed-file.ts';

/** So much is gathered before it is written; in between others have their turn. */
const CHUNK = 32 * 1024;

/** Whoever writes touches its file all the time: after this long it is dead. */
const DEAD_MILLISECONDS = 10 * 60_000;

const MARK = /^\.gitops-reloader-[0-9a-f-]{36}\.tmp$/;

/**
 * Writes lines into a new file beside `path`, and puts it there when it is whole and on the disk. Only its owner may read it.
 * Its name is no other process's, in whatever container; what dead ones left in the folder is removed.
 */
export async function writeSealed(path: string, lines: Iterable<string>, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await beside(folder, async (file, name) => {
    await removeDead(folder, name);
    await writeLines(file, lines, signal);
    await file.sync();
    signal.throwIfAborted();
    await rename(join(folder, name), path);
  });
}

/** Writes a few bytes into the folder, and takes them away. */
export async function tryFolder(folder: string): Promise<void> {
  await beside(folder, async (file) => {
    await file.write('probe\n');
    await file.sync();
  });
}

/** Calls with a new file of the folder, which is made where it is missing. What was not renamed is gone afterwards. */
async function beside(folder: string, write: (file: FileHandle, name: string) => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `.gitops-reloader-${randomUUID()}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(join(folder, name), flags, 0o600);
  try {
    await write(file, name);
  } finally {
    await file.close();
    await unlink(join(folder, name)).catch(() => undefined);
  }
}

async function writeLines(file: FileHandle, lines: Iterable<string>, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  let written = 0;
  const write = async (text: string) => {
    const bytes = Buffer.from(text);
    written += bytes.length;
    if (written > MOST_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    hash.update(bytes);
    await file.writeFile(bytes);
    signal.throwIfAborted();
  };
  let gathered = '';
  for (const line of lines) {
    gathered += `${line}\n`;
    if (gathered.length < CHUNK) continue;
    await write(gathered);
    gathered = '';
  }
  await write(gathered);
  await file.writeFile(sealOf(hash.digest('hex')));
}

/** By the folder's own clock: the file that was just made is as old as now. */
async function removeDead(folder: string, own: string): Promise<void> {
  const now = (await stat(join(folder, own))).mtimeMs;
  for (const name of await readdir(folder)) {
    if (!MARK.test(name) || name === own) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > DEAD_MILLISECONDS) await unlink(path).catch(() => undefined);
  }
}
