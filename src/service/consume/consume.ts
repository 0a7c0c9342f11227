import type { Clock, Inbox, InboxMessage, Log } from '../../ports.ts';
import { failureOf } from '../outcome.ts';
import type { ServedBranch } from '../served-branch.ts';
import { type CoalesceSettings, collectBatch } from './collect-batch.ts';
import { handleMessages, postponeMessages } from './handle-messages.ts';
import { keepLeases } from './keep-leases.ts';
import { settleMessage } from './settle-message.ts';

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
  while (!signals.stopping.aborted && !signals.abort.aborted) {
    try {
      await consumeBatch(request, signals);
      failures = 0;
    } catch (error) {
      failures += 1;
      const waitMilliseconds = Math.min(1000 * 2 ** Math.min(failures - 1, 6), 60_000);
      const { code, message: reason, hint } = failureOf(error);
      log.error({ queue: inbox.name, waitMilliseconds, code, reason, hint }, 'receive failed');
      await clock.sleep(waitMilliseconds, signals.stopping);
    }
  }
}

/**
 * One batch: receive and coalesce, decode, handle in every repository, then settle each message by its outcomes. Rejects
 * when a poll failed, after whatever had come before it is settled.
 */
export async function consumeBatch(request: ConsumeRequest, signals: StopSignals): Promise<void> {
  const { inbox, branches, clock, log, coalesce, visibilitySeconds, paused } = request;
  const leases = keepLeases(clock, log, visibilitySeconds);
  try {
    const onReceived = (messages: readonly InboxMessage[]) => leases.keep(messages);
    const { messages, failure } = await collectBatch(inbox, clock, coalesce, { ...signals, onReceived });
    const outcomes = paused ? postponeMessages(messages) : await handleMessages(messages, branches, signals.abort);
    await leases.stop();
    await Promise.all(
      [...outcomes].map(([message, results]) =>
        settleMessage(message, results, leases.isLost(message) ? 'lost' : 'held', log),
      ),
    );
    if (failure !== null) throw failure;
  } finally {
    await leases.stop();
  }
}
