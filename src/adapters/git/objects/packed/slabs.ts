/**
 * Unpacked objects for as long as there is room: written one behind the other into large pieces, as thousands of buffers of
 * their own would cost more than their bytes. The oldest piece goes first, but for those that were read to their end.
 */
export interface Slabs {
  /** Where these many bytes can be written. */
  take(size: number): Place;
  /** The piece of this number; null where it has gone. */
  get(slab: number): Buffer | null;
  /** Whoever reads everything once has read one of its objects: after the last of them the piece goes. */
  done(slab: number): void;
  /** From now on at most so many bytes are kept. */
  limit(bytes: number): void;
}

interface Place {
  /** From 1 on, and never the same again. */
  readonly slab: number;
  readonly bytes: Buffer;
  readonly at: number;
}

const SLAB_BYTES = 1024 * 1024;
const NONE = Buffer.alloc(0);

interface Piece {
  readonly bytes: Buffer;
  /** How many of its objects were not read yet. */
  unread: number;
}

/** Without any piece; keeps at most so many bytes. */
export function createSlabs(most: number): Slabs {
  const kept = new Map<number, Piece>();
  let current: Piece = { bytes: NONE, unread: 0 };
  let currentSlab = 0;
  let used = 0;
  let last = 0;
  let total = 0;
  let bound = most;

  const drop = (slab: number, piece: Piece) => {
    // The piece that is being written stays, or each object would open one of its own.
    if (piece === current) return;
    kept.delete(slab);
    total -= piece.bytes.length;
  };
  const evict = () => {
    for (const [slab, piece] of kept) {
      if (total <= bound) return;
      drop(slab, piece);
    }
  };
  const open = (size: number) => {
    const piece = { bytes: Buffer.allocUnsafeSlow(size), unread: 0 };
    last += 1;
    kept.set(last, piece);
    total += size;
    return piece;
  };
  return {
    take: (size) => {
      const isLarge = size > SLAB_BYTES / 4;
      if (!isLarge && used + size > current.bytes.length) {
        current = open(SLAB_BYTES);
        currentSlab = last;
        used = 0;
      }
      const piece = isLarge ? open(size) : current;
      const place = { slab: isLarge ? last : currentSlab, bytes: piece.bytes, at: isLarge ? 0 : used };
      if (!isLarge) used += size;
      piece.unread += 1;
      evict();
      return place;
    },
    get: (slab) => kept.get(slab)?.bytes ?? null,
    done: (slab) => {
      const piece = kept.get(slab);
      if (piece === undefined) return;
      piece.unread -= 1;
      if (piece.unread <= 0) drop(slab, piece);
    },
    limit: (bytes) => {
      bound = bytes;
      current = { bytes: NONE, unread: 0 };
      used = 0;
      evict();
    },
  };
}
