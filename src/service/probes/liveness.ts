import type { Clock } from '../../ports.ts';

/** One loop or lane of this process, watched for signs of life. */
export interface Pulse {
  /** It goes on. It may wait on purpose for `pauseMilliseconds` before it is heard again. */
  beat(pauseMilliseconds?: number): void;
  /** A sign in the midst of work; without meaning while it rests. */
  sign(): void;
  /** Nothing is to be heard of it: it waits for work or for others, or has ended. */
  rest(): void;
}

/** A loop that should have been heard of. */
export interface Silence {
  /** `queue events`, `lane platform@main`, `sweep platform@main`. */
  readonly loop: string;
  /** When it should have been heard at the latest, epoch milliseconds. */
  readonly due: number;
}

export interface Liveness {
  /** A pulse of its own for each call; it rests until its first beat. */
  pulse(loop: string): Pulse;
  /** Empty while this process is alive. */
  silences(): readonly Silence[];
}

/**
 * So long no loop is silent, whatever the outside does: every call to a host has a time limit far below it, and each call is
 * a sign of life, so that many slow ones in a row are none the less. What is longer silent waits for something that never comes.
 */
const LONGEST_SILENCE_MILLISECONDS = 15 * 60_000;

/** Watches the loops of this process: only a bug of ours makes one fall silent, and only a new start mends that. */
export function createLiveness(clock: Clock): Liveness {
  const watched: { readonly loop: string; due: number | null }[] = [];
  return {
    pulse: (loop) => {
      const state: (typeof watched)[number] = { loop, due: null };
      watched.push(state);
      return {
        beat: (pauseMilliseconds = 0) => {
          state.due = clock.now() + pauseMilliseconds + LONGEST_SILENCE_MILLISECONDS;
        },
        sign: () => {
          if (state.due !== null) state.due = Math.max(state.due, clock.now() + LONGEST_SILENCE_MILLISECONDS);
        },
        rest: () => {
          state.due = null;
        },
      };
    },
    silences: () => {
      const now = clock.now();
      return watched.flatMap(({ loop, due }) => (due !== null && due < now ? [{ loop, due }] : []));
    },
  };
}
