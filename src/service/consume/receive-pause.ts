import { sha256Hex } from '../../domain/digest.ts';

const FIRST_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 60_000;

/**
 * How long polling pauses after so many failures in a row: doubling up to a minute, and up to a quarter more, so that
 * replicas do not all come back at once. The part more is derived from `seed`: what one poll and no other is known by.
 */
export function receivePause(failures: number, seed: string): number {
  if (failures === 0) return 0;
  const doubled = Math.min(FIRST_MILLISECONDS * 2 ** Math.min(failures - 1, 10), LONGEST_MILLISECONDS);
  const spread = Number.parseInt(sha256Hex(seed, 8), 16) / 2 ** 32;
  return Math.round(doubled * (1 + spread / 4));
}
