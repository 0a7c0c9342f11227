import type { InboxMessage, Log } from '../../ports.ts';
import { backOffSeconds, failureOf, OUTCOMES, verbOf } from '../outcome.ts';
import type { MessageOutcome } from './handle-messages.ts';

/** From this delivery on, what is tried again and again is worth a look. */
const WARN_FROM_DELIVERY = 4;

/** Says what became of a message, and deletes it, gives it back or leaves it. Never rejects: it then comes back by itself. */
export async function settleMessage(
  message: InboxMessage,
  results: readonly MessageOutcome[],
  lease: 'held' | 'lost',
  log: Log,
): Promise<void> {
  for (const result of results) logOutcome(message, result, log);
  warnOfNotices(message, results, log);
  const outcomes = results.map(({ outcome }) => outcome);
  const verb = verbOf(outcomes);
  if (lease === 'lost' || verb === 'leave') return;
  try {
    if (verb === 'delete') await message.ack();
    else await message.release(backOffSeconds(verb, message.receiveCount, outcomes));
  } catch (error) {
    // Handling it twice equals handling it once.
    log.warn({ messageId: message.id, verb, code: failureOf(error).code }, 'message could not be settled');
  }
}

/** Each notice once per message, however many of its events say so. */
function warnOfNotices({ id }: InboxMessage, results: readonly MessageOutcome[], log: Log): void {
  const notices = new Map(results.map((one) => [JSON.stringify([one.notice, one.outcome.secret]), one]));
  for (const { notice, outcome } of notices.values()) {
    if (notice === null) continue;
    const hint = 'See the secret in AWS and what CloudTrail says of it. There is nothing to refresh.';
    log.warn({ messageId: id, secret: outcome.secret, reason: outcome.reason, hint }, notice);
  }
}

function logOutcome({ id, receiveCount }: InboxMessage, { outcome, repository }: MessageOutcome, log: Log): void {
  const { kind, reason, hint, secret, branch, pullRequest } = outcome;
  const level = kind === 'try-later' && receiveCount >= WARN_FROM_DELIVERY ? 'warn' : OUTCOMES[kind].level;
  const fields = { messageId: id, outcome: kind, repository, secret, branch, pr: pullRequest, reason, hint };
  log[level]({ ...fields, receiveCount }, 'message handled');
}
