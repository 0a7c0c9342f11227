import type { Clock, Inbox, InboxMessage, Log, Meter } from '../../ports.ts';
import { backOffSeconds, failureOf, OUTCOMES, type Verb, verbOf } from '../outcome.ts';
import type { MessageOutcome } from './handle-messages.ts';
import type { LeaseState } from './keep-leases.ts';
import type { Ending } from './take-turns.ts';

/** From this delivery on, what is tried again and again is worth a look. */
const WARN_FROM_DELIVERY = 4;
/** What a process gives back because it stops is for the next one: the back-off is for hosts that fail. */
const GIVEN_UP_SECONDS = 0;
/** What is behind a message of its group that comes back is held up by it, and comes right after it. */
const BEHIND_SECONDS = 0;

export interface SettlePorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Settlement {
  readonly results: readonly MessageOutcome[];
  readonly lease: LeaseState;
  /** How the messages before it in its group ended. */
  readonly earlier: Ending;
  /** True when this process was told to give up what was under way. */
  readonly isGivenUp: boolean;
}

/**
 * Says what became of a message, and deletes it, gives it back or leaves it. Whatever became of it, it comes back where one before
 * it does. Never rejects: it then comes back by itself.
 */
export async function settleMessage(
  message: InboxMessage,
  settlement: Settlement,
  ports: SettlePorts,
): Promise<Ending> {
  const { results, lease, earlier } = settlement;
  const { log, meter, inbox } = ports;
  for (const result of results) tellOutcome(message, result, ports);
  tellNotices(message, results, ports);
  const outcomes = results.map(({ outcome }) => outcome);
  const verb = earlier === 'comes-back' ? 'later' : verbOf(outcomes);
  if (lease === 'lost') meter.count('leases_lost_total', { queue: inbox.name });
  else meter.count('messages_settled_total', { queue: inbox.name, verb });
  if (lease === 'lost') return 'comes-back';
  if (earlier === 'comes-back') log.info({ messageId: message.id }, 'given back with one before it in its group');
  if (verb === 'leave') return 'ended';
  try {
    if (verb === 'delete') await remove(message, ports);
    else await message.release(secondsUntilBack(message, verb, settlement));
    return verb === 'delete' ? 'ended' : 'comes-back';
  } catch (error) {
    // Handling it twice equals handling it once.
    const { code, message: reason, hint } = failureOf(error);
    log.warn({ messageId: message.id, verb, code, reason, hint }, 'message could not be settled');
    return 'comes-back';
  }
}

function secondsUntilBack(message: InboxMessage, verb: Verb, { results, earlier, isGivenUp }: Settlement): number {
  if (isGivenUp) return GIVEN_UP_SECONDS;
  if (earlier === 'comes-back') return BEHIND_SECONDS;
  return backOffSeconds(
    verb,
    message,
    results.map(({ outcome }) => outcome),
  );
}

async function remove(message: InboxMessage, { inbox, clock, meter }: SettlePorts): Promise<void> {
  await message.ack();
  meter.observe('message_age_seconds', { queue: inbox.name }, Math.max(clock.now() - message.sentAt, 0) / 1000);
}

/** Each notice once per message, however many of its events say so. */
function tellNotices({ id }: InboxMessage, results: readonly MessageOutcome[], ports: SettlePorts): void {
  const { log, meter, inbox } = ports;
  const notices = new Map(results.map((one) => [JSON.stringify([one.notice, one.outcome.secret]), one]));
  for (const { notice, outcome } of notices.values()) {
    if (notice === null) continue;
    const hint = 'See the secret in AWS and what CloudTrail says of it. There is nothing to refresh.';
    log.warn({ messageId: id, secret: outcome.secret, reason: outcome.reason, hint }, notice);
    meter.count('notices_total', { queue: inbox.name });
  }
}

function tellOutcome({ id, receiveCount }: InboxMessage, result: MessageOutcome, { log, meter }: SettlePorts): void {
  const { repository } = result;
  const { kind, reason, hint, secret, branch, pullRequest } = result.outcome;
  const level = kind === 'try-later' && receiveCount >= WARN_FROM_DELIVERY ? 'warn' : OUTCOMES[kind].level;
  const fields = { messageId: id, outcome: kind, repository, secret, branch, pr: pullRequest, reason, hint };
  log[level]({ ...fields, receiveCount }, 'message handled');
  meter.count('outcomes_total', { repository: repository ?? '', outcome: kind });
}
