import type { Inbox } from '../../../src/ports.ts';

/** The calls of some inboxes that have not come to their end: while there is one, something may still happen by itself. */
export interface CallsUnderWay {
  count(): number;
  /** The same inbox, with its calls and those of its messages counted until `killed` is aborted, which ends a receive. */
  through(inbox: Inbox, killed: AbortSignal): Inbox;
}

type Call = (...args: readonly unknown[]) => unknown;

export function callsUnderWay(): CallsUnderWay {
  const inboxes = new Set<Set<symbol>>();
  return {
    count: () => [...inboxes].reduce((sum, { size }) => sum + size, 0),
    through: (inbox, killed) => {
      const underWay = new Set<symbol>();
      inboxes.add(underWay);
      // What waits for a connection that never comes is no call of anybody who lives.
      killed.addEventListener('abort', () => void inboxes.delete(underWay));
      const own = counted(inbox, underWay) as Inbox;
      return { ...own, receive: (signal, wait) => own.receive(AbortSignal.any([signal, killed]), wait) };
    },
  };
}

/** The same value, in which every method, and every method of what a method brings, is counted while it goes on. */
function counted(value: unknown, underWay: Set<symbol>): unknown {
  if (Array.isArray(value)) return value.map((one) => counted(one, underWay));
  if (typeof value !== 'object' || value === null) return value;
  const count =
    (call: Call): Call =>
    async (...args) => {
      const mark = Symbol();
      underWay.add(mark);
      try {
        return counted(await call(...args), underWay);
      } finally {
        underWay.delete(mark);
      }
    };
  const parts = Object.entries(value);
  return Object.fromEntries(parts.map(([key, part]) => [key, typeof part === 'function' ? count(part) : part]));
}
