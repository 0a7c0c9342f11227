/** Longer blobs are not even decoded, in bytes. */
const MAX_DECODED_BYTES = 64 * 1024 * 1024;

export type DecodedText =
  | { readonly kind: 'text'; readonly text: string }
  /** `text` is what can be made of the bytes; good for searching only. */
  | { readonly kind: 'not-text'; readonly text: string }
  | { readonly kind: 'too-large' };

/** A blob as text: strict UTF-8, a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_DECODED_BYTES) return { kind: 'too-large' };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'not-text', text: new TextDecoder(encodingOf(bytes)).decode(bytes) };
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}
