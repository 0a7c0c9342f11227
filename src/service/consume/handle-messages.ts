import { internalFailure } from '../../domain/failure.ts';
import { decodeMessage } from '../../events/decode-message.ts';
import { changesIn, type Decoded } from '../../events/decoded.ts';
import type { InboxMessage } from '../../ports.ts';
import { type Outcome, outcome, outcomeOfFailure } from '../outcome.ts';
import type { ReceivedChange } from '../truth/identify-changes.ts';
import type { Lane } from './lane.ts';

/** What became of a message in one repository; `repository` is null where it never came to one. */
export interface MessageOutcome {
  readonly outcome: Outcome;
  readonly repository: string | null;
  /** What people should hear of although nothing is done about it: a constant text for the log. */
  readonly notice: string | null;
}

/** What one message asks for: changes, and outcomes of what asks for nothing. */
export interface ReadMessage {
  readonly message: InboxMessage;
  readonly changes: readonly ReceivedChange[];
  readonly settled: readonly MessageOutcome[];
}

export function readMessage(message: InboxMessage): ReadMessage {
  const { body, sentAt } = message;
  const decoded = decodeMessage(body, sentAt);
  return {
    message,
    changes: decoded.flatMap((one) => changesIn(one)).map((change) => ({ change, sentAt })),
    settled: decoded.flatMap((one) =>
      changesIn(one).length === 0
        ? [{ outcome: outcomeWithoutChange(one), repository: null, notice: noticeOf(one) }]
        : [],
    ),
  };
}

/**
 * Every outcome of each message: one for each event that asks for nothing, one per change and lane for the rest. `onHandled` is
 * told of a message as soon as its last outcome stands, whatever others still wait for.
 */
export async function handleMessages(
  messages: readonly ReadMessage[],
  lanes: readonly Lane[],
  onHandled: (message: InboxMessage, outcomes: readonly MessageOutcome[]) => Promise<void>,
): Promise<void> {
  const all = messages.flatMap(({ changes }) => changes);
  const results = lanes.map((lane) => {
    const outcomes = lane.handle(all);
    return { name: lane.name, of: new Map(all.map((change, at) => [change, outcomes[at]])) };
  });
  await Promise.all(
    messages.map(async ({ message, changes, settled }) => {
      const handled = results.flatMap(({ name: repository, of }) =>
        changes.map(async (change) => ({ outcome: (await of.get(change)) ?? lostOutcome(), repository, notice: null })),
      );
      await onHandled(message, [...settled, ...(await Promise.all(handled))]);
    }),
  );
}

function lostOutcome(): Outcome {
  return outcomeOfFailure(internalFailure('a lane gives an outcome for every change'));
}

function noticeOf({ action, eventName }: Decoded): string | null {
  if (action !== 'notify') return null;
  return eventName?.startsWith('Rotation') === true ? 'rotation failed in AWS' : 'AWS reports a failure';
}

/** An event that changed a secret but does not say which one is kept for people to see, like one that cannot be read. */
function outcomeWithoutChange({ kind, action, reason, secret }: Decoded): Outcome {
  const isLost = kind === 'unparseable' || action === 'reject' || action === 'unresolvable';
  return outcome(isLost ? 'malformed' : 'ignored', reason, { secret: secret?.name ?? null });
}
