/** How long a lane gathers changes before it goes. */
export interface CoalesceSettings {
  /** How long to wait for more after the newest change, and at most after the first one; milliseconds. */
  readonly windowMilliseconds: number;
  readonly capMilliseconds: number;
  /** True for a secret whose changes do not wait, under one of its names. */
  readonly isUrgent: (names: readonly string[]) => boolean;
}

/** Every change goes at once. */
export const NO_WINDOW: CoalesceSettings = { windowMilliseconds: 0, capMilliseconds: 0, isUrgent: () => false };

/** A change that waits in a lane. */
export interface Arrival {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly pace: 'usual' | 'urgent';
}

/** The most changes of one go: a storm becomes several, each with its own few commits. */
export const MOST_CHANGES = 300;

/** When what waits is to go, in epoch milliseconds: a time that has passed means at once. In the order of arrival. */
export function dueAt(
  waiting: readonly Arrival[],
  { windowMilliseconds, capMilliseconds }: Pick<CoalesceSettings, 'windowMilliseconds' | 'capMilliseconds'>,
): number {
  const [first, newest] = [waiting[0], waiting.at(-1)];
  if (first === undefined || newest === undefined) return Infinity;
  if (waiting.length >= MOST_CHANGES || waiting.some(({ pace }) => pace === 'urgent')) return first.at;
  return Math.min(newest.at + windowMilliseconds, first.at + capMilliseconds);
}
