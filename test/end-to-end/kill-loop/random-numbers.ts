/** Numbers from 0 to 1 (left out), the same for the same seed. */
export type RandomNumbers = () => number;

/** Mulberry32: small, and good enough to choose places and times with. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
