import { inflateSync } from 'node:zlib';
import { unreadableAnswer } from '../../unreadable-answer.ts';

/**
 * Unpacks the zlib stream that `input` begins with, which must hold exactly `size` bytes, and tells how long it is itself.
 * Throws `git-unreadable`.
 */
export function inflateAt(input: Buffer, size: number): { readonly data: Buffer; readonly length: number } {
  try {
    // One output chunk of the known size: a stream that holds more is an error at once. `info` tells where it ended.
    const options = { info: true, chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
    const { buffer, engine } = inflateSync(input, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { data: buffer, length: engine.bytesWritten };
  } catch {
    // What zlib says of hostile bytes helps nobody.
  }
  throw unreadableAnswer('an object that cannot be unpacked');
}
