import { GetQueueAttributesCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Clock, Inbox, InboxMessage, Log } from '../../ports.ts';
import { type AwsConnection, sqsClient } from './aws-clients.ts';
import { awsFailure } from './aws-trouble.ts';
import { createLeaseCalls, type LeaseCalls, LONGEST_LEASE_SECONDS, QUEUE_WORDS } from './sqs/lease-calls.ts';
import { readMessage } from './sqs/read-message.ts';

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
  readonly clock: Clock;
  readonly log: Log;
}

/** An inbox that holds connections. */
export interface SqsInbox extends Inbox {
  /** Closes the connections; messages cannot be acked any more. */
  close(): void;
}

/** The longest long poll, in seconds. */
const LONGEST_WAIT = 20;

/** What the messages of one receive have in common. */
interface Receive {
  readonly calls: LeaseCalls;
  /** Monotonic milliseconds, a little before SQS gave the messages out. */
  readonly receivedAt: number;
}

/** Messages of one SQS queue by long poll. Throws a `Failure` (config-invalid) where `queueUrl` is no URL. */
export function createSqsInbox(options: SqsInboxOptions): SqsInbox {
  const name = queueName(options.queueUrl, options.beside ?? []);
  const client = sqsClient(options, LONGEST_WAIT);
  const calls = createLeaseCalls({ client, queueUrl: options.queueUrl, name }, options.clock);
  return {
    name,
    receive: async (signal, waitSeconds = options.waitTimeSeconds) => {
      if (signal.aborted) return [];
      const wait = Math.min(LONGEST_WAIT, Math.max(0, Math.floor(waitSeconds)));
      const receive = { calls, receivedAt: performance.now() };
      try {
        const { Messages = [] } = await client.send(receiveCommand(options, wait), {
          abortSignal: signal,
          requestTimeout: wait * 1000 + options.limits.requestMilliseconds,
        });
        return Messages.flatMap((message) => inboxMessage(message, receive, { ...options, name }));
      } catch (error) {
        // The poll may still have taken messages; they come back when their visibility ends.
        if (signal.aborted) return [];
        throw awsFailure(`receive from queue ${name}`, error, QUEUE_WORDS);
      }
    },
    waiting: async (signal) => {
      try {
        const { Attributes } = await client.send(countCommand(options.queueUrl), { abortSignal: signal });
        return readCount(Attributes?.ApproximateNumberOfMessages);
      } catch (error) {
        throw awsFailure(`count the messages of queue ${name}`, error, QUEUE_WORDS);
      }
    },
    close: () => client.destroy(),
  };
}

function countCommand(queueUrl: string): GetQueueAttributesCommand {
  return new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
}

/** Without a ReceiveRequestAttemptId: docs/decisions.md says why. */
function receiveCommand(options: SqsInboxOptions, wait: number): ReceiveMessageCommand {
  return new ReceiveMessageCommand({
    QueueUrl: options.queueUrl,
    MaxNumberOfMessages: options.maxNumberOfMessages,
    WaitTimeSeconds: wait,
    VisibilityTimeout: options.visibilityTimeout,
    MessageSystemAttributeNames: [
      'SentTimestamp',
      'ApproximateReceiveCount',
      ...(queueKind(options.queueUrl) === 'fifo' ? (['MessageGroupId'] as const) : []),
    ],
  });
}

/** None for a message that can be neither read nor deleted; that it was left alone is told. */
function inboxMessage(
  message: Message,
  { calls, receivedAt }: Receive,
  { name, queueUrl, log, clock }: Pick<SqsInboxOptions, 'queueUrl' | 'log' | 'clock'> & { readonly name: string },
): readonly InboxMessage[] {
  const read = readMessage(message, queueKind(queueUrl));
  if (read.kind === 'unusable') {
    log.warn({ queue: name, messageId: read.id, reason: read.reason }, 'message left alone');
    return [];
  }
  const { id, body, handle, sentAt, receiveCount, group } = read;
  return [
    {
      id,
      body,
      sentAt: sentAt ?? clock.now(),
      receiveCount,
      group,
      ack: () => calls.remove(handle),
      extend: (seconds) => calls.extend(handle, seconds),
      release: (seconds) => {
        // SQS does not cut a time that ends after the twelve hours, it refuses it.
        const left = LONGEST_LEASE_SECONDS - 1 - Math.ceil((performance.now() - receivedAt) / 1000);
        return calls.release(handle, Math.min(seconds, left));
      },
    },
  ];
}

/** SQS wants the name of a FIFO queue to end so, and of no other. */
function queueKind(queueUrl: string): 'standard' | 'fifo' {
  return lastPart(queueUrl).endsWith('.fifo') ? 'fifo' : 'standard';
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

/** Throws where it is no number: an endpoint that answers anything is not a queue that can be read. */
function readCount(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw new Error('no count');
  return Number(text);
}
