import { sha256Hex } from '../domain/digest.ts';

const FIRST_MILLISECONDS = 200;

/**
 * How long a round that lost a race waits before it begins again from the refs: doubling with each round that came to nothing, and up to half
 * as much again, so that replicas which met at one branch do not meet there once more. That part is derived from `seed`: who waits, and since when.
 */
export function roundPause(idleRounds: number, seed: string): number {
  const doubled = FIRST_MILLISECONDS * 2 ** Math.min(idleRounds, 10);
  const spread = Number.parseInt(sha256Hex(seed, 8), 16) / 2 ** 32;
  return Math.round(doubled * (1 + spread / 2));
}
