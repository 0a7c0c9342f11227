import type { Clock, InboxMessage, Log } from '../../ports.ts';
import { failureOf } from '../outcome.ts';

/** SQS ends every lease 12 hours after the receive, whatever is asked. A little less is asked. */
const LONGEST_LEASE_MILLISECONDS = 11.5 * 3600 * 1000;

export interface Leases {
  keep(messages: readonly InboxMessage[]): void;
  /** True when the lease of this message may have ended: it must not be deleted, its effect is idempotent. */
  isLost(message: InboxMessage): boolean;
  /** Ends the heartbeat; resolves when no call is under way any more. */
  stop(): Promise<void>;
}

interface Lease {
  readonly since: number;
  /** When it ends, as far as is known here. */
  readonly until: number;
}

/** Prolongs the leases of held messages at half their time, until stopped, lost, or near SQS's 12-hour limit. */
export function keepLeases(clock: Clock, log: Log, visibilitySeconds: number): Leases {
  const ended = new AbortController();
  const leases = new Map<InboxMessage, Lease>();
  const lost = new Set<InboxMessage>();
  const isLost = (message: InboxMessage) =>
    lost.has(message) || clock.now() >= (leases.get(message)?.until ?? Infinity);
  const extend = async (message: InboxMessage, lease: Lease) => {
    const until = clock.now() + visibilitySeconds * 1000;
    const mayBeAsked = clock.now() < lease.since + LONGEST_LEASE_MILLISECONDS;
    const kept = mayBeAsked ? await tryExtend(message, visibilitySeconds, log) : false;
    if (kept === true) leases.set(message, { ...lease, until });
    if (kept === true || (kept === 'unknown' && !isLost(message))) return;
    lost.add(message);
    leases.delete(message);
    log.warn({ messageId: message.id }, 'lease lost');
  };
  const beat = async () => {
    while (!ended.signal.aborted) {
      await clock.sleep((visibilitySeconds * 1000) / 2, ended.signal);
      if (ended.signal.aborted) return;
      await Promise.all([...leases].map(([message, lease]) => extend(message, lease)));
    }
  };
  const beating = beat();
  return {
    keep: (messages) => {
      const since = clock.now();
      for (const message of messages) leases.set(message, { since, until: since + visibilitySeconds * 1000 });
    },
    isLost,
    stop: async () => {
      ended.abort();
      await beating;
    },
  };
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
