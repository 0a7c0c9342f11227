import type { Clock, InboxMessage, Log } from '../../ports.ts';
import { failureOf } from '../outcome.ts';

/** SQS ends every lease 12 hours after the receive, and refuses what would end later. A little less is asked. */
const LONGEST_LEASE_MILLISECONDS = 11.5 * 3600 * 1000;

/** Where the lease of a message may have ended it must not be deleted; its effect is idempotent. */
export type LeaseState = 'held' | 'lost';

export interface Leases {
  keep(messages: readonly InboxMessage[]): void;
  /** Prolongs it no more; resolves when no call for it is under way any more, so that it can be given back. */
  end(message: InboxMessage): Promise<LeaseState>;
  /** Ends the heartbeat; resolves when no call is under way any more. */
  stop(): Promise<void>;
}

interface Lease {
  readonly since: number;
  /** When it ends, as far as is known here. */
  readonly until: number;
}

/** Prolongs the leases of held messages at half their time, until ended, lost, or near SQS's 12-hour limit. */
export function keepLeases(clock: Clock, log: Log, visibilitySeconds: number): Leases {
  const stopped = new AbortController();
  const leases = new Map<InboxMessage, Lease>();
  const lost = new Set<InboxMessage>();
  const underWay = new Map<InboxMessage, Promise<void>>();
  const isLost = (message: InboxMessage) =>
    lost.has(message) || clock.now() >= (leases.get(message)?.until ?? Infinity);
  const extend = async (message: InboxMessage, lease: Lease) => {
    const { seconds, until } = longer(lease, clock.now(), visibilitySeconds);
    // What can be prolonged no more is still ours until its end.
    const kept = seconds === 0 ? 'unknown' : await tryExtend(message, seconds, log);
    if (kept === true && leases.has(message)) leases.set(message, { ...lease, until });
    if (kept === true || (kept === 'unknown' && !isLost(message))) return;
    lost.add(message);
    leases.delete(message);
    log.warn({ messageId: message.id }, 'lease lost');
  };
  const beat = async () => {
    while (!stopped.signal.aborted) {
      await clock.sleep((visibilitySeconds * 1000) / 2, stopped.signal);
      if (stopped.signal.aborted) return;
      for (const [message, lease] of leases) {
        // One call that hangs holds up neither the next beat nor other messages.
        if (underWay.has(message)) continue;
        const call = extend(message, lease).finally(() => underWay.delete(message));
        underWay.set(message, call);
      }
    }
  };
  const beating = beat();
  return {
    keep: (messages) => {
      const since = clock.now();
      for (const message of messages) leases.set(message, { since, until: since + visibilitySeconds * 1000 });
    },
    end: async (message) => {
      const state = isLost(message) ? 'lost' : 'held';
      leases.delete(message);
      await underWay.get(message);
      return lost.delete(message) ? 'lost' : state;
    },
    stop: async () => {
      stopped.abort();
      await beating;
      await Promise.all(underWay.values());
    },
  };
}

/** How long it may be prolonged now, and when it then ends; 0 seconds where its end is as late as SQS allows. */
function longer(
  { since, until }: Lease,
  now: number,
  visibilitySeconds: number,
): { readonly seconds: number; readonly until: number } {
  const seconds = Math.floor(Math.min(visibilitySeconds, (since + LONGEST_LEASE_MILLISECONDS - now) / 1000));
  // Less than a second would give it back.
  return seconds >= 1 && now + seconds * 1000 > until
    ? { seconds, until: now + seconds * 1000 }
    : { seconds: 0, until };
}

/** A failing call says nothing about the lease: the next beat, at half time, tries again before it ends. */
async function tryExtend(message: InboxMessage, seconds: number, log: Log): Promise<boolean | 'unknown'> {
  try {
    return await message.extend(seconds);
  } catch (error) {
    log.warn({ messageId: message.id, code: failureOf(error).code }, 'lease could not be prolonged');
    return 'unknown';
  }
}
