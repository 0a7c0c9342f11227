import { Failure } from '../../domain/failure.ts';
import type { Clock, InboxMessage, Log } from '../../ports.ts';

/** SQS ends every lease 12 hours after the receive, whatever is asked. A little less is asked. */
const LONGEST_LEASE_MILLISECONDS = 11.5 * 3600 * 1000;

export interface Leases {
  keep(messages: readonly InboxMessage[]): void;
  /** True when the lease of this message may have ended: it must not be deleted, its effect is idempotent. */
  isLost(message: InboxMessage): boolean;
  /** Ends the heartbeat; resolves when no call is under way any more. */
  stop(): Promise<void>;
}

/** Prolongs the leases of held messages at half their time, until stopped, lost, or near SQS's 12-hour limit. */
export function keepLeases(clock: Clock, log: Log, visibilitySeconds: number): Leases {
  const ended = new AbortController();
  const held = new Map<InboxMessage, number>();
  const lost = new Set<InboxMessage>();
  const extend = async (message: InboxMessage, since: number) => {
    const remaining = since + LONGEST_LEASE_MILLISECONDS - clock.now();
    const kept = remaining > 0 && (await tryExtend(message, visibilitySeconds, log));
    if (kept) return;
    lost.add(message);
    held.delete(message);
    log.warn({ messageId: message.id }, 'lease lost');
  };
  const beat = async () => {
    while (!ended.signal.aborted) {
      await clock.sleep((visibilitySeconds * 1000) / 2, ended.signal);
      if (ended.signal.aborted) return;
      await Promise.all([...held].map(([message, since]) => extend(message, since)));
    }
  };
  const beating = beat();
  return {
    keep: (messages) => {
      for (const message of messages) held.set(message, clock.now());
    },
    isLost: (message) => lost.has(message),
    stop: async () => {
      ended.abort();
      await beating;
    },
  };
}

/** A failing call says nothing about the lease: the next beat, at half time, tries again before it ends. */
async function tryExtend(message: InboxMessage, seconds: number, log: Log): Promise<boolean> {
  try {
    return await message.extend(seconds);
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'internal';
    log.warn({ messageId: message.id, code }, 'lease could not be prolonged');
    return true;
  }
}
