import { decodeMessage } from './decode-message.ts';
import type { Decoded } from './decoded.ts';
import { sentTimestamp } from './envelopes.ts';
import { field, MAX_BODY_BYTES, readJson, textField } from './read-json.ts';

// A body inside a message file is a JSON string: escapes can make it several times longer.
const MAX_FILE_BYTES = 8 * MAX_BODY_BYTES;

// As many as the events that one message may hold.
const MAX_MESSAGES = 100;

/**
 * Decodes a file a person saved: an event, one whole SQS message (with `Body`, and its `Attributes.SentTimestamp` as the
 * limit for event times; also as Lambda spells them), a list of such messages, or an answer of ReceiveMessage
 * (`Messages`). Never throws.
 */
export function decodeFile(text: string): readonly Decoded[] {
  const json = readJson(text, MAX_FILE_BYTES);
  const messages = messagesOf(json.kind === 'value' ? json.value : null);
  if (messages.length === 0) return decodeMessage(text, null);
  return messages.flatMap(({ body, sentAt }) => decodeMessage(body, sentAt));
}

interface Message {
  readonly body: string;
  readonly sentAt: number | null;
}

/** Empty unless each part is a message: none is dropped because its neighbours are easier to read. */
function messagesOf(value: unknown): readonly Message[] {
  const listed = Array.isArray(value) ? value : field(value, 'Messages');
  const parts = Array.isArray(listed) ? listed : [value];
  if (parts.length > MAX_MESSAGES) return [];
  const messages = parts.flatMap((part) => messageOf(part) ?? []);
  return messages.length === parts.length ? messages : [];
}

function messageOf(value: unknown): Message | null {
  const body = textField(value, 'Body');
  if (body !== null) return { body, sentAt: sentTimestamp(field(value, 'Attributes', 'SentTimestamp')) };
  // With an `eventSource` it is an envelope of its own, and says whose.
  if (textField(value, 'messageId') === null || field(value, 'eventSource') !== undefined) return null;
  const lambda = textField(value, 'body');
  return lambda === null ? null : { body: lambda, sentAt: sentTimestamp(field(value, 'attributes', 'SentTimestamp')) };
}
