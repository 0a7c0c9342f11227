import { parseArn } from '../domain/secret-id.ts';
import { control, type Decoded, ignored, quoted, unparseable } from './decoded.ts';
import { field, isObject, type JsonObject, textField } from './read-json.ts';

/** What lies within an envelope. `sentAt`: when SQS received that part, epoch milliseconds; null where nothing says it. */
export type Opened =
  | { readonly kind: 'event'; readonly event: JsonObject }
  | { readonly kind: 'record'; readonly record: JsonObject }
  | { readonly kind: 'decided'; readonly decoded: Decoded }
  | { readonly kind: 'text'; readonly text: string; readonly sentAt: number | null }
  | { readonly kind: 'value'; readonly value: JsonObject; readonly sentAt: number | null }
  | { readonly kind: 'list'; readonly values: readonly unknown[] };

interface Envelope {
  /** As docs/events.md calls it. */
  readonly name: string;
  /** Null for an object of another form. */
  readonly open: (value: JsonObject) => Opened | null;
}

/** Every form of a JSON object that can reach the queue; the first that fits decides. */
export const ENVELOPES: readonly Envelope[] = [
  { name: 'EventBridge event', open: asEvent },
  { name: 'SNS notification', open: asNotification },
  { name: 'SNS handshake', open: asHandshake },
  { name: 'Records', open: asRecords },
  { name: 'SQS message', open: asSqsMessage },
  { name: 'SNS record', open: asSnsRecord },
  { name: 'Lambda destination', open: asDestination },
  { name: 'S3 test event', open: asTestEvent },
  { name: 'CloudTrail record', open: asRecord },
  { name: 'Event in a field', open: asField },
];

/** Takes one envelope off an object; a form that nobody knows is a refusal. */
export function openEnvelope(value: JsonObject): Opened {
  for (const { open } of ENVELOPES) {
    const opened = open(value);
    if (opened !== null) return opened;
  }
  return refused(
    'This is no event of EventBridge, CloudTrail or SNS; the queue wants events as they are, not transformed.',
  );
}

/** Epoch milliseconds as SQS writes them (a string of digits), or null. */
export function sentTimestamp(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function refused(reason: string): Opened {
  return { kind: 'decided', decoded: unparseable(reason) };
}

function asEvent(value: JsonObject): Opened | null {
  return isEvent(value) ? { kind: 'event', event: value } : null;
}

function asNotification(value: JsonObject): Opened | null {
  if (textField(value, 'Type') !== 'Notification') return null;
  const text = textField(value, 'Message');
  return text === null ? refused('The SNS notification holds no message.') : { kind: 'text', text, sentAt: null };
}

/** The message's own link is left out: whoever follows it trusts whoever wrote the message. */
function asHandshake(value: JsonObject): Opened | null {
  const type = textField(value, 'Type');
  if (type !== 'SubscriptionConfirmation' && type !== 'UnsubscribeConfirmation') return null;
  const topic = textField(value, 'TopicArn');
  const from = topic !== null && parseArn(topic)?.service === 'sns' ? `The SNS topic ${quoted(topic)}` : 'An SNS topic';
  const asks = type === 'SubscriptionConfirmation' ? 'asks to confirm its subscription' : 'reports an unsubscription';
  const reason = `${from} ${asks}: a person has to answer it in the AWS console; nothing is fetched.`;
  return { kind: 'decided', decoded: control(reason) };
}

/** As Lambda gets records, and as CloudTrail writes its log files. */
function asRecords(value: JsonObject): Opened | null {
  const values = field(value, 'Records');
  return Array.isArray(values) ? { kind: 'list', values } : null;
}

/** As ReceiveMessage answers; or as Lambda and pipes hand a message on, its body parsed where a pipe transforms it. */
function asSqsMessage(value: JsonObject): Opened | null {
  const own = textField(value, 'Body');
  if (own !== null && textField(value, 'MessageId') !== null) {
    return { kind: 'text', text: own, sentAt: sentTimestamp(field(value, 'Attributes', 'SentTimestamp')) };
  }
  const source = field(value, 'eventSource');
  if (source !== 'aws:sqs' && (source !== undefined || textField(value, 'messageId') === null)) return null;
  const body = field(value, 'body');
  const sentAt = sentTimestamp(field(value, 'attributes', 'SentTimestamp'));
  if (typeof body === 'string') return { kind: 'text', text: body, sentAt };
  return isObject(body) ? { kind: 'value', value: body, sentAt } : null;
}

function asSnsRecord(value: JsonObject): Opened | null {
  const sns = field(value, 'Sns');
  return isObject(sns) ? { kind: 'value', value: sns, sentAt: null } : null;
}

/** What Lambda reports of a call that it made asynchronously: the event is what the function was given. */
function asDestination(value: JsonObject): Opened | null {
  const payload = field(value, 'requestPayload');
  return isObject(payload) && isObject(field(value, 'requestContext'))
    ? { kind: 'value', value: payload, sentAt: null }
    : null;
}

function asTestEvent(value: JsonObject): Opened | null {
  if (textField(value, 'Event') !== 's3:TestEvent') return null;
  return { kind: 'decided', decoded: ignored(null, 'S3 tests its notifications with it; it concerns no secret.') };
}

function asRecord(value: JsonObject): Opened | null {
  return isRecord(value) ? { kind: 'record', record: value } : null;
}

/** An object that claims to be an event itself is not searched for another one. */
const CLAIMS = ['source', 'detail-type', 'eventSource', 'eventName', 'Type'] as const;

/** `{"event": …}`: what an input transformer with `<aws.events.event.json>` or a wrapper of one's own makes. */
function asField(value: JsonObject): Opened | null {
  if (CLAIMS.some((key) => field(value, key) !== undefined)) return null;
  const values = Object.entries(value).flatMap(([key, inner]) =>
    key !== '__proto__' && isObject(inner) && (isEvent(inner) || isRecord(inner)) ? [inner] : [],
  );
  return values.length === 0 ? null : { kind: 'list', values };
}

function isEvent(value: JsonObject): boolean {
  return textField(value, 'source') !== null && textField(value, 'detail-type') !== null;
}

function isRecord(value: JsonObject): boolean {
  return textField(value, 'eventSource') !== null && textField(value, 'eventName') !== null;
}
