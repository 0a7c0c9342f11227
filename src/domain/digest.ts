import { createHash } from 'node:crypto';

/**
 * The SHA-256 of a text (UTF-8), in lower-case hex, cut to `length` digits.
 * The only place in the pure rooms that reaches for `node:crypto`.
 */
export function sha256Hex(text: string, length = 64): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, length);
}
