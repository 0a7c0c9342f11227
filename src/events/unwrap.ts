import { parseArn } from '../domain/secret-id.ts';
import { control, type Decoded, ignored, quoted, unparseable } from './decoded.ts';
import { field, isObject, type JsonObject, readJson, textField } from './read-json.ts';

/** The most events one message may hold: more is refused as a whole, since dropping some would lose rotations. */
const MAX_EVENTS = 100;

/** How often an envelope may hold another one. The deepest real case: a pipe's array, an SQS record, SNS, the event. */
const MAX_ENVELOPES = 4;

/** What a message holds: EventBridge events, CloudTrail records without envelope, and parts that are already decided. */
export type Unwrapped =
  | { readonly kind: 'event'; readonly event: JsonObject; readonly sentAt: number | null }
  | { readonly kind: 'record'; readonly record: JsonObject; readonly sentAt: number | null }
  | { readonly kind: 'decided'; readonly decoded: Decoded };

interface Depth {
  readonly sentAt: number | null;
  readonly level: number;
}

/** Takes every envelope off a message body. Never empty: a text without any event is one refusal. */
export function unwrap(body: string, sentAt: number | null): readonly Unwrapped[] {
  const parts = unwrapText(body, { sentAt, level: 0 });
  return parts.length > MAX_EVENTS ? [tooMany()] : parts;
}

/** Epoch milliseconds as SQS writes them (a string of digits), or null. */
export function sentTimestamp(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function unwrapText(text: string, depth: Depth): readonly Unwrapped[] {
  const json = readJson(text);
  if (json.kind === 'unreadable') return [refused(`The text cannot be read: ${json.reason}.`)];
  return unwrapValue(json.value, depth);
}

function unwrapValue(value: unknown, depth: Depth): readonly Unwrapped[] {
  if (depth.level > MAX_ENVELOPES) return [refused(`More than ${MAX_ENVELOPES} envelopes lie around the event.`)];
  if (Array.isArray(value)) return unwrapList(value, depth);
  if (!isObject(value)) return [refused('The text is JSON, but no object.')];
  return (
    asEvent(value, depth) ??
    asSns(value, depth) ??
    asBatch(value, depth) ??
    asRecord(value, depth) ?? [refused('It is no event of EventBridge, CloudTrail or SNS.')]
  );
}

function asEvent(value: JsonObject, depth: Depth): readonly Unwrapped[] | null {
  if (textField(value, 'source') === null || textField(value, 'detail-type') === null) return null;
  return [{ kind: 'event', event: value, sentAt: depth.sentAt }];
}

function asSns(value: JsonObject, depth: Depth): readonly Unwrapped[] | null {
  const type = textField(value, 'Type');
  if (type === 'SubscriptionConfirmation' || type === 'UnsubscribeConfirmation') {
    return [{ kind: 'decided', decoded: handshake(type, textField(value, 'TopicArn')) }];
  }
  if (type !== 'Notification') return null;
  const message = textField(value, 'Message');
  if (message === null) return [refused('The SNS notification holds no message.')];
  return unwrapText(message, deeper(depth));
}

/** SQS records as Lambda and pipes hand them on, SNS records as Lambda gets them, and lists of any of these. */
function asBatch(value: JsonObject, depth: Depth): readonly Unwrapped[] | null {
  const records = field(value, 'Records');
  if (Array.isArray(records)) return unwrapList(records, depth);
  const body = textField(value, 'body');
  if (body !== null && textField(value, 'eventSource') === 'aws:sqs') {
    const sentAt = sentTimestamp(field(value, 'attributes', 'SentTimestamp'));
    return unwrapText(body, { ...deeper(depth), sentAt: earlier(sentAt, depth.sentAt) });
  }
  const sns = field(value, 'Sns');
  return isObject(sns) ? unwrapValue(sns, deeper(depth)) : null;
}

function asRecord(value: JsonObject, depth: Depth): readonly Unwrapped[] | null {
  if (textField(value, 'Event') === 's3:TestEvent') {
    return [{ kind: 'decided', decoded: ignored(null, 'S3 announces a notification; it concerns no secret.') }];
  }
  if (textField(value, 'eventSource') === null || textField(value, 'eventName') === null) return null;
  return [{ kind: 'record', record: value, sentAt: depth.sentAt }];
}

function unwrapList(values: readonly unknown[], depth: Depth): readonly Unwrapped[] {
  if (values.length === 0) return [refused('The list holds no event.')];
  if (values.length > MAX_EVENTS) return [tooMany()];
  return values.flatMap((value) => unwrapValue(value, deeper(depth)));
}

/** The message's own link is left out: whoever follows it trusts whoever wrote the message. */
function handshake(type: string, topic: string | null): Decoded {
  const from = topic !== null && parseArn(topic)?.service === 'sns' ? `The SNS topic ${quoted(topic)}` : 'An SNS topic';
  const asks = type === 'SubscriptionConfirmation' ? 'asks to confirm its subscription' : 'reports an unsubscription';
  return control(`${from} ${asks}: a person has to answer it in the AWS console; nothing is fetched.`);
}

function deeper(depth: Depth): Depth {
  return { ...depth, level: depth.level + 1 };
}

function earlier(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}

function tooMany(): Unwrapped {
  return refused(`The message holds more than ${MAX_EVENTS} events.`);
}

function refused(reason: string): Unwrapped {
  return { kind: 'decided', decoded: unparseable(reason) };
}
