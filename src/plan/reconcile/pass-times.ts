import { sha256Hex } from '../../domain/digest.ts';

/** Whose pass it is: what spreads replicas and repositories over the interval. */
export interface PassOf {
  /** The name of the machine or pod. */
  readonly host: string;
  /** `<repository>@<base>`. */
  readonly repository: string;
  readonly intervalMilliseconds: number;
}

/** So soon after the start the first pass begins, at the latest. */
const FIRST_MILLISECONDS = 60_000;
const BACK_OFF_MILLISECONDS = 60_000;

/**
 * How long to wait before the pass with this number, from 0, when `failures` passes before it failed in a row. The first one comes
 * within a minute; the second at the replica's own place in the interval, at which it stays. Nothing of it is random.
 */
export function waitBeforePass(pass: number, failures: number, of: PassOf): number {
  const place = placeOf(of);
  if (pass === 0) return Math.round(place * Math.min(FIRST_MILLISECONDS, of.intervalMilliseconds));
  const usual = pass === 1 ? Math.round((0.25 + 0.75 * place) * of.intervalMilliseconds) : of.intervalMilliseconds;
  if (failures === 0) return usual;
  const backOff = Math.round(BACK_OFF_MILLISECONDS * 2 ** Math.min(failures - 1, 20) * (1 + place / 4));
  return Math.min(backOff, usual);
}

/** From 0 to 1, the same at every start. */
function placeOf({ host, repository }: PassOf): number {
  return Number.parseInt(sha256Hex(JSON.stringify([host, repository]), 8), 16) / 2 ** 32;
}
