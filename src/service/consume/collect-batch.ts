import { Failure } from '../../domain/failure.ts';
import type { Clock, Inbox, InboxMessage } from '../../ports.ts';
import { failureOf } from '../outcome.ts';

export interface CoalesceSettings {
  /** How long to wait for more after the newest message, and at most after the first one; milliseconds. */
  readonly windowMilliseconds: number;
  readonly capMilliseconds: number;
  /** The most messages that one batch holds. */
  readonly most: number;
}

/** SQS allows no longer poll. */
const LONGEST_POLL_SECONDS = 20;

export interface CollectSignals {
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  /** Told of every message at once, so that its lease is kept while we wait for more. */
  readonly onReceived: (messages: readonly InboxMessage[]) => void;
}

export interface Batch {
  readonly messages: readonly InboxMessage[];
  /** What made a poll fail: whatever came before it is a batch all the same. */
  readonly failure: Failure | null;
}

/**
 * Receives until nothing more came for a window, so that the events of one rotation become one bump. Ends early when
 * `stopping` is aborted. Rejects never.
 */
export async function collectBatch(
  inbox: Inbox,
  clock: Clock,
  settings: CoalesceSettings,
  signals: CollectSignals,
): Promise<Batch> {
  const { stopping, abort, onReceived } = signals;
  const messages: InboxMessage[] = [];
  const first = await poll(inbox, abort);
  if (first instanceof Failure) return { messages, failure: first };
  onReceived(first);
  messages.push(...first);
  const begun = clock.now();
  let newest = begun;
  while (messages.length > 0 && messages.length < settings.most && !stopping.aborted && !abort.aborted) {
    const left = Math.min(newest + settings.windowMilliseconds, begun + settings.capMilliseconds) - clock.now();
    if (left <= 0) break;
    // A poll is not cut off by a stop: what it had already taken would be hidden until its lease ends.
    const waitSeconds = Math.min(Math.ceil(left / 1000), LONGEST_POLL_SECONDS);
    const more = await poll(inbox, abort, waitSeconds);
    if (more instanceof Failure) return { messages, failure: more };
    onReceived(more);
    messages.push(...more);
    if (more.length > 0) newest = clock.now();
    else if (waitSeconds * 1000 >= left) break;
  }
  return { messages, failure: null };
}

async function poll(inbox: Inbox, abort: AbortSignal, waitSeconds?: number) {
  try {
    return await inbox.receive(abort, waitSeconds);
  } catch (error) {
    return failureOf(error);
  }
}
