import { inflateSync } from 'node:zlib';
import { unreadableAnswer } from '../../unreadable-answer.ts';

/** What a zlib stream holds, and how long it is itself. */
export interface Inflated {
  readonly data: Buffer;
  readonly length: number;
}

/**
 * Unpacks the zlib stream that `input` begins with, which must hold exactly `size` bytes; null where it goes on behind `input`.
 * Throws `git-unreadable`.
 */
export function inflateAt(input: Buffer, size: number): Inflated | null {
  try {
    // One output chunk of the known size: a stream that holds more is an error at once. `info` tells where it ended.
    const options = { info: true, chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
    const { buffer, engine } = inflateSync(input, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { data: buffer, length: engine.bytesWritten };
  } catch (error) {
    // Else: what zlib says of hostile bytes helps nobody.
    if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') return null;
  }
  throw cannotUnpack();
}

/** The bytes of a zlib stream that is here as a whole. Throws `git-unreadable`. */
export function inflate(stream: Buffer, size: number): Buffer {
  const inflated = inflateAt(stream, size);
  if (inflated === null) throw cannotUnpack();
  return inflated.data;
}

export function cannotUnpack() {
  return unreadableAnswer('an object that cannot be unpacked');
}
