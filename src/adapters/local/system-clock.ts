import type { Clock } from '../../ports.ts';

// setTimeout takes 31 bits; a longer wait is cut into pieces.
const LONGEST_TIMER = 2 ** 31 - 1;

/** The system's time. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: async (milliseconds, signal) => {
      const end = Date.now() + milliseconds;
      for (let left = milliseconds; left > 0 && !signal.aborted; left = end - Date.now()) {
        await wait(Math.min(left, LONGEST_TIMER), signal);
      }
    },
  };
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish, { once: true });
  });
}
