import { decodeMessage } from './decode-message.ts';
import type { Decoded } from './decoded.ts';
import { field, MAX_BODY_BYTES, readJson, textField } from './read-json.ts';
import { sentTimestamp } from './unwrap.ts';

// A body inside a message file is a JSON string: escapes can make it several times longer.
const MAX_FILE_BYTES = 8 * MAX_BODY_BYTES;

// As many as one answer of ReceiveMessage can hold.
const MAX_MESSAGES = 10;

/**
 * Decodes a file a person saved: an event, one whole SQS message (with `Body`, and its `Attributes.SentTimestamp` as the
 * limit for event times), or an answer of ReceiveMessage (`Messages`). Never throws.
 */
export function decodeFile(text: string): readonly Decoded[] {
  const json = readJson(text, MAX_FILE_BYTES);
  const value = json.kind === 'value' ? json.value : null;
  const messages = field(value, 'Messages');
  const listed = Array.isArray(messages) && messages.length <= MAX_MESSAGES ? messages : [];
  const bodies = [value, ...listed].flatMap((message) => {
    const body = textField(message, 'Body');
    return body === null ? [] : [decodeMessage(body, sentTimestamp(field(message, 'Attributes', 'SentTimestamp')))];
  });
  return bodies.length === 0 ? decodeMessage(text, null) : bodies.flat();
}
