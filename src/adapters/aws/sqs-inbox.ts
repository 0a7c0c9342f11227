import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Inbox, InboxMessage } from '../../ports.ts';
import { type AwsConnection, sqsClient } from './aws-clients.ts';
import { awsFailure, readTrouble, type TroubleWords } from './aws-trouble.ts';

export interface SqsInboxOptions extends AwsConnection {
  readonly queueUrl: string;
  /** The URLs of all queues that are listened to: of two with one name each is called by its whole address. */
  readonly beside?: readonly string[];
  /** 1 to 10. */
  readonly maxNumberOfMessages: number;
  /** 0 to 20 seconds. */
  readonly waitTimeSeconds: number;
  /** The lease of each message, in seconds. */
  readonly visibilityTimeout: number;
}

/** An inbox that holds connections. */
export interface SqsInbox extends Inbox {
  /** Closes the connections; messages cannot be acked any more. */
  close(): void;
}

/** The longest visibility timeout that SQS takes, in seconds. */
const LONGEST = 43_200;

/** The longest long poll, in seconds. */
const LONGEST_WAIT = 20;

const WORDS: TroubleWords = {
  missing: 'queue-missing',
  denied: 'queue-denied',
  hints: {
    missing: "Check the queue's URL, region and account: SQS does not know it.",
    denied:
      'Allow sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on this queue.',
  },
};

interface Lease {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queue: string;
  readonly handle: string;
  /** Monotonic milliseconds, a little before SQS gave the message out. */
  readonly receivedAt: number;
}

/** Messages of one SQS queue by long poll. Throws a `Failure` (config-invalid) where `queueUrl` is no URL. */
export function createSqsInbox(options: SqsInboxOptions): SqsInbox {
  const name = queueName(options.queueUrl, options.beside ?? []);
  const client = sqsClient(options, LONGEST_WAIT);
  return {
    name,
    receive: async (signal, waitSeconds = options.waitTimeSeconds) => {
      if (signal.aborted) return [];
      const wait = Math.min(LONGEST_WAIT, Math.max(0, Math.floor(waitSeconds)));
      const place = { client, queueUrl: options.queueUrl, queue: name, receivedAt: performance.now() };
      try {
        const { Messages = [] } = await client.send(receiveCommand(options, wait), {
          abortSignal: signal,
          requestTimeout: wait * 1000 + options.limits.requestMilliseconds,
        });
        return Messages.flatMap((message) => readMessage(message, place));
      } catch (error) {
        // The poll may still have taken messages; they come back when their visibility ends.
        if (signal.aborted) return [];
        throw awsFailure(`receive from queue ${name}`, error, WORDS);
      }
    },
    waiting: async (signal) => {
      try {
        const { Attributes } = await client.send(countCommand(options.queueUrl), { abortSignal: signal });
        return readCount(Attributes?.ApproximateNumberOfMessages);
      } catch (error) {
        throw awsFailure(`count the messages of queue ${name}`, error, WORDS);
      }
    },
    close: () => client.destroy(),
  };
}

function countCommand(queueUrl: string): GetQueueAttributesCommand {
  return new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
}

function receiveCommand(options: SqsInboxOptions, wait: number): ReceiveMessageCommand {
  return new ReceiveMessageCommand({
    QueueUrl: options.queueUrl,
    MaxNumberOfMessages: options.maxNumberOfMessages,
    WaitTimeSeconds: wait,
    VisibilityTimeout: options.visibilityTimeout,
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
  });
}

/** None for a message that can be neither read nor acked; it goes to the dead-letter queue by itself. */
function readMessage(message: Message, place: Omit<Lease, 'handle'>): readonly InboxMessage[] {
  const { MessageId: id, Body: body, ReceiptHandle: handle, Attributes: attributes } = message;
  if (typeof body !== 'string' || typeof handle !== 'string' || handle === '') return [];
  const lease = { ...place, handle };
  return [
    {
      id: typeof id === 'string' ? id : 'unnamed',
      body,
      sentAt: positiveInteger(attributes?.SentTimestamp) ?? Date.now(),
      receiveCount: positiveInteger(attributes?.ApproximateReceiveCount) ?? 1,
      ack: () => acknowledge(lease),
      extend: (seconds) => changeVisibility(lease, seconds, 'extend the lease of a message'),
      release: async (seconds) => {
        // SQS does not cut a time that ends after the twelve hours, it refuses it.
        const left = LONGEST - 1 - Math.ceil((performance.now() - lease.receivedAt) / 1000);
        await changeVisibility(lease, Math.min(seconds, left), 'release a message');
      },
    },
  ];
}

async function acknowledge({ client, queueUrl, queue, handle }: Lease): Promise<void> {
  try {
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handle }));
  } catch (error) {
    if (!isLeaseLost(error)) throw awsFailure(`delete a message of queue ${queue}`, error, WORDS);
  }
}

/** False when the lease is lost, or cannot be prolonged because the twelve hours since the receive would be exceeded. */
async function changeVisibility(lease: Lease, seconds: number, attempt: string): Promise<boolean> {
  try {
    await lease.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: lease.queueUrl,
        ReceiptHandle: lease.handle,
        VisibilityTimeout: Math.min(LONGEST, Math.max(0, Math.ceil(seconds))),
      }),
    );
    return true;
  } catch (error) {
    if (isLeaseLost(error)) return false;
    throw awsFailure(`${attempt} of queue ${lease.queue}`, error, WORDS);
  }
}

/** SQS tells a handle that has been replaced by an error about a parameter value, and means the same. */
function isLeaseLost(error: unknown): boolean {
  const { name } = readTrouble(error);
  if (/ReceiptHandleIsInvalid|MessageNotInflight/.test(name)) return true;
  if (!name.startsWith('InvalidParameterValue') || !(error instanceof Error)) return false;
  return /parameter ReceiptHandle|Total VisibilityTimeout/.test(error.message);
}

/** The last part of the URL's path, or the whole address where another queue has that name too. */
export function queueName(queueUrl: string, beside: readonly string[]): string {
  const name = lastPart(queueUrl);
  if (name === '') {
    throw new Failure('the queue URL names no queue', {
      code: 'config-invalid',
      retry: 'never',
      hint: 'Copy the URL from the queue: https://sqs.<region>.amazonaws.com/<account>/<name>.',
    });
  }
  const isShared = beside.some((other) => other !== queueUrl && lastPart(other) === name);
  if (!isShared) return plainText(name, 80);
  const { host, pathname } = new URL(queueUrl);
  return plainText(`${host}${pathname}`, 200);
}

/** Empty where the URL names no queue. */
function lastPart(queueUrl: string): string {
  return URL.canParse(queueUrl) ? (new URL(queueUrl).pathname.split('/').at(-1) ?? '') : '';
}

function positiveInteger(text: unknown): number | null {
  return typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** Throws where it is no number: an endpoint that answers anything is not a queue that can be read. */
function readCount(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw new Error('no count');
  return Number(text);
}
