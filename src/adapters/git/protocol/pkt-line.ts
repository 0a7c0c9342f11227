import { unreadableAnswer } from '../unreadable-answer.ts';

/** One packet of Git's wire format: four hex digits of length, then bytes; or one of three marks without bytes. */
export type Packet =
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'flush' }
  | { readonly kind: 'delimiter' };

export const FLUSH = Buffer.from('0000');
export const DELIMITER = Buffer.from('0001');

/** A packet with these bytes (at most 65,516); texts are UTF-8. */
export function packet(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** The packets of a whole answer, in order. Rejects what is cut or malformed with `git-unreadable`. */
export function* readPackets(bytes: Buffer): Generator<Packet> {
  let at = 0;
  while (at < bytes.length) {
    const digits = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw unreadableAnswer('a packet without a length');
    const length = Number.parseInt(digits, 16);
    if (length === 3) throw unreadableAnswer('a packet of an impossible length');
    if (length < 4) {
      // 2 ends an answer on a connection that stays open; over HTTP it says no more than a flush.
      yield { kind: length === 1 ? 'delimiter' : 'flush' };
      at += 4;
      continue;
    }
    if (at + length > bytes.length) throw unreadableAnswer('a packet that is cut short');
    yield { kind: 'data', bytes: bytes.subarray(at + 4, at + length) };
    at += length;
  }
}

/** The text of a packet without its line end. */
export function lineOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
