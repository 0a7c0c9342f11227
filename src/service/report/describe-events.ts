import { decodeFile } from '../../events/decode-file.ts';
import { changesIn, type Decoded } from '../../events/decoded.ts';
import type { ReceivedChange } from '../truth/identify-changes.ts';

/** One decoded event as `decode` shows it: what it says, and why it is (not) acted on. */
export type EventDescription = Omit<Decoded, 'change' | 'asides'>;

/** What a file with an SQS message or a bare event says, one description for each event in it. Never throws. */
export function describeEvents(text: string): readonly EventDescription[] {
  return decodeFile(text).map(({ kind, eventName, currentChanged, action, secret, identifier, versionId, reason }) => {
    return { kind, eventName, currentChanged, action, secret, identifier, versionId, reason };
  });
}

/** What is done about each event of such a file; acted on is also what only a few references follow. */
export function judgedEvents(
  text: string,
): readonly (Pick<Decoded, 'action' | 'reason'> & { readonly isActedOn: boolean })[] {
  return decodeFile(text).map((decoded) => {
    const { action, reason } = decoded;
    return { action, reason, isActedOn: changesIn(decoded).length > 0 };
  });
}

/**
 * The changes that a file with an SQS message or a bare event asks for. `now` (epoch milliseconds) stands for the time of
 * delivery where the event names no time.
 */
export function changesOf(text: string, now: number): readonly ReceivedChange[] {
  return decodeFile(text)
    .flatMap((decoded) => changesIn(decoded))
    .map((change) => ({ change, sentAt: change.event.time === null ? now : Date.parse(change.event.time) }));
}
