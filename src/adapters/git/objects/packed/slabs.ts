/**
 * Unpacked objects for as long as there is room: written one behind the other into large pieces, as thousands of buffers of
 * their own would cost more than their bytes. The oldest piece goes first.
 */
export interface Slabs {
  /** Where these many bytes can be written. */
  take(size: number): Place;
  /** The piece of this number; null where it has gone. */
  get(slab: number): Buffer | null;
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

/** Without any piece; keeps at most so many bytes. */
export function createSlabs(most: number): Slabs {
  const kept = new Map<number, Buffer>();
  let current: Buffer = NONE;
  let currentSlab = 0;
  let used = 0;
  let last = 0;
  let total = 0;
  let bound = most;

  const evict = () => {
    for (const [slab, bytes] of kept) {
      if (total <= bound) return;
      // The piece that is being written stays, or each object would open one of its own.
      if (bytes === current) continue;
      kept.delete(slab);
      total -= bytes.length;
    }
  };
  const open = (size: number) => {
    const bytes = Buffer.allocUnsafeSlow(size);
    last += 1;
    kept.set(last, bytes);
    total += size;
    return bytes;
  };
  return {
    take: (size) => {
      if (size > SLAB_BYTES / 4) {
        const bytes = open(size);
        const place = { slab: last, bytes, at: 0 };
        evict();
        return place;
      }
      if (used + size > current.length) {
        current = open(SLAB_BYTES);
        currentSlab = last;
        used = 0;
      }
      const place = { slab: currentSlab, bytes: current, at: used };
      used += size;
      evict();
      return place;
    },
    get: (slab) => kept.get(slab) ?? null,
    limit: (bytes) => {
      bound = bytes;
      current = NONE;
      used = 0;
      evict();
    },
  };
}
