import { createHash, randomUUID } from 'node:crypto';

/** The longest time a message may stay in flight, counted from its receive, in seconds. */
export const LONGEST_LEASE = 43_200;

export interface QueueSettings {
  /** Seconds; used where a receive names none. */
  readonly visibilityTimeout: number;
  /** Deliveries after which a message moves to `deadLetter`; null for never. */
  readonly maxReceiveCount: number | null;
  readonly deadLetter: Queue | null;
}

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** Visible from then on. */
  visibleAt: number;
  receivedAt: number | null;
  firstReceivedAt: number | null;
  receiveCount: number;
  /** Of the newest receive. Null before the first. */
  handle: string | null;
}

export type HandleState =
  /** Never given out by this queue. */
  | { readonly kind: 'invalid' }
  /** A newer receive replaced it, or the message is gone. */
  | { readonly kind: 'stale' }
  /** The newest handle of a message whose lease has run out. */
  | { readonly kind: 'expired'; readonly message: StoredMessage }
  | { readonly kind: 'in-flight'; readonly message: StoredMessage };

/** What a standard queue is free to do, on demand. */
export interface Disorder {
  /** So many of the next messages are stored twice, with the same id. */
  duplicates: number;
  newestFirst: boolean;
}

/** One standard queue: at least once, best-effort order, a new receipt handle at each receive. Times in epoch milliseconds. */
export interface Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  /** Messages deleted so far. */
  readonly deletedCount: () => number;
  add(body: string, now: number): StoredMessage;
  /** Takes in a message from another queue: its id, its age and its count stay. */
  adopt(message: StoredMessage, now: number): void;
  receive(limit: number, visibilitySeconds: number, now: number): readonly StoredMessage[];
  handleState(handle: string, now: number): HandleState;
  remove(message: StoredMessage): void;
  /** Everything that is not deleted, oldest first. */
  all(): readonly StoredMessage[];
  visible(now: number): readonly StoredMessage[];
  inFlight(now: number): readonly StoredMessage[];
  /** When the next hidden message becomes visible; null when none is hidden. */
  nextVisibleAt(now: number): number | null;
  readonly disorder: Disorder;
}

export function createQueue(name: string, settings: QueueSettings): Queue {
  let messages: StoredMessage[] = [];
  let deleted = 0;
  const disorder: Disorder = { duplicates: 0, newestFirst: false };
  const handles = new Set<string>();
  const remove = (message: StoredMessage): void => {
    messages = messages.filter((one) => one !== message);
  };
  const visible = (now: number) => messages.filter((one) => one.visibleAt <= now);
  const inFlight = (now: number) => messages.filter((one) => one.visibleAt > now);

  return {
    name,
    settings,
    deletedCount: () => deleted,
    add: (body, now) => {
      const message = newMessage(body, now);
      messages.push(message);
      if (disorder.duplicates > 0) {
        disorder.duplicates -= 1;
        messages.push({ ...message });
      }
      return message;
    },
    adopt: (message, now) => {
      messages.push({ ...message, visibleAt: now, handle: null });
    },
    receive: (limit, visibilitySeconds, now) => {
      const found = disorder.newestFirst ? visible(now).toReversed() : visible(now);
      const taken: StoredMessage[] = [];
      for (const message of found) {
        if (taken.length === limit) break;
        if (isExhausted(message, settings)) {
          remove(message);
          settings.deadLetter?.adopt(message, now);
        } else {
          lease(message, now, visibilitySeconds);
          handles.add(message.handle ?? '');
          taken.push({ ...message });
        }
      }
      return taken;
    },
    handleState: (handle, now) => {
      if (!handles.has(handle)) return { kind: 'invalid' };
      const message = messages.find((one) => one.handle === handle);
      if (message === undefined) return { kind: 'stale' };
      return message.visibleAt <= now ? { kind: 'expired', message } : { kind: 'in-flight', message };
    },
    remove: (message) => {
      remove(message);
      deleted += 1;
    },
    all: () => messages.toSorted((left, right) => left.sentAt - right.sentAt),
    visible,
    inFlight,
    nextVisibleAt: (now) => inFlight(now).reduce<number | null>((least, one) => earlier(least, one.visibleAt), null),
    disorder,
  };
}

function newMessage(body: string, now: number): StoredMessage {
  return {
    id: randomUUID(),
    body,
    md5: createHash('md5').update(body, 'utf8').digest('hex'),
    sentAt: now,
    visibleAt: now,
    receivedAt: null,
    firstReceivedAt: null,
    receiveCount: 0,
    handle: null,
  };
}

function lease(message: StoredMessage, now: number, visibilitySeconds: number): void {
  message.receiveCount += 1;
  message.receivedAt = now;
  message.firstReceivedAt ??= now;
  message.visibleAt = now + visibilitySeconds * 1000;
  message.handle = `AQEB${Buffer.from(randomUUID()).toString('base64')}`;
}

function isExhausted(message: StoredMessage, settings: QueueSettings): boolean {
  return settings.maxReceiveCount !== null && message.receiveCount >= settings.maxReceiveCount;
}

function earlier(least: number | null, time: number): number {
  return least === null ? time : Math.min(least, time);
}
