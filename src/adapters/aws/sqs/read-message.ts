import { createHash, getFips } from 'node:crypto';
import type { Message } from '@aws-sdk/client-sqs';
import { plainText } from '../../../domain/plain-text.ts';

/** A message as SQS sent it, checked. */
export type ReadMessage =
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly body: string;
      readonly handle: string;
      /** Null where SQS does not say it. */
      readonly sentAt: number | null;
      readonly receiveCount: number;
      readonly group: string | null;
    }
  /** It can be neither read nor deleted: its lease ends, and in the end it goes to the dead-letter queue. */
  | { readonly kind: 'unusable'; readonly id: string; readonly reason: string };

/** Reads one message of an answer; what is wrong with it says nothing about the others. `group` only from a FIFO queue. */
export function readMessage(message: Message, queue: 'standard' | 'fifo'): ReadMessage {
  const { MessageId, Body: body, ReceiptHandle: handle, Attributes: attributes, MD5OfBody: md5 } = message;
  const id = typeof MessageId === 'string' ? plainText(MessageId, 100) : 'unnamed';
  if (typeof handle !== 'string' || handle === '') return { kind: 'unusable', id, reason: 'it has no receipt handle' };
  if (typeof body !== 'string') return { kind: 'unusable', id, reason: 'it has no body' };
  if (!isIntact(body, md5)) return { kind: 'unusable', id, reason: 'its body does not agree with its MD5' };
  const group = queue === 'fifo' ? attributes?.MessageGroupId : undefined;
  return {
    kind: 'message',
    id,
    body,
    handle,
    sentAt: positiveInteger(attributes?.SentTimestamp),
    receiveCount: positiveInteger(attributes?.ApproximateReceiveCount) ?? 1,
    group: typeof group === 'string' ? group : null,
  };
}

/** MD5 does not exist under FIPS; TLS protects the body as well. */
function isIntact(body: string, md5: unknown): boolean {
  if (typeof md5 !== 'string' || getFips() === 1) return true;
  return createHash('md5').update(body, 'utf8').digest('hex') === md5;
}

function positiveInteger(text: unknown): number | null {
  return typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
