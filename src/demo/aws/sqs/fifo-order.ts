import { createHash } from 'node:crypto';

/** How long SQS remembers what was sent. */
const DEDUPLICATION_MILLISECONDS = 5 * 60_000;

/** What a sender says of a message to a FIFO queue. */
export interface FifoPlace {
  readonly group: string;
  /** The digest of the body where the sender names none (content-based deduplication). */
  readonly deduplicationId: string;
}

/** The part of a message that its group's order depends on. Epoch milliseconds. */
interface Ordered {
  readonly place: FifoPlace | null;
  readonly visibleAt: number;
}

/** What was sent to one FIFO queue in the last five minutes. */
export interface SentBefore<Message> {
  /** The message that was sent with this id before; null where there is none, or it was long ago. */
  find(deduplicationId: string, now: number): Message | null;
  remember(deduplicationId: string, message: Message, now: number): void;
}

export function createSentBefore<Message>(): SentBefore<Message> {
  const sent = new Map<string, { readonly message: Message; readonly at: number }>();
  return {
    find: (deduplicationId, now) => {
      const known = sent.get(deduplicationId);
      return known === undefined || now >= known.at + DEDUPLICATION_MILLISECONDS ? null : known.message;
    },
    remember: (deduplicationId, message, now) => {
      sent.set(deduplicationId, { message, at: now });
    },
  };
}

/** The place of a message in a queue with content-based deduplication. */
export function placeOf(body: string, group: string, deduplicationId = ''): FifoPlace {
  if (deduplicationId !== '') return { group, deduplicationId };
  return { group, deduplicationId: createHash('sha256').update(body, 'utf8').digest('hex') };
}

/** Those that may be given out: nothing of a group of which anything is in flight. Without a group: all. */
export function unlocked<Message extends Ordered>(messages: readonly Message[], now: number): readonly Message[] {
  const locked = new Set(messages.flatMap(({ place, visibleAt }) => (visibleAt > now ? (place?.group ?? []) : [])));
  return messages.filter(({ place, visibleAt }) => visibleAt <= now && (place === null || !locked.has(place.group)));
}
