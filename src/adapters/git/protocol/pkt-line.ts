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

/** Cuts an answer into its packets while it comes. */
export interface PacketReader {
  /** The packets that are here as a whole with these bytes, in order. Rejects what is malformed with `git-unreadable`. */
  read(bytes: Buffer): Generator<Packet>;
  /** Throws `git-unreadable` where the answer ended within a packet. */
  end(): void;
}

const LENGTH_DIGITS = 4;

/** A reader before the first byte. */
export function createPacketReader(): PacketReader {
  let parts: Buffer[] = [];
  let held = 0;
  /** What the next packet needs to be whole, as far as that is known. */
  let needs = LENGTH_DIGITS;
  return {
    read: function* read(bytes) {
      parts.push(bytes);
      held += bytes.length;
      if (held < needs) return;
      const all = parts.length === 1 ? bytes : Buffer.concat(parts, held);
      let at = 0;
      needs = LENGTH_DIGITS;
      while (all.length - at >= needs) {
        const length = lengthAt(all, at);
        needs = Math.max(length, LENGTH_DIGITS);
        if (all.length - at < needs) break;
        // 2 ends an answer on a connection that stays open; over HTTP it says no more than a flush.
        if (length < LENGTH_DIGITS) yield { kind: length === 1 ? 'delimiter' : 'flush' };
        else yield { kind: 'data', bytes: all.subarray(at + LENGTH_DIGITS, at + length) };
        at += needs;
        needs = LENGTH_DIGITS;
      }
      parts = [all.subarray(at)];
      held = all.length - at;
    },
    end: () => {
      if (held > 0) throw unreadableAnswer(held < LENGTH_DIGITS ? NO_LENGTH : 'a packet that is cut short');
    },
  };
}

const NO_LENGTH = 'a packet without a length';

function lengthAt(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + LENGTH_DIGITS);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw unreadableAnswer(NO_LENGTH);
  const length = Number.parseInt(digits, 16);
  if (length === 3) throw unreadableAnswer('a packet of an impossible length');
  return length;
}

/** The packets of a whole answer, in order. Rejects what is cut or malformed with `git-unreadable`. */
export function* readPackets(bytes: Buffer): Generator<Packet> {
  const reader = createPacketReader();
  yield* reader.read(bytes);
  reader.end();
}

/** The text of a packet without its line end. */
export function lineOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
