import { decodeFile } from '../events/decode-file.ts';
import type { Decoded } from '../events/decoded.ts';

/** One decoded event as `decode` shows it: what it says, and why it is (not) acted on. */
export type EventDescription = Omit<Decoded, 'change'>;

/** What a file with an SQS message or a bare event says, one description for each event in it. Never throws. */
export function describeEvents(text: string): readonly EventDescription[] {
  return decodeFile(text).map(({ kind, eventName, currentChanged, action, secret, identifier, versionId, reason }) => {
    return { kind, eventName, currentChanged, action, secret, identifier, versionId, reason };
  });
}
