import type { Clock, Inbox, InboxMessage } from '../../ports.ts';

export interface CoalesceSettings {
  /** How long to wait for more after the newest message, and at most after the first one; milliseconds. */
  readonly windowMilliseconds: number;
  readonly capMilliseconds: number;
  /** The most messages that one batch holds. */
  readonly most: number;
}

/** SQS allows no longer poll. */
const LONGEST_POLL_SECONDS = 20;

/**
 * Receives until nothing more came for a window, so that the events of one rotation become one bump. Every message is
 * handed to `onReceived` at once, so that its lease is kept while we wait. Ends early when `stopping` is aborted.
 */
export async function collectBatch(
  inbox: Inbox,
  clock: Clock,
  settings: CoalesceSettings,
  signals: {
    readonly stopping: AbortSignal;
    readonly abort: AbortSignal;
    readonly onReceived: (messages: readonly InboxMessage[]) => void;
  },
): Promise<readonly InboxMessage[]> {
  const { stopping, abort, onReceived } = signals;
  const first = await inbox.receive(abort);
  onReceived(first);
  const batch = [...first];
  const begun = clock.now();
  let newest = begun;
  while (batch.length > 0 && batch.length < settings.most && !stopping.aborted) {
    const left = Math.min(newest + settings.windowMilliseconds, begun + settings.capMilliseconds) - clock.now();
    if (left <= 0) break;
    // A poll is not cut off by a stop: what it had already taken would be hidden until its lease ends.
    const waitSeconds = Math.min(Math.ceil(left / 1000), LONGEST_POLL_SECONDS);
    const more = await inbox.receive(abort, waitSeconds);
    onReceived(more);
    batch.push(...more);
    if (more.length > 0) newest = clock.now();
    else if (waitSeconds * 1000 >= left) break;
  }
  return batch;
}
