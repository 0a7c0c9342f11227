import { createHash, randomUUID } from 'node:crypto';
import { createSentBefore, type FifoPlace, unlocked } from './sqs/fifo-order.ts';

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
  /** Null in a standard queue. */
  readonly place: FifoPlace | null;
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
  /** The message is deleted. */
  | { readonly kind: 'gone' }
  /** A newer receive replaced it. */
  | { readonly kind: 'stale' }
  /** The newest handle of a message whose lease has run out. */
  | { readonly kind: 'expired'; readonly message: StoredMessage }
  | { readonly kind: 'in-flight'; readonly message: StoredMessage };

/** How an entry of a batch call fails, instead of being carried out. */
export interface EntryFailure {
  readonly Code: string;
  readonly SenderFault: boolean;
}

/** What a queue is free to do, on demand; order and duplicates only in a standard one. */
export interface Disorder {
  /** So the next entries of batch calls fail. */
  entryFailures: readonly EntryFailure[];
  /** So many of the next messages are stored twice, with the same id. */
  duplicates: number;
  newestFirst: boolean;
}

/**
 * One queue: at least once, a new receipt handle at each receive. In best-effort order, or, where its name ends in `.fifo`, each
 * group in its order. Times in epoch milliseconds.
 */
export interface Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  /** Messages deleted so far. */
  readonly deletedCount: () => number;
  /** A duplicate in a FIFO queue is not added: the earlier message is returned. */
  add(body: string, now: number, place: FifoPlace | null): StoredMessage;
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
  const disorder: Disorder = { duplicates: 0, newestFirst: false, entryFailures: [] };
  const handles = new Map<string, StoredMessage>();
  const sent = createSentBefore<StoredMessage>();
  const remove = (message: StoredMessage): void => {
    messages = messages.filter((one) => one !== message);
  };
  const visible = (now: number) => messages.filter((one) => one.visibleAt <= now);
  const inFlight = (now: number) => messages.filter((one) => one.visibleAt > now);

  return {
    name,
    settings,
    deletedCount: () => deleted,
    add: (body, now, place) => {
      const known = place === null ? null : sent.find(place.deduplicationId, now);
      if (known !== null) return known;
      const message = newMessage(body, now, place);
      messages.push(message);
      if (place !== null) sent.remember(place.deduplicationId, message, now);
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
      const free = unlocked(messages, now);
      const found = disorder.newestFirst ? free.toReversed() : free;
      const taken: StoredMessage[] = [];
      for (const message of found) {
        if (taken.length === limit) break;
        if (isExhausted(message, settings)) {
          remove(message);
          settings.deadLetter?.adopt(message, now);
        } else {
          lease(message, now, visibilitySeconds);
          handles.set(message.handle ?? '', message);
          taken.push({ ...message });
        }
      }
      return taken;
    },
    handleState: (handle, now) => handleState(handles.get(handle), { handle, now, messages }),
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

/** `message`: what the handle was given out for. */
function handleState(
  message: StoredMessage | undefined,
  {
    handle,
    now,
    messages,
  }: { readonly handle: string; readonly now: number; readonly messages: readonly StoredMessage[] },
): HandleState {
  if (message === undefined) return { kind: 'invalid' };
  if (!messages.includes(message)) return { kind: 'gone' };
  if (message.handle !== handle) return { kind: 'stale' };
  return message.visibleAt <= now ? { kind: 'expired', message } : { kind: 'in-flight', message };
}

function newMessage(body: string, now: number, place: FifoPlace | null): StoredMessage {
  return {
    id: randomUUID(),
    body,
    md5: md5Of(body),
    place,
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

/** The checksum that both sides of SQS look at. */
export function md5Of(body: string): string {
  return createHash('md5').update(body, 'utf8').digest('hex');
}
