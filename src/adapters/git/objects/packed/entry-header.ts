import { unreadableAnswer } from '../../unreadable-answer.ts';

/** How an entry of a pack begins. */
export interface EntryHeader {
  /** 1 to 4: a whole object; 6 and 7: a delta. */
  readonly type: number;
  /** What its zlib stream unpacks to. */
  readonly size: number;
  readonly end: number;
}

export const OFFSET_DELTA = 6;
export const OID_DELTA = 7;

/** Reads what an entry says of itself. Throws `git-unreadable`. */
export function readHeader(pack: Buffer, offset: number): EntryHeader {
  let at = offset;
  let byte = pack[at] ?? 0;
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  let factor = 16;
  while (byte & 0x80) {
    at += 1;
    byte = pack[at] ?? 0;
    size += (byte & 0x7f) * factor;
    factor *= 128;
    if (factor > 2 ** 46) throw unreadableAnswer('an object with an impossible size');
  }
  if (type === 0 || type === 5) throw unreadableAnswer('an object of an unknown type');
  return { type, size, end: at + 1 };
}

/**
 * Of an offset delta, which begins at `offset` in the pack: where its base does there, and where its stream does in `pack`.
 * Throws `git-unreadable`.
 */
export function readBaseOffset(pack: Buffer, header: EntryHeader, offset: number) {
  let at = header.end;
  let byte = pack[at] ?? 0;
  let back = byte & 0x7f;
  while (byte & 0x80) {
    at += 1;
    byte = pack[at] ?? 0;
    back = (back + 1) * 128 + (byte & 0x7f);
    if (back > offset) throw unreadableAnswer('a delta without a base');
  }
  return { base: offset - back, end: at + 1 };
}
