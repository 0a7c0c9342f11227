import { Failure } from '../../domain/failure.ts';
import { decodeMessage } from '../../events/decode-message.ts';
import type { Decoded } from '../../events/decoded.ts';
import type { Clock, Inbox, InboxMessage, Log } from '../../ports.ts';
import { handleChanges } from '../handle-changes.ts';
import { backOffSeconds, OUTCOMES, type Outcome, outcome, verbOf } from '../outcome.ts';
import type { ReceivedChange } from '../read-truth.ts';
import type { ServedBranch } from '../served-branch.ts';
import { type CoalesceSettings, collectBatch } from './collect-batch.ts';
import { keepLeases, type Leases } from './keep-leases.ts';

export interface ConsumeRequest {
  readonly inbox: Inbox;
  readonly branches: readonly ServedBranch[];
  readonly clock: Clock;
  readonly log: Log;
  readonly coalesce: CoalesceSettings;
  readonly visibilitySeconds: number;
  /** True stops all writing at once: messages are left in the queue. */
  readonly paused: boolean;
}

export interface StopSignals {
  /** No new poll begins; what was received is still brought to its end. */
  readonly stopping: AbortSignal;
  /** The grace period is over: whatever is under way is given up, and its messages are given back. */
  readonly abort: AbortSignal;
}

/** Consumes one queue until `stopping` is aborted. Rejects never: errors back off and are logged. */
export async function consume(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const { inbox, clock, log } = request;
  let failures = 0;
  while (!signals.stopping.aborted) {
    try {
      await consumeBatch(request, signals);
      failures = 0;
    } catch (error) {
      failures += 1;
      const wait = Math.min(1000 * 2 ** Math.min(failures - 1, 6), 60_000);
      logFailure(log, inbox.name, error, wait);
      await clock.sleep(wait, signals.stopping);
    }
  }
}

/** One batch: receive and coalesce, decode, handle in every repository, then settle each message by its outcomes. */
export async function consumeBatch(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const { inbox, clock, log, coalesce, visibilitySeconds } = request;
  const leases = keepLeases(clock, log, visibilitySeconds);
  try {
    const onReceived = (messages: readonly InboxMessage[]) => leases.keep(messages);
    const batch = await collectBatch(inbox, clock, coalesce, { ...signals, onReceived });
    if (batch.length === 0) return;
    const outcomes = await handleMessages(request, batch, signals.abort);
    await leases.stop();
    await Promise.all(batch.map((message) => settle(request, message, outcomes.get(message) ?? [], leases)));
  } finally {
    await leases.stop();
  }
}

/** Every outcome of every message: one for each result that asks for nothing, one per change and repository for the rest. */
async function handleMessages(
  request: ConsumeRequest,
  batch: readonly InboxMessage[],
  signal: AbortSignal,
): Promise<ReadonlyMap<InboxMessage, readonly Outcome[]>> {
  const outcomes = new Map<InboxMessage, Outcome[]>(batch.map((message) => [message, []]));
  const changes = new Map<ReceivedChange, InboxMessage>();
  for (const message of batch) {
    for (const decoded of decodeMessage(message.body, message.sentAt)) {
      if (decoded.change !== null) changes.set({ change: decoded.change, sentAt: message.sentAt }, message);
      else outcomes.get(message)?.push(outcomeWithoutChange(decoded));
    }
  }
  const received = [...changes.keys()];
  if (request.paused) {
    for (const message of changes.values()) outcomes.get(message)?.push(pausedOutcome());
    return outcomes;
  }
  await Promise.all(
    request.branches.map(async (served) => {
      const results = received.length === 0 ? [] : await handleChanges(served, received, signal);
      for (const [at, change] of received.entries()) {
        const message = changes.get(change);
        const result = results[at];
        if (message === undefined || result === undefined) continue;
        logOutcome(request.log, message, result, served.name);
        outcomes.get(message)?.push(result);
      }
    }),
  );
  return outcomes;
}

async function settle(
  { log }: ConsumeRequest,
  message: InboxMessage,
  outcomes: readonly Outcome[],
  leases: Leases,
): Promise<void> {
  const verb = verbOf(outcomes);
  for (const one of outcomes)
    if (one.kind === 'ignored' || one.kind === 'malformed') logOutcome(log, message, one, null);
  if (leases.isLost(message)) return;
  try {
    if (verb === 'delete') await message.ack();
    else if (verb !== 'leave') await message.release(backOffSeconds(verb, message.receiveCount, outcomes));
  } catch (error) {
    // The message comes back by itself, and handling it twice equals handling it once.
    const code = error instanceof Failure ? error.code : 'internal';
    log.warn({ messageId: message.id, verb, code }, 'message could not be settled');
  }
}

function outcomeWithoutChange(decoded: Decoded): Outcome {
  const secret = decoded.secret?.name ?? null;
  if (decoded.kind === 'unparseable' || decoded.action === 'reject')
    return outcome('malformed', decoded.reason, { secret });
  return outcome('ignored', decoded.reason, { secret });
}

function pausedOutcome(): Outcome {
  return outcome('try-later', 'Writing is paused.', { hint: 'Set spec.paused to false.', retryAfterSeconds: 300 });
}

function logOutcome(log: Log, message: InboxMessage, result: Outcome, repository: string | null): void {
  const { kind, reason, hint, secret, branch, pullRequest } = result;
  const level = kind === 'try-later' && message.receiveCount > 3 ? 'warn' : OUTCOMES[kind].level;
  const fields = { messageId: message.id, outcome: kind, repository, secret, branch, pr: pullRequest, reason, hint };
  log[level]({ ...fields, receiveCount: message.receiveCount }, 'message handled');
}

function logFailure(log: Log, queue: string, error: unknown, waitMilliseconds: number): void {
  const known = error instanceof Failure ? { code: error.code, reason: error.message, hint: error.hint } : null;
  log.error(
    { queue, waitMilliseconds, ...(known ?? { code: 'internal', reason: 'unexpected error' }) },
    'receive failed',
  );
}
