import { decodeMessage } from './decode-message.ts';
import type { Decoded } from './decoded.ts';
import { field, MAX_BODY_BYTES, readJson, textField } from './read-json.ts';
import { sentTimestamp } from './unwrap.ts';

// A body inside a message file is a JSON string: escapes can make it several times longer.
const MAX_FILE_BYTES = 8 * MAX_BODY_BYTES;

/**
 * Decodes a file a person saved: an event, or one whole SQS message (with `Body`, and its `Attributes.SentTimestamp` as
 * the limit for event times). Never throws.
 */
export function decodeFile(text: string): readonly Decoded[] {
  const json = readJson(text, MAX_FILE_BYTES);
  const body = json.kind === 'value' ? textField(json.value, 'Body') : null;
  if (json.kind === 'unreadable' || body === null) return decodeMessage(text, null);
  return decodeMessage(body, sentTimestamp(field(json.value, 'Attributes', 'SentTimestamp')));
}
