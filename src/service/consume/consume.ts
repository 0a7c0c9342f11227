import type { Failure } from '../../domain/failure.ts';
import type { Clock, Inbox, InboxMessage, Log, Meter } from '../../ports.ts';
import type { Health } from '../health.ts';
import { failureOf } from '../outcome.ts';
import { handleMessages, readMessage } from './handle-messages.ts';
import { keepLeases, type Leases } from './keep-leases.ts';
import type { Lane } from './lane.ts';
import { receivePause } from './receive-pause.ts';
import { settleMessage } from './settle-message.ts';
import { takeTurns } from './take-turns.ts';

export interface ConsumeRequest {
  readonly inbox: Inbox;
  /** They gather what comes together, from whatever queue. */
  readonly lanes: readonly Lane[];
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly health: Health;
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
/** One receive brings no more. */
const MOST_RECEIVED = 10;

/** What was received and has not come to its end. */
interface Hand {
  readonly batches: Set<Promise<void>>;
  readonly leases: Leases;
  count: number;
}

/**
 * Consumes one queue until `stopping` is aborted, and resolves when all that was received has come to its end. Messages are
 * received while earlier ones are still handled. Rejects never: errors back off and are logged.
 */
export async function consume(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const { clock, inbox, health, lanes } = request;
  const pulse = health.pulse(`queue ${inbox.name}`);
  const hand = openHand(request);
  const hurry = () => {
    for (const lane of lanes) lane.hurry();
  };
  for (const signal of [signals.stopping, signals.abort]) signal.addEventListener('abort', hurry, { once: true });
  let failures = 0;
  // Until it has answered, and after a failure, it is not waited for messages: readiness would have to wait as well.
  let waitSeconds: number | undefined = 0;
  while (!signals.stopping.aborted && !signals.abort.aborted) {
    if (hand.count > MOST_IN_HAND - MOST_RECEIVED) {
      // The lanes are watched by themselves.
      pulse.rest();
      await Promise.race(hand.batches);
      continue;
    }
    pulse.beat();
    const failure = await receiveBatch(request, signals, hand, waitSeconds);
    failures = failure === null ? 0 : failures + 1;
    waitSeconds = failure === null ? undefined : 0;
    const waitMilliseconds = receivePause(failures, `${inbox.name} ${clock.now()}`);
    tellOfQueue(request, failure, waitMilliseconds);
    pulse.beat(waitMilliseconds);
    await clock.sleep(waitMilliseconds, signals.stopping);
  }
  hurry();
  pulse.rest();
  await emptied(hand);
  for (const signal of [signals.stopping, signals.abort]) signal.removeEventListener('abort', hurry);
}

/** One receive, to its end: decode, handle in every lane, then settle each message by its outcomes. */
export async function consumeBatch(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const hand = openHand(request);
  await receiveBatch(request, signals, hand);
  await emptied(hand);
}

function openHand({ clock, log, visibilitySeconds }: ConsumeRequest): Hand {
  return { batches: new Set(), leases: keepLeases(clock, log, visibilitySeconds), count: 0 };
}

async function emptied({ batches, leases }: Hand): Promise<void> {
  await Promise.all(batches);
  await leases.stop();
}

/** Receives, and begins to handle what came. Returns what made the poll fail. `waitSeconds`: left out, as the inbox does. */
async function receiveBatch(
  request: ConsumeRequest,
  signals: StopSignals,
  hand: Hand,
  waitSeconds?: number,
): Promise<Failure | null> {
  const { inbox, meter } = request;
  try {
    const messages = await inbox.receive(signals.abort, waitSeconds);
    if (messages.length === 0) return null;
    hand.leases.keep(messages);
    meter.count('messages_received_total', { queue: inbox.name }, messages.length);
    moveHand(request, hand, messages.length);
    const handled = handleBatch(request, messages, { hand, signals });
    hand.batches.add(handled);
    void handled.then(() => hand.batches.delete(handled));
    return null;
  } catch (error) {
    return failureOf(error);
  }
}

/** Each message is settled as soon as the slowest lane is done with it, and all before it in its group. Never rejects. */
async function handleBatch(
  request: ConsumeRequest,
  messages: readonly InboxMessage[],
  { hand, signals }: { readonly hand: Hand; readonly signals: StopSignals },
): Promise<void> {
  const read = messages.map((message) => readMessage(message));
  const inTurn = takeTurns(messages);
  await handleMessages(read, request.lanes, (message, results) =>
    inTurn(message, async (earlier) => {
      const lease = await hand.leases.end(message);
      const ending = await settleMessage(
        message,
        { results, lease, earlier, isGivenUp: signals.abort.aborted },
        request,
      );
      moveHand(request, hand, -1);
      return ending;
    }),
  );
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
