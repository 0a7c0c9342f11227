import { decodeMessage } from '../../events/decode-message.ts';
import type { Decoded } from '../../events/decoded.ts';
import type { InboxMessage } from '../../ports.ts';
import { handleChanges } from '../handle-changes.ts';
import { type Outcome, outcome } from '../outcome.ts';
import type { ServedBranch } from '../served-branch.ts';
import type { ReceivedChange } from '../truth/identify-changes.ts';

/** What became of a message in one repository; `repository` is null where it never came to one. */
export interface MessageOutcome {
  readonly outcome: Outcome;
  readonly repository: string | null;
  /** What people should hear of although nothing is done about it: a constant text for the log. */
  readonly notice: string | null;
}

type Outcomes = ReadonlyMap<InboxMessage, readonly MessageOutcome[]>;

/** What a batch asks for: changes, each with its message, and outcomes of what asks for nothing. */
interface Read {
  readonly changes: ReadonlyMap<ReceivedChange, InboxMessage>;
  readonly settled: readonly (readonly [InboxMessage, MessageOutcome])[];
}

/** Every outcome of every message: one for each event that asks for nothing, one per change and repository for the rest. */
export async function handleMessages(
  messages: readonly InboxMessage[],
  branches: readonly ServedBranch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  const { changes, settled } = read(messages);
  const handled = await Promise.all(branches.map((served) => handleIn(served, changes, signal)));
  return byMessage(messages, [...settled, ...handled.flat()]);
}

/** The outcomes of a batch while writing is paused: what asks for nothing is settled, the rest is given back. */
export function postponeMessages(messages: readonly InboxMessage[]): Outcomes {
  const { changes, settled } = read(messages);
  const hint = 'Set spec.paused to false.';
  const paused = outcome('try-later', 'Writing is paused.', { hint, retryAfterSeconds: 300 });
  return byMessage(messages, [
    ...settled,
    ...[...changes.values()].map((message) => [message, anywhere(paused)] as const),
  ]);
}

function read(messages: readonly InboxMessage[]): Read {
  const changes = new Map<ReceivedChange, InboxMessage>();
  const settled: (readonly [InboxMessage, MessageOutcome])[] = [];
  for (const message of messages) {
    for (const decoded of decodeMessage(message.body, message.sentAt)) {
      if (decoded.change !== null) changes.set({ change: decoded.change, sentAt: message.sentAt }, message);
      else settled.push([message, { ...anywhere(outcomeWithoutChange(decoded)), notice: noticeOf(decoded) }]);
    }
  }
  return { changes, settled };
}

async function handleIn(served: ServedBranch, changes: Read['changes'], signal: AbortSignal) {
  if (changes.size === 0) return [];
  const results = await handleChanges(served, [...changes.keys()], signal);
  return [...changes.values()].flatMap((message, at) => {
    const result = results[at];
    return result === undefined ? [] : [[message, { outcome: result, repository: served.name, notice: null }] as const];
  });
}

function byMessage(
  messages: readonly InboxMessage[],
  all: readonly (readonly [InboxMessage, MessageOutcome])[],
): Outcomes {
  const outcomes = new Map<InboxMessage, MessageOutcome[]>(messages.map((message) => [message, []]));
  for (const [message, one] of all) outcomes.get(message)?.push(one);
  return outcomes;
}

function anywhere(result: Outcome): MessageOutcome {
  return { outcome: result, repository: null, notice: null };
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
