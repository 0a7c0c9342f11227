import { fstatSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** A file from its beginning; null when it is longer than `limit` bytes, however long it says it is. */
export async function readBytes(handle: FileHandle, limit: number): Promise<Uint8Array | null> {
  const { size } = await handle.stat();
  if (size > limit) return null;
  // One byte more than allowed: a file that grows while it is read shows itself.
  const buffer = Buffer.alloc(Math.min(limit, Math.max(size, 4096)) + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return null;
}

/** As {@link readBytes}, for an open descriptor and without the thread pool. */
export function readBytesSync(descriptor: number, limit: number): Uint8Array | null {
  const { size } = fstatSync(descriptor);
  if (size > limit) return null;
  const buffer = Buffer.alloc(Math.min(limit, Math.max(size, 4096)) + 1);
  let length = 0;
  while (length < buffer.length) {
    const bytesRead = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return null;
}

/** The system's name for what went wrong (`ENOENT`), which holds no path and no content. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
