import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';

let sqs: SqsServer;
let client: SQSClient;
let QueueUrl: string;

beforeEach(async () => {
  sqs = await startSqs();
  QueueUrl = sqs.createQueue('events', { visibilityTimeout: 30 });
  client = new SQSClient({
    region: 'eu-west-1',
    endpoint: sqs.url,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await sqs.close();
});

test('what the SDK sends, the SDK receives: both checksums agree', async () => {
  const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  const messages = await receive({});
  expect(messages.map((message) => [message.MessageId, message.Body])).toEqual([[sent.MessageId, 'hello']]);
  expect(messages[0]?.Attributes).toBeUndefined();
});

test('attributes that are asked for', async () => {
  sqs.send('events', 'hello');
  const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
  expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
});

test('each receive gives a new handle, and the old one deletes nothing', async () => {
  sqs.send('events', 'hello');
  const [first] = await receive({ VisibilityTimeout: 0 });
  const [second] = await receive({});
  expect(first?.ReceiptHandle).not.toBe(second?.ReceiptHandle);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  expect([sqs.bodies('events'), sqs.deleted('events')]).toEqual([['hello'], 0]);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
  expect([sqs.bodies('events'), sqs.deleted('events')]).toEqual([[], 1]);
});

test('an invented handle is refused', async () => {
  const sent = client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'AQEBinvented' }));
  await expect(sent).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
});

test('a batch says what failed', async () => {
  sqs.send('events', 'hello');
  const [message] = await receive({});
  const Entries = [
    { Id: 'good', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 60 },
    { Id: 'bad', ReceiptHandle: 'AQEBinvented', VisibilityTimeout: 60 },
  ];
  const failed = [{ Id: 'bad', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }];
  const changed = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  expect(changed).toMatchObject({ Successful: [{ Id: 'good' }], Failed: failed });
  const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect(deleted).toMatchObject({ Successful: [{ Id: 'good' }], Failed: failed });
  expect(sqs.bodies('events')).toEqual([]);
  await expect(client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [] }))).rejects.toMatchObject({
    name: 'EmptyBatchRequest',
  });
});

test('entries of a batch fail as planned, and ids must be fit and distinct', async () => {
  sqs.send('events', 'hello');
  const [message] = await receive({});
  const entry = { Id: 'a', ReceiptHandle: message?.ReceiptHandle };
  sqs.failEntries('events', 1, { Code: 'InternalError', SenderFault: false });
  const failed = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [entry] }));
  expect(failed).toMatchObject({ Failed: [{ Id: 'a', SenderFault: false, Code: 'InternalError' }] });
  for (const Entries of [
    [entry, entry],
    [{ ...entry, Id: 'a b' }],
    [{ ...entry, Id: '' }],
    Array.from({ length: 11 }, (_, at) => ({ ...entry, Id: `${at}` })),
  ]) {
    await expect(client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))).rejects.toBeInstanceOf(Error);
  }
  expect(sqs.bodies('events')).toEqual(['hello']);
});

test('a FIFO queue wants a group, and takes a message once in five minutes', async () => {
  const Queue = { QueueUrl: sqs.createQueue('events.fifo', { visibilityTimeout: 30 }) };
  const send = (MessageBody: string, more: object) =>
    client.send(new SendMessageCommand({ ...Queue, MessageBody, ...more }));
  await expect(send('a', {})).rejects.toMatchObject({ name: 'MissingParameter' });
  const [first, second] = [await send('a', { MessageGroupId: 'x' }), await send('a', { MessageGroupId: 'x' })];
  expect(second.MessageId).toBe(first.MessageId);
  await send('b', { MessageGroupId: 'x', MessageDeduplicationId: 'one' });
  await send('c', { MessageGroupId: 'x', MessageDeduplicationId: 'one' });
  expect(sqs.bodies('events.fifo')).toEqual(['a', 'b']);
  sqs.advance(300_000);
  await send('a', { MessageGroupId: 'x' });
  expect(sqs.bodies('events.fifo')).toEqual(['a', 'b', 'a']);
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ ...Queue, MaxNumberOfMessages: 2, MessageSystemAttributeNames: ['MessageGroupId'] }),
  );
  expect(Messages.map(({ Body, Attributes }) => [Body, Attributes])).toEqual([
    ['a', { MessageGroupId: 'x' }],
    ['b', { MessageGroupId: 'x' }],
  ]);
});

test('the order can be reversed, and duplicates made', async () => {
  sqs.reverse('events');
  sqs.send('events', 'a');
  sqs.duplicateNext('events', 1);
  sqs.send('events', 'b');
  const messages = await receive({ MaxNumberOfMessages: 10 });
  expect(messages.map((message) => message.Body)).toEqual(['b', 'b', 'a']);
});

test('a hidden message wakes a long poll when time has passed', async () => {
  sqs.send('events', 'hello');
  await receive({});
  const poll = receive({ WaitTimeSeconds: 20 });
  await sqs.untilPolled('events');
  sqs.advance(30_001);
  expect((await poll).map((message) => message.Body)).toEqual(['hello']);
});

test('two polls do not get the same message', async () => {
  const polls = [receive({ WaitTimeSeconds: 20 }), receive({ WaitTimeSeconds: 20 })];
  await sqs.untilPolled('events', 2);
  sqs.send('events', 'hello');
  sqs.advance(20_001);
  expect((await Promise.all(polls)).flat().map((message) => message.Body)).toEqual(['hello']);
});

test('a poll at a queue that is deleted ends with an error', async () => {
  const poll = receive({ WaitTimeSeconds: 20 });
  const seen = expect(poll).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  await sqs.untilPolled('events');
  sqs.deleteQueue('events');
  await seen;
});

test('attributes count what is visible and what is leased', async () => {
  sqs.send('events', 'a');
  sqs.send('events', 'b');
  await receive({});
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '1',
    VisibilityTimeout: '30',
  });
});

test('numbers out of range and bodies SQS does not take are refused', async () => {
  for (const input of [{ MaxNumberOfMessages: 11 }, { WaitTimeSeconds: 21 }, { VisibilityTimeout: 43_201 }]) {
    await expect(receive(input)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  for (const MessageBody of ['', '\u0000', '\ufffe']) {
    await expect(client.send(new SendMessageCommand({ QueueUrl, MessageBody }))).rejects.toBeInstanceOf(Error);
  }
  expect(sqs.bodies('events')).toEqual([]);
});

test('other operations are not offered, and are recorded', async () => {
  await expect(client.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toBeInstanceOf(Error);
  expect(sqs.requests).toEqual(['PurgeQueue']);
});

async function receive(input: Partial<ConstructorParameters<typeof ReceiveMessageCommand>[0]>) {
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, ...input }));
  return Messages;
}
