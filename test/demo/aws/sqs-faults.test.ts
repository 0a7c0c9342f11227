import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { createFaults, type Faults } from '../../../src/demo/faults.ts';

let faults: Faults;
let sqs: SqsServer;
let client: SQSClient;
let QueueUrl: string;

beforeEach(async () => {
  faults = createFaults();
  sqs = await startSqs({ faults });
  QueueUrl = sqs.createQueue('events', { visibilityTimeout: 30 });
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  client = new SQSClient({ region: 'eu-west-1', endpoint: sqs.url, credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await sqs.close();
});

async function received(count: number): Promise<{ Id: string; ReceiptHandle: string }[]> {
  for (let at = 0; at < count; at += 1) sqs.send('events', `message ${at}`);
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ ReceiptHandle = '' }, at) => ({ Id: `${at}`, ReceiptHandle }));
}

function ids(entries: readonly { readonly Id?: string | undefined }[] | undefined): readonly unknown[] {
  return (entries ?? []).map(({ Id }) => Id);
}

test('of a batch, every other entry fails, and the rest is carried out', async () => {
  faults.plan(/DeleteMessageBatch/, { kind: 'partly' });
  const answer = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: await received(5) }));
  expect([ids(answer.Successful), ids(answer.Failed)]).toEqual([
    ['1', '3'],
    ['0', '2', '4'],
  ]);
  expect(sqs.bodies('events')).toEqual(['message 0', 'message 2', 'message 4']);
});

test('what fails by itself is told beside what was planned', async () => {
  faults.plan(/Batch/, { kind: 'partly' });
  const handles = [...(await received(1)), { Id: 'x', ReceiptHandle: 'AQEBinvented' }];
  const Entries = handles.map((one) => ({ ...one, VisibilityTimeout: 5 }));
  const answer = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  expect(ids(answer.Successful)).toEqual([]);
  expect(answer.Failed?.map(({ Code }) => Code)).toEqual(['ReceiptHandleIsInvalid', 'InternalError']);
});

test('a batch of one fails whole, and what is no batch does not', async () => {
  faults.plan(/Delete/, { kind: 'partly' }, 2);
  const Entries = await received(1);
  const answer = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect([ids(answer.Successful), ids(answer.Failed)]).toEqual([[], ['0']]);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Entries[0]?.ReceiptHandle }));
  expect(sqs.bodies('events')).toEqual([]);
});

test('a batch without entries is answered as ever', async () => {
  faults.plan(/Batch/, { kind: 'partly' });
  const sent = client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [] }));
  await expect(sent).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
});

test('a late answer comes after its effect', async () => {
  const [entry] = await received(1);
  let left: readonly string[] = ['not looked at'];
  const act = async () => {
    left = sqs.bodies('events');
  };
  faults.plan(/DeleteMessage/, { kind: 'after', act });
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: entry?.ReceiptHandle }));
  expect(left).toEqual([]);
});

test('long polls that wait are counted', async () => {
  const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  await sqs.untilPolled('events');
  expect(sqs.polls('events')).toBe(1);
  sqs.send('events', 'hello');
  await poll;
  expect(sqs.polls('events')).toBe(0);
});
