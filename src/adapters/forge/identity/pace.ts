import { throttling } from '@octokit/plugin-throttling';
import Bottleneck from 'bottleneck/light.js';

/** How fast one identity may write, so that GitHub need not refuse it. Soft: other processes of this identity do not know of it. */
export interface Pace {
  /** Queues for plugin-throttling: for what changes something, for what only asks, and for what sends people notifications. */
  readonly writes: Bottleneck.Group;
  readonly reads: Bottleneck.Group;
  readonly notifications: Bottleneck.Group;
  /** After how many seconds an operation that a queue did not take may be sent. */
  secondsUntilFree(operation: string): Promise<number>;
  /** Nothing more is sent, and no timer is left. */
  close(): Promise<void>;
}

/** So many may go at once, and then one after each of these spans. */
interface Allowance {
  readonly atOnce: number;
  /** A multiple of 250. */
  readonly millisecondsEach: number;
}

export interface PaceLimits {
  readonly writes: Allowance;
  readonly notifications: Allowance;
  /** How many writes wait for their turn; what is beyond is told when to come again. */
  readonly waiting: number;
}

/**
 * GitHub asks for a second between writes, and refuses more than 80 a minute or 500 an hour that create content: these are
 * 75 in any minute, and 480 in any hour. plugin-throttling's own three seconds would be 1,200 an hour.
 */
export const GITHUB_LIMITS: PaceLimits = {
  writes: { atOnce: 15, millisecondsEach: 1000 },
  notifications: { atOnce: 320, millisecondsEach: 22_500 },
  waiting: 5,
};

/** A queue that is idle for this long is forgotten: by then it is full again. */
const FORGOTTEN_MILLISECONDS = 3 * 3_600_000;

/** All of one process share it, whatever they are asked for. */
export const PACE_ID = 'github';

/** The pace for one identity on GitHub itself. */
export function createPace(limits: PaceLimits = GITHUB_LIMITS): Pace {
  const writes = groupOf(limits.writes, limits.waiting);
  const reads = new Bottleneck.Group();
  const notifications = groupOf(limits.notifications, 0);
  let isClosed = false;
  return {
    writes,
    reads,
    notifications,
    secondsUntilFree: async (operation) => {
      const [, path = ''] = operation.split(' ');
      const left = throttling.triggersNotification(path) ? await notifications.key(PACE_ID).currentReservoir() : null;
      const { millisecondsEach } = left === 0 ? limits.notifications : limits.writes;
      return Math.ceil((millisecondsEach * (left === 0 ? 1 : limits.waiting + 1)) / 1000);
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      const limiters = [writes, reads, notifications].flatMap((group) => group.limiters());
      await Promise.all(limiters.map(({ limiter }) => limiter.stop({ dropWaitingJobs: true })));
      await Promise.all(limiters.map(({ limiter }) => limiter.disconnect()));
    },
  };
}

/** GitHub Enterprise Server sets such limits only where its operators do; its answers say so then. */
export function needsPace(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'api.github.com' || hostname.endsWith('.ghe.com');
}

/** True for what a queue threw that did not take a call, or was closed. */
export function isNotSent(error: unknown): boolean {
  return error instanceof Bottleneck.BottleneckError;
}

function groupOf({ atOnce, millisecondsEach }: Allowance, waiting: number): Bottleneck.Group {
  return new Bottleneck.Group({
    reservoir: atOnce,
    reservoirIncreaseAmount: 1,
    reservoirIncreaseInterval: millisecondsEach,
    reservoirIncreaseMaximum: atOnce,
    highWater: waiting,
    strategy: Bottleneck.strategy.OVERFLOW,
    timeout: FORGOTTEN_MILLISECONDS,
  });
}
