import type { Inbox, InboxMessage } from '../../ports.ts';

/** An inbox in memory, for models and long random runs: at least once, leases by an injected clock. */
export interface MemoryInbox extends Inbox {
  /** Adds a message; returns its id. */
  send(body: string): string;
  /** Messages that are not acked, oldest first. */
  bodies(): readonly string[];
  visible(): number;
}

export interface MemoryInboxOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The lease, in seconds. */
  readonly visibilityTimeout: number;
  readonly maxNumberOfMessages: number;
  /**
   * Waits where nothing is visible, until something may have changed or `signal` is aborted; a receive then looks once
   * more. At once where it is absent. `seconds`: how long the receive may take; null where it did not say.
   */
  readonly wait?: (signal: AbortSignal, seconds: number | null) => Promise<void>;
}

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
}

const LONGEST_LEASE = 43_200;

/** An empty inbox. A lease belongs to one delivery: a later one takes it over. */
export function createMemoryInbox(options: MemoryInboxOptions): MemoryInbox {
  const { now, wait = () => Promise.resolve() } = options;
  const messages = new Map<string, Stored>();
  let sent = 0;
  const visible = () => [...messages.values()].filter((one) => one.visibleAt <= now());

  return {
    name: 'memory',
    send: (body) => {
      sent += 1;
      const id = `message-${sent}`;
      messages.set(id, { id, body, sentAt: now(), visibleAt: now(), receiveCount: 0 });
      return id;
    },
    bodies: () => [...messages.values()].map((one) => one.body),
    visible: () => visible().length,
    waiting: async () => visible().length,
    receive: async (signal, waitSeconds) => {
      const isEmpty = visible().length === 0 && waitSeconds !== 0;
      if (!signal.aborted && isEmpty) await wait(signal, waitSeconds ?? null);
      if (signal.aborted) return [];
      const taken = visible().slice(0, options.maxNumberOfMessages);
      return taken.map((stored) => deliver(stored, messages, options));
    },
  };
}

function deliver(stored: Stored, messages: Map<string, Stored>, options: MemoryInboxOptions): InboxMessage {
  const { now, visibilityTimeout } = options;
  const receivedAt = now();
  stored.receiveCount += 1;
  stored.visibleAt = receivedAt + visibilityTimeout * 1000;
  const delivery = stored.receiveCount;
  const isNewest = () => messages.get(stored.id) === stored && stored.receiveCount === delivery;
  const extend = async (seconds: number): Promise<boolean> => {
    const until = now() + Math.min(LONGEST_LEASE, Math.max(0, Math.ceil(seconds))) * 1000;
    if (!isNewest() || stored.visibleAt <= now() || until > receivedAt + LONGEST_LEASE * 1000) return false;
    stored.visibleAt = until;
    return true;
  };
  return {
    id: stored.id,
    body: stored.body,
    sentAt: stored.sentAt,
    receiveCount: delivery,
    ack: async () => {
      if (isNewest()) messages.delete(stored.id);
    },
    extend,
    release: async (seconds) => {
      await extend(seconds);
    },
  };
}
