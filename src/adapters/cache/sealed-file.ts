import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * A file of lines whose last one is the digest of all before it: whatever was cut off, added or changed shows.
 */
export type Sealed =
  | { readonly kind: 'whole'; readonly lines: Iterable<string> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly reason: string };

/** More is neither written nor read: some hundred thousand manifests. */
export const MOST_BYTES = 256 * 1024 * 1024;

const SEAL = 'sha256 ';
const SEAL_LENGTH = SEAL.length + 64 + 1;
const LINE_END = 0x0a;

/** The last line, for a digest in hex. */
export function sealOf(digest: string): string {
  return `${SEAL}${digest}\n`;
}

/** Reads a file of ours. What is no plain file, or another user's, is not opened as one. Never rejects. */
export async function readSealed(path: string): Promise<Sealed> {
  try {
    const bytes = await readOwn(path);
    if (typeof bytes === 'string') return broken(bytes);
    const content = bytes.subarray(0, Math.max(0, bytes.length - SEAL_LENGTH));
    const seal = sealOf(createHash('sha256').update(content).digest('hex'));
    if (bytes.subarray(content.length).toString('latin1') !== seal)
      return broken('its digest does not fit its content');
    return { kind: 'whole', lines: linesOf(content) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return broken(code === 'ELOOP' ? NO_FILE : `it cannot be read: ${code}`);
  }
}

const NO_FILE = 'it is no plain file';

function broken(reason: string): Sealed {
  return { kind: 'broken', reason };
}

/** Its bytes, or why they are not looked at. */
async function readOwn(path: string): Promise<Buffer | string> {
  // Not to wait for whoever may write into a pipe.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    const wrong = whatIsWrong(stats);
    return wrong ?? (await readAll(file, stats.size));
  } finally {
    await file.close();
  }
}

function whatIsWrong(stats: Stats): string | null {
  if (!stats.isFile()) return NO_FILE;
  if (process.getuid !== undefined && stats.uid !== process.getuid()) return 'it belongs to another user';
  return stats.size > MOST_BYTES ? 'it is too large' : null;
}

async function readAll(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

function* linesOf(content: Buffer): Generator<string, void, undefined> {
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(LINE_END, at);
    yield content.toString('utf8', at, end === -1 ? content.length : end);
    if (end === -1) return;
    at = end + 1;
  }
}
