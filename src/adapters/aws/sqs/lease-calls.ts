import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Failure } from '../../../domain/failure.ts';
import type { Clock } from '../../../ports.ts';
import { awsFailure, readTrouble, type TroubleWords } from '../aws-trouble.ts';
import { createBatchCaller } from './batch-caller.ts';

/** The longest visibility timeout that SQS takes, in seconds. */
export const LONGEST_LEASE_SECONDS = 43_200;

/** How troubles of a queue are told. */
export const QUEUE_WORDS: TroubleWords = {
  missing: 'queue-missing',
  denied: 'queue-denied',
  hints: {
    missing: "Check the queue's URL, region and account: SQS does not know it.",
    denied:
      'Allow sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on this queue.',
  },
};

/** What is done with the leases of one queue, by receipt handle: ten at a time, each with its own answer. */
export interface LeaseCalls {
  /** Rejects where SQS says that the message is not deleted. */
  remove(handle: string): Promise<void>;
  /** False when the lease is lost, or cannot be prolonged because the twelve hours since the receive would be exceeded. */
  extend(handle: string, seconds: number): Promise<boolean>;
  release(handle: string, seconds: number): Promise<void>;
}

/** The queue that is spoken to; `name` for people. */
export interface QueueAddress {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly name: string;
}

/** Deletes and hides messages of one queue in batch calls. Every method rejects with a `Failure`. */
export function createLeaseCalls({ client, queueUrl, name }: QueueAddress, clock: Clock): LeaseCalls {
  const remove = createBatchCaller<string>({
    clock,
    send: (handles) => {
      const Entries = handles.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
      return client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    },
  });
  const hide = createBatchCaller<{ readonly ReceiptHandle: string; readonly VisibilityTimeout: number }>({
    clock,
    send: (items) => {
      const Entries = items.map((item, at) => ({ Id: String(at), ...item }));
      return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    },
  });
  const change = async (handle: string, seconds: number, attempt: string): Promise<boolean> => {
    const VisibilityTimeout = Math.min(LONGEST_LEASE_SECONDS, Math.max(0, Math.ceil(seconds)));
    try {
      await hide({ ReceiptHandle: handle, VisibilityTimeout });
      return true;
    } catch (error) {
      if (isLeaseLost(error)) return false;
      throw awsFailure(`${attempt} of queue ${name}`, error, QUEUE_WORDS);
    }
  };
  return {
    remove: async (handle) => {
      try {
        await remove(handle);
      } catch (error) {
        const attempt = `delete a message of queue ${name}`;
        throw isLeaseLost(error) ? leaseLost(attempt, error) : awsFailure(attempt, error, QUEUE_WORDS);
      }
    },
    extend: (handle, seconds) => change(handle, seconds, 'extend the lease of a message'),
    release: async (handle, seconds) => {
      await change(handle, seconds, 'release a message');
    },
  };
}

/** SQS tells a handle that has been replaced, or has expired, by an error about a parameter value, and means the same. */
function isLeaseLost(error: unknown): boolean {
  const { name } = readTrouble(error);
  if (/ReceiptHandleIsInvalid|MessageNotInflight/.test(name)) return true;
  if (!name.startsWith('InvalidParameterValue') || !(error instanceof Error)) return false;
  return /parameter ReceiptHandle|Total VisibilityTimeout/.test(error.message);
}

function leaseLost(attempt: string, error: unknown): Failure {
  return new Failure(`could not ${attempt}: its lease has ended`, {
    code: 'queue-lease-lost',
    retry: 'later',
    hint: 'It is delivered again, and found to be done. Where it happens often, give the queue a longer visibilityTimeout.',
    cause: readTrouble(error),
  });
}
