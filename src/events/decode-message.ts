/**
 * Room `events`: text in, results out. It knows every envelope and event family that can reach the queue, and which of
 * them mean that a secret may have a new value. It never throws, and it knows nothing of queues, repositories or AWS calls.
 *
 * The order: caps, envelopes (`unwrap.ts`), who speaks (here), what it means (`meaning/event-names.ts`), which
 * secret (`meaning/identity.ts`), how far it is trusted (`meaning/judge.ts`).
 */
import { type Decoded, ignored, quoted, unparseable } from './decoded.ts';
import { eventFrame, type Frame, recordFrame } from './frame.ts';
import { decodeParameterEvent } from './meaning/parameter-event.ts';
import { decodeSecretEvent } from './meaning/secret-event.ts';
import { textField } from './read-json.ts';
import { type Unwrapped, unwrap } from './unwrap.ts';

interface Service {
  /** EventBridge's `source`, which customers cannot forge: `PutEvents` refuses `aws.*`. */
  readonly source: string;
  /** CloudTrail's `eventSource`. */
  readonly eventSource: string;
  readonly decode: (frame: Frame) => Decoded;
}

const SERVICES: readonly Service[] = [
  { source: 'aws.secretsmanager', eventSource: 'secretsmanager.amazonaws.com', decode: decodeSecretEvent },
  { source: 'aws.ssm', eventSource: 'ssm.amazonaws.com', decode: decodeParameterEvent },
];

const MAX_DATE = 8.64e15;

/**
 * Decodes an SQS message body into one result per event it holds, at least one. `sentAt` is SQS's SentTimestamp in epoch
 * milliseconds: event times later than it are set back to it; null sets no limit. Never throws.
 */
export function decodeMessage(body: string, sentAt: number | null): readonly Decoded[] {
  const limit = sentAt !== null && sentAt >= 0 && sentAt <= MAX_DATE ? sentAt : null;
  return unwrap(body, limit).map(decodePart);
}

function decodePart(part: Unwrapped): Decoded {
  switch (part.kind) {
    case 'decided':
      return part.decoded;
    case 'record': {
      const speaker = textField(part.record, 'eventSource') ?? '';
      const service = SERVICES.find((one) => one.eventSource === speaker);
      return service?.decode(recordFrame(part.record, part.sentAt)) ?? foreign(speaker);
    }
    case 'event': {
      const speaker = textField(part.event, 'source') ?? '';
      const service = SERVICES.find((one) => one.source === speaker);
      if (service === undefined) return foreign(speaker);
      const frame = eventFrame(part.event, part.sentAt);
      if (frame === null) return unparseable(`The event of ${speaker} cannot be read: its detail is no object.`);
      // Trimmed samples have no eventSource; one that contradicts the envelope is not believed.
      const inner = textField(frame.detail, 'eventSource');
      return inner === null || inner === service.eventSource ? service.decode(frame) : foreign(inner);
    }
  }
}

function foreign(speaker: string): Decoded {
  return ignored(null, `It comes from ${quoted(speaker)}; only Secrets Manager and Parameter Store speak of secrets.`);
}
