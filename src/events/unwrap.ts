import { type Decoded, unparseable } from './decoded.ts';
import { openEnvelope } from './envelopes.ts';
import { isObject, type JsonObject, readJson } from './read-json.ts';

/** The most events one message may hold: more is refused as a whole, since dropping some would lose rotations. */
const MAX_EVENTS = 100;

/** How often an envelope may hold another one. The deepest real case: Lambda's report, its records, SQS, SNS, the event. */
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

function unwrapText(text: string, depth: Depth): readonly Unwrapped[] {
  const json = readJson(text);
  if (json.kind === 'unreadable') return [refused(`The text cannot be read: ${json.reason}.`)];
  return unwrapValue(json.value, depth);
}

function unwrapValue(value: unknown, depth: Depth): readonly Unwrapped[] {
  if (depth.level > MAX_ENVELOPES) return [refused(`More than ${MAX_ENVELOPES} envelopes lie around the event.`)];
  if (Array.isArray(value)) return unwrapList(value, depth);
  // JSON that was encoded twice on its way.
  if (typeof value === 'string' && /^\s*[{[]/.test(value)) return unwrapText(value, deeper(depth, null));
  if (!isObject(value)) return [refused('This is a plain text or number; the queue wants events as they are.')];
  const opened = openEnvelope(value);
  switch (opened.kind) {
    case 'decided':
      return [opened];
    case 'event':
    case 'record':
      return [{ ...opened, sentAt: depth.sentAt }];
    case 'text':
      return unwrapText(opened.text, deeper(depth, opened.sentAt));
    case 'value':
      return unwrapValue(opened.value, deeper(depth, opened.sentAt));
    case 'list':
      return unwrapList(opened.values, depth);
  }
}

function unwrapList(values: readonly unknown[], depth: Depth): readonly Unwrapped[] {
  if (values.length === 0) return [refused('The list holds no event.')];
  if (values.length > MAX_EVENTS) return [tooMany()];
  return values.flatMap((value) => unwrapValue(value, deeper(depth, null)));
}

/** A part may lower the limit of event times, never raise it. */
function deeper({ sentAt, level }: Depth, inner: number | null): Depth {
  const earlier = sentAt === null || inner === null ? (sentAt ?? inner) : Math.min(sentAt, inner);
  return { sentAt: earlier, level: level + 1 };
}

function tooMany(): Unwrapped {
  return refused(`The message holds more than ${MAX_EVENTS} events.`);
}

function refused(reason: string): Unwrapped {
  return { kind: 'decided', decoded: unparseable(reason) };
}
