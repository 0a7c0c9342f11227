/** What happened, and when (milliseconds since the start), in words. */
export interface Told {
  readonly at: number;
  readonly text: string;
}

/**
 * Discrete-event time: nothing happens between two events, and what happens at one moment happens in the order in which it was
 * arranged. Same arrangements, same run: no clock, no randomness, no promises.
 */
export interface Simulation {
  /** Milliseconds since the start. */
  now(): number;
  /** Arranges for something to happen this many milliseconds from now. */
  after(milliseconds: number, happens: () => void): void;
  /** Says in words what happens now. */
  tell(text: string): void;
  /** Lets everything happen that is due until then. */
  run(until: number): void;
  readonly timeline: readonly Told[];
}

interface Arranged {
  readonly at: number;
  readonly happens: () => void;
}

// A model that arranges more than this goes round in circles.
const MOST_EVENTS = 100_000;

export function createSimulation(): Simulation {
  let now = 0;
  const queue: Arranged[] = [];
  const timeline: Told[] = [];
  return {
    now: () => now,
    after: (milliseconds, happens) => {
      const at = now + Math.max(0, milliseconds);
      const later = queue.findIndex((one) => one.at > at);
      queue.splice(later === -1 ? queue.length : later, 0, { at, happens });
    },
    tell: (text) => {
      timeline.push({ at: now, text });
    },
    run: (until) => {
      let events = 0;
      for (let next = queue[0]; next !== undefined && next.at <= until; next = queue[0]) {
        events += 1;
        if (events > MOST_EVENTS) throw new Error('the models go round in circles');
        queue.shift();
        now = next.at;
        next.happens();
      }
      now = until;
    },
    timeline,
  };
}

/** `00:01:30  what happened`, a line each. */
export function formatTimeline(timeline: readonly Told[]): string {
  return timeline.map(({ at, text }) => `${clockTime(at)}  ${text}`).join('\n');
}

function clockTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
