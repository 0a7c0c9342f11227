import { Failure } from '../../domain/failure.ts';
import type { Inbox, InboxMessage } from '../../ports.ts';

/** An inbox in memory, for models and long random runs: at least once, leases by an injected clock. */
export interface MemoryInbox extends Inbox {
  /** Adds a message; returns its id. Messages of one group come in their order, as in a FIFO queue. */
  send(body: string, group?: string): string;
  /** Messages that are not acked, oldest first. */
  bodies(): readonly string[];
  /** How many a receive would find. */
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
  readonly group: string | null;
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
  const free = () => {
    const hidden = [...messages.values()].filter((one) => one.visibleAt > now());
    const locked = new Set(hidden.flatMap(({ group }) => group ?? []));
    return visible().filter(({ group }) => group === null || !locked.has(group));
  };

  return {
    name: 'memory',
    send: (body, group) => {
      sent += 1;
      const id = `message-${sent}`;
      messages.set(id, { id, body, sentAt: now(), group: group ?? null, visibleAt: now(), receiveCount: 0 });
      return id;
    },
    bodies: () => [...messages.values()].map((one) => one.body),
    visible: () => free().length,
    waiting: async () => visible().length,
    receive: async (signal, waitSeconds) => {
      const isEmpty = free().length === 0 && waitSeconds !== 0;
      if (!signal.aborted && isEmpty) await wait(signal, waitSeconds ?? null);
      if (signal.aborted) return [];
      const taken = free().slice(0, options.maxNumberOfMessages);
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
    group: stored.group,
    ack: async () => {
      if (stored.group !== null && messages.has(stored.id) && !(isNewest() && stored.visibleAt > now()))
        throw leaseLost();
      if (isNewest()) messages.delete(stored.id);
    },
    extend,
    release: async (seconds) => {
      await extend(seconds);
    },
  };
}

function leaseLost(): Failure {
  return new Failure('could not delete a message of queue memory: its lease has ended', {
    code: 'queue-lease-lost',
    retry: 'later',
    hint: 'It is delivered again.',
  });
}
