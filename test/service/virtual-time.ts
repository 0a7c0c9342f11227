import type { Clock } from '../../src/ports.ts';

/** Time that passes only when everything waits: hours take milliseconds, and nothing depends on the machine. */
export interface VirtualTime extends Clock {
  /** Runs `work` to its end, moving the time on whenever all of it sleeps. Rejects where nothing could ever wake it. */
  run<T>(work: Promise<T>): Promise<T>;
  /** {@link run}, but false where nothing could ever wake it: whoever did the work has died. */
  settles(work: Promise<unknown>): Promise<boolean>;
  /** Lets this much time pass, in milliseconds, with everything that happens meanwhile. */
  pass(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that stands at `start` (epoch milliseconds). `quiet` resolves when nothing but sleepers is left to go on; of what
 * is in memory the clock knows by itself.
 */
export function createVirtualTime(start: number, quiet: () => Promise<void> = quietInMemory): VirtualTime {
  let now = start;
  const sleepers = new Set<Sleeper>();

  const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted || milliseconds <= 0) {
        resolve();
        return;
      }
      const wake = () => {
        sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: now + milliseconds, wake };
      sleepers.add(sleeper);
      signal.addEventListener('abort', wake);
    });

  const wakeNext = (): boolean => {
    const [next] = [...sleepers].toSorted((left, right) => left.at - right.at);
    if (next === undefined) return false;
    now = Math.max(now, next.at);
    next.wake();
    return true;
  };

  const settles = async (work: Promise<unknown>): Promise<boolean> => {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    for (;;) {
      await quiet();
      if (ended) return true;
      if (!wakeNext()) return false;
    }
  };

  const run = async <T>(work: Promise<T>): Promise<T> => {
    if (await settles(work)) return work;
    throw new Error('nothing can wake this work: it waits for something that never comes');
  };

  return {
    now: () => now,
    sleep,
    run,
    settles,
    pass: (milliseconds) => run(sleep(milliseconds, new AbortController().signal)),
  };
}

/** What is in memory goes on in microtasks. */
export function quietInMemory(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
