import { setImmediate as nextTurn } from 'node:timers/promises';

/** Called between small steps: where the thread was kept for long enough, everybody else comes first. */
export type TakeTurn = () => Promise<void>;

/** So long one piece of work may keep the thread, and one of its steps longer. */
const MOST_MILLISECONDS = 10;

/** Turns of one piece of work, or of several that share them. */
export function createTurns(): TakeTurn {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < MOST_MILLISECONDS) return;
    await nextTurn();
    since = performance.now();
  };
}
