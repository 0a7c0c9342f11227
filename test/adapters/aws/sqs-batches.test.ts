import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSqsInbox, type SqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { createFaults } from '../../../src/demo/faults.ts';
import type { InboxMessage, LogFields } from '../../../src/ports.ts';
import { connection, failureOf, INBOX_PORTS } from './aws-test-connection.ts';

const faults = createFaults();
const SILENCE = { kind: 'before', act: () => new Promise<void>(() => {}) } as const;
let sqs: SqsServer;
let inbox: SqsInbox;
let told: LogFields[];

beforeAll(async () => {
  sqs = await startSqs({ faults });
});
beforeEach(() => {
  faults.clear();
  told = [];
  inbox = open(sqs.createQueue('events', { visibilityTimeout: 30 }));
});
afterAll(() => sqs.close());

test('hundreds of heartbeats and deletes are a tenth as many calls', async () => {
  const messages = await receiveAll(300);
  const before = sqs.requests.length;
  expect(new Set(await Promise.all(messages.map((message) => message.extend(600))))).toEqual(new Set([true]));
  sqs.advance(500_000);
  expect(sqs.visible('events')).toBe(0);
  await Promise.all(messages.map((message) => message.ack()));
  expect(sqs.deleted('events')).toBe(300);
  expect(count(sqs.requests.slice(before))).toEqual({ ChangeMessageVisibilityBatch: 30, DeleteMessageBatch: 30 });
});

test('what is asked for later than that goes in a call of its own', async () => {
  const [first, second] = await receiveAll(2);
  const before = sqs.requests.length;
  await first?.ack();
  await second?.ack();
  expect(count(sqs.requests.slice(before))).toEqual({ DeleteMessageBatch: 2 });
});

test('a time of each entry is its own', async () => {
  const messages = await receiveAll(3);
  await Promise.all([messages[0]?.release(0), messages[1]?.release(100), messages[2]?.extend(1000)]);
  expect([sqs.visible('events'), sqs.inFlight('events')]).toEqual([1, 2]);
  sqs.advance(100_001);
  expect([sqs.visible('events'), sqs.inFlight('events')]).toEqual([2, 1]);
});

test('an entry that SQS itself fails is tried again, alone', async () => {
  const messages = await receiveAll(5);
  const before = sqs.requests.length;
  sqs.failEntries('events', 3, { Code: 'InternalError', SenderFault: false });
  await Promise.all(messages.map((message) => message.ack()));
  expect(sqs.bodies('events')).toEqual([]);
  expect(count(sqs.requests.slice(before))).toEqual({ DeleteMessageBatch: 2 });
});

test('a bounded number of times: then everybody is told what became of his own', async () => {
  const messages = await receiveAll(2);
  const before = sqs.requests.length;
  sqs.failEntries('events', 4, { Code: 'InternalError', SenderFault: false });
  const results = await Promise.allSettled(messages.map((message) => message.ack()));
  // The first two fail in the first and in the second call.
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  sqs.failEntries('events', 9, { Code: 'InternalError', SenderFault: false });
  const failure = await failureOf(messages[0]?.release(0) ?? Promise.resolve());
  expect(failure).toMatchObject({ code: 'aws-unreachable', retry: 'later' });
  expect(failure.message).toBe('could not release a message of queue events: InternalError (HTTP 503)');
  expect(count(sqs.requests.slice(before))).toEqual({ DeleteMessageBatch: 3, ChangeMessageVisibilityBatch: 3 });
});

const REFUSED: readonly [string, string][] = [
  ['ReceiptHandleIsInvalid', 'queue-lease-lost later'],
  ['AWS.SimpleQueueService.MessageNotInflight', 'queue-lease-lost later'],
  ['AccessDenied', 'queue-denied never'],
  ['RequestThrottled', 'aws-throttled later'],
  ['InvalidAddress', 'aws-rejected never'],
  ['\u001b[31m payload', 'aws-rejected never'],
];
for (const [Code, expected] of REFUSED) {
  test(`an entry that is our fault is not tried again: ${JSON.stringify(Code)}`, async () => {
    const [first, second] = await receiveAll(2);
    const before = sqs.requests.length;
    sqs.failEntries('events', 1, { Code, SenderFault: true });
    const [failure] = await Promise.all([failureOf(first?.ack() ?? Promise.resolve()), second?.ack()]);
    expect(`${failure.code} ${failure.retry}`).toBe(expected);
    expect(failure.message).not.toContain('payload');
    expect([sqs.bodies('events').length, sqs.requests.length - before]).toEqual([1, 1]);
  });
}

test('an entry that the answer does not mention is not confirmed: it is asked for again, and then told', async () => {
  const [message] = await receiveAll(1);
  const odd = [{}, { Successful: [{ Id: '7' }, {}], Failed: [{ Code: 'x' }] }, { Failed: [] }, { Successful: [] }];
  for (const body of odd.slice(0, 3)) faults.plan(/DeleteMessageBatch/, { kind: 'answer', status: 200, body });
  const failure = await failureOf(message?.ack() ?? Promise.resolve());
  expect(failure.message).toBe('could not delete a message of queue events: NotConfirmed (HTTP 503)');
  faults.plan(/DeleteMessageBatch/, { kind: 'answer', status: 200, body: odd[3] });
  await message?.ack();
  expect(sqs.bodies('events')).toEqual([]);
});

test('what is said to have failed has failed, whatever else is said of it', async () => {
  const [message] = await receiveAll(1);
  const body = { Successful: [{ Id: '0' }], Failed: [{ Id: '0', SenderFault: true, Code: 'AccessDenied' }] };
  faults.plan(/DeleteMessageBatch/, { kind: 'answer', status: 200, body });
  expect((await failureOf(message?.ack() ?? Promise.resolve())).code).toBe('queue-denied');
});

test('a call that fails as a whole fails for all who are in it, and for nobody else', async () => {
  const messages = await receiveAll(12);
  faults.plan(/DeleteMessageBatch/, awsError('com.amazon.coral.service#AccessDeniedException', 403));
  const results = await Promise.allSettled(messages.map((message) => message.ack()));
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  expect(sqs.deleted('events')).toBe(2);
});

test('a call that is never answered has its time limit', async () => {
  const impatient = open(undefined, { requestMilliseconds: 1000 });
  sqs.send('events', 'hello');
  const [message] = await impatient.receive(never());
  faults.plan(/DeleteMessageBatch/, SILENCE);
  expect((await failureOf(message?.ack() ?? Promise.resolve())).code).toBe('aws-unreachable');
});

test('one message whose checksum is wrong, or that is no text, is left alone and told: the other nine arrive', async () => {
  const whole = { MessageId: 'm', ReceiptHandle: 'h', Body: 'x', MD5OfBody: '9dd4e461268c8034f5c8564e155c67a6' };
  const nine = Array.from({ length: 9 }, (_, at) => ({ ...whole, MessageId: `m${at}` }));
  const broken = [
    { ...whole, MessageId: 'bad\u001b', Body: 'y' },
    { ...whole, Body: null },
    { ...whole, Body: 7 },
    { ...whole, Body: { a: 1 } },
    { ...whole, ReceiptHandle: 5 },
    { ...whole, ReceiptHandle: undefined },
  ];
  for (const one of broken) {
    faults.plan(/Receive/, { kind: 'answer', status: 200, body: { Messages: [...nine, one] } });
    expect(await inbox.receive(never()), JSON.stringify(one)).toHaveLength(9);
  }
  expect(told).toHaveLength(broken.length);
  expect(told[0]).toEqual({
    queue: 'events',
    messageId: 'bad\\u{1b}',
    reason: 'its body does not agree with its MD5',
  });
  const odd = [
    { ...whole, MessageId: undefined },
    { ...whole, MessageId: 4 },
    { ...whole, Attributes: [] },
  ];
  faults.plan(/Receive/, { kind: 'answer', status: 200, body: { Messages: odd } });
  expect((await inbox.receive(never())).map(({ id }) => id)).toEqual(['unnamed', 'unnamed', 'm']);
});

test('a group is a word of FIFO queues alone', async () => {
  const [message] = await receiveAll(1);
  expect(message?.group).toBeNull();
});

function open(queueUrl = `${sqs.url}/111122223333/events`, limits: { readonly requestMilliseconds?: number } = {}) {
  const log = { ...INBOX_PORTS.log, warn: (fields: LogFields) => void told.push(fields) };
  const queue = { queueUrl, maxNumberOfMessages: 10, waitTimeSeconds: 0, visibilityTimeout: 60 };
  return createSqsInbox({ ...connection(sqs.url, limits), ...INBOX_PORTS, log, ...queue });
}

async function receiveAll(number: number): Promise<readonly InboxMessage[]> {
  for (let index = 0; index < number; index += 1) sqs.send('events', `message ${index}`);
  const messages: InboxMessage[] = [];
  while (messages.length < number) messages.push(...(await inbox.receive(never())));
  return messages;
}

function count(operations: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const operation of operations) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
