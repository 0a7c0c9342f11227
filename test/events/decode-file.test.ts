import { expect, test } from 'vitest';
import { decodeFile } from '../../src/events/decode-file.ts';
import { decodeMessage } from '../../src/events/decode-message.ts';
import { labelMoved, tell } from './sample-events.ts';

const EVENT = JSON.stringify(labelMoved());

test('a file is an event, or a message around one', () => {
  expect(decodeFile(EVENT)).toEqual(decodeMessage(EVENT, null));
  expect(decodeFile(JSON.stringify({ MessageId: 'm', Body: EVENT }, null, 2))).toEqual(decodeMessage(EVENT, null));
});

test('the message says when it was sent', () => {
  const message = { Body: EVENT, Attributes: { SentTimestamp: '1000' } };
  expect(decodeFile(JSON.stringify(message))).toEqual(decodeMessage(EVENT, 1000));
  const odd = { Body: EVENT, Attributes: { SentTimestamp: 'yesterday' } };
  expect(decodeFile(JSON.stringify(odd))).toEqual(decodeMessage(EVENT, null));
});

test('an answer of ReceiveMessage is each of its messages', () => {
  const message = { Body: EVENT, Attributes: { SentTimestamp: '1000' } };
  const twice = [...decodeMessage(EVENT, 1000), ...decodeMessage('no event', null)];
  expect(decodeFile(JSON.stringify({ Messages: [message, { Body: 'no event' }] }))).toEqual(twice);
  expect(decodeFile('{"Messages":[]}').map(tell)).toEqual(['unparseable - no reject']);
  expect(decodeFile(JSON.stringify({ Messages: Array.from({ length: 101 }, () => message) })).map(tell)).toEqual([
    'unparseable - no reject',
  ]);
});

test('a list of messages is each of them, with and without the names that Lambda gives them', () => {
  const own = { Body: EVENT, Attributes: { SentTimestamp: '1000' } };
  const lambda = { messageId: 'm', body: EVENT, attributes: { SentTimestamp: '1000' } };
  expect(decodeFile(JSON.stringify(lambda))).toEqual(decodeMessage(EVENT, 1000));
  const both = [...decodeMessage(EVENT, 1000), ...decodeMessage(EVENT, 1000)];
  expect(decodeFile(JSON.stringify([own, lambda]))).toEqual(both);
  const plain = { ...lambda, messageId: undefined };
  expect(decodeFile(JSON.stringify(plain)).map(tell)).toEqual(['unparseable - no reject']);
});

test('a part that is no message is not passed over', () => {
  const answers = decodeFile(JSON.stringify([{ Body: EVENT }, labelMoved()])).map(tell);
  expect(answers).toEqual(['unparseable - no reject', 'secret - yes reconcile']);
});

test('attributes that EventBridge adds for its dead-letter queue change nothing', () => {
  const MessageAttributes = { ERROR_CODE: { StringValue: 'NO_PERMISSIONS' }, RULE_ARN: { StringValue: 'arn' } };
  expect(decodeFile(JSON.stringify({ Body: EVENT, MessageAttributes })).map(tell)).toEqual(['secret - yes reconcile']);
});

test.each([
  '',
  'text',
  '42',
  '[]',
  '{}',
  '{"Body":42}',
  '{"Body":""}',
  '{"__proto__":{"Body":"x"}}',
  '[{"Body":"{}"}]',
])('%j is one refusal', (text) => {
  expect(decodeFile(text).map(tell)).toEqual(['unparseable - no reject']);
});

test('a body of the largest size fits into its file', () => {
  const body = `"${'\u0001'.repeat(10)}${'"'.repeat(500_000)}"`;
  expect(decodeFile(JSON.stringify({ Body: body }))).toEqual(decodeMessage(body, null));
});
