import { sha256Hex } from '../domain/digest.ts';

const FIRST_MILLISECONDS = 200;

/**
 * How long a round that lost a race waits before it begins again from the refs: doubling with each round that came to nothing, and up to half
 * as much again, so that replicas which met at one branch do not meet there once more. That part is derived from `seed`: who waits, and since when.
 * `most`: how long there is a reason to wait, in milliseconds.
 */
export function roundPause(idleRounds: number, seed: string, most = Number.POSITIVE_INFINITY): number {
  const doubled = FIRST_MILLISECONDS * 2 ** Math.min(idleRounds, 10);
  const spread = Number.parseInt(sha256Hex(seed, 8), 16) / 2 ** 32;
  return Math.round(Math.max(FIRST_MILLISECONDS, Math.min(doubled * (1 + spread / 2), most)));
}
