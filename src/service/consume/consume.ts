import type { Failure } from '../../domain/failure.ts';
import type { Clock, Inbox, InboxMessage, Log, Meter } from '../../ports.ts';
import type { Health } from '../health.ts';
import { type Batch, type CoalesceSettings, collectBatch } from './collect-batch.ts';
import { handleMessages, readMessage } from './handle-messages.ts';
import { keepLeases, type Leases } from './keep-leases.ts';
import type { Lane } from './lane.ts';
import { settleMessage } from './settle-message.ts';

export interface ConsumeRequest {
  readonly inbox: Inbox;
  readonly lanes: readonly Lane[];
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly health: Health;
  readonly coalesce: CoalesceSettings;
  readonly visibilitySeconds: number;
}

export interface StopSignals {
  /** No new poll begins; what was received is still brought to its end. */
  readonly stopping: AbortSignal;
  /** The grace period is over: whatever is under way is given up, and its messages are given back. */
  readonly abort: AbortSignal;
}

/** So many messages of one queue are held at most, with their leases: then polling waits until some have come to their end. */
const MOST_IN_HAND = 1000;

/** What was received and has not come to its end. */
interface Hand {
  readonly batches: Set<Promise<void>>;
  count: number;
}

/**
 * Consumes one queue until `stopping` is aborted, and resolves when all that was received has come to its end. Batches are
 * received while earlier ones are still handled. Rejects never: errors back off and are logged.
 */
export async function consume(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const { clock, coalesce, inbox, health } = request;
  const pulse = health.pulse(`queue ${inbox.name}`);
  const hand: Hand = { batches: new Set(), count: 0 };
  let failures = 0;
  while (!signals.stopping.aborted && !signals.abort.aborted) {
    const most = Math.min(coalesce.most, MOST_IN_HAND - hand.count);
    if (most <= 0) {
      // The lanes are watched by themselves.
      pulse.rest();
      await Promise.race(hand.batches);
      continue;
    }
    pulse.beat(coalesce.capMilliseconds);
    const { failure } = await receiveBatch({ ...request, coalesce: { ...coalesce, most } }, signals, hand);
    failures = failure === null ? 0 : failures + 1;
    const waitMilliseconds = failures === 0 ? 0 : Math.min(1000 * 2 ** Math.min(failures - 1, 6), 60_000);
    tellOfQueue(request, failure, waitMilliseconds);
    pulse.beat(waitMilliseconds);
    await clock.sleep(waitMilliseconds, signals.stopping);
  }
  pulse.rest();
  await Promise.all(hand.batches);
}

/** One batch, to its end: receive and coalesce, decode, handle in every lane, then settle each message by its outcomes. */
export async function consumeBatch(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const hand: Hand = { batches: new Set(), count: 0 };
  await receiveBatch(request, signals, hand);
  await Promise.all(hand.batches);
}

/** Receives a batch, and begins to handle what came. */
async function receiveBatch(request: ConsumeRequest, signals: StopSignals, hand: Hand): Promise<Batch> {
  const { inbox, clock, log, meter, coalesce, visibilitySeconds } = request;
  const leases = keepLeases(clock, log, visibilitySeconds);
  const onReceived = (messages: readonly InboxMessage[]) => {
    leases.keep(messages);
    meter.count('messages_received_total', { queue: inbox.name }, messages.length);
    moveHand(request, hand, messages.length);
  };
  const batch = await collectBatch(inbox, clock, coalesce, { ...signals, onReceived });
  const handled = handleBatch(request, batch, { leases, hand, signals });
  hand.batches.add(handled);
  void handled.then(() => hand.batches.delete(handled));
  return batch;
}

/** Each message is settled as soon as the slowest lane is done with it. Never rejects. */
async function handleBatch(
  request: ConsumeRequest,
  { messages }: Batch,
  { leases, hand, signals }: { readonly leases: Leases; readonly hand: Hand; readonly signals: StopSignals },
): Promise<void> {
  const read = messages.map((message) => readMessage(message));
  await handleMessages(read, request.lanes, async (message, results) => {
    const lease = await leases.end(message);
    await settleMessage(message, { results, lease, isGivenUp: signals.abort.aborted }, request);
    moveHand(request, hand, -1);
  });
  await leases.stop();
}

function moveHand({ inbox, meter }: ConsumeRequest, hand: Hand, by: number): void {
  hand.count += by;
  meter.gauge('messages_in_hand', { queue: inbox.name }, hand.count);
}

function tellOfQueue(request: ConsumeRequest, failure: Failure | null, waitMilliseconds: number): void {
  const { inbox, log, meter, health } = request;
  if (failure === null) {
    health.well({ kind: 'queue', name: inbox.name });
    return;
  }
  const { code, message: reason, hint } = failure;
  health.failing({ kind: 'queue', name: inbox.name }, failure);
  meter.count('receive_failures_total', { queue: inbox.name });
  log.error({ queue: inbox.name, waitMilliseconds, code, reason, hint }, 'receive failed');
}
