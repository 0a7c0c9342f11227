import { type AwsReply, errorReply, reply } from './aws-json.ts';
import { placeOf } from './sqs/fifo-order.ts';
import { type HandleState, LONGEST_LEASE, md5Of, type Queue, type StoredMessage } from './sqs-queue.ts';

type Input = Readonly<Record<string, unknown>>;

/** What an operation is carried out on. */
export interface QueueCall {
  readonly queue: Queue;
  readonly input: Input;
  /** Epoch milliseconds. */
  readonly now: number;
}

const LARGEST_BODY = 1024 * 1024;
// The characters of XML 1.0, which SQS kept from its first protocol.
// eslint-disable-next-line no-control-regex -- control characters are what it finds
const NOT_XML = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const NOT_AVAILABLE = 'Message does not exist or is not available for visibility timeout change.';

export function sendMessage({ queue, input, now }: QueueCall): AwsReply {
  const body = text(input, 'MessageBody');
  if (body === '') return invalid('The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(body) > LARGEST_BODY) return invalid('One or more parameters are invalid. Reason: too long.');
  if (NOT_XML.test(body)) return errorReply('com.amazonaws.sqs#InvalidMessageContents', 'Invalid characters found.');
  const group = text(input, 'MessageGroupId');
  if (isFifo(queue) && group === '') return missingGroup();
  const place = isFifo(queue) ? placeOf(body, group, text(input, 'MessageDeduplicationId')) : null;
  const message = queue.add(body, now, place);
  return reply({ MessageId: message.id, MD5OfMessageBody: md5Of(body) });
}

/** The messages of one look at the queue, or the error that the parameters deserve. */
export function receiveMessages({ queue, input, now }: QueueCall): readonly StoredMessage[] | AwsReply {
  const limit = number(input, 'MaxNumberOfMessages', 1);
  const wait = number(input, 'WaitTimeSeconds', 0);
  const visibility = number(input, 'VisibilityTimeout', queue.settings.visibilityTimeout);
  if (!within(limit, 1, 10)) return invalid(`Value ${limit} for parameter MaxNumberOfMessages is invalid.`);
  if (!within(wait, 0, 20)) return invalid(`Value ${wait} for parameter WaitTimeSeconds is invalid.`);
  if (!within(visibility, 0, LONGEST_LEASE)) return invalid('Value for parameter VisibilityTimeout is invalid.');
  return queue.receive(limit, visibility, now);
}

/** The answer to a receive: without messages, the field is absent, as in SQS. */
export function receivedReply(messages: readonly StoredMessage[], input: Input): AwsReply {
  const names = [...list(input, 'MessageSystemAttributeNames'), ...list(input, 'AttributeNames')];
  return reply(messages.length === 0 ? {} : { Messages: messages.map((message) => wireMessage(message, names)) });
}

export function deleteMessage({ queue, input, now }: QueueCall): AwsReply {
  const state = queue.handleState(text(input, 'ReceiptHandle'), now);
  if (state.kind === 'invalid') return handleInvalid();
  if (isFifo(queue) && (state.kind === 'stale' || state.kind === 'expired')) return handleExpired();
  // In a standard queue a stale handle is answered with success and deletes nothing.
  if (state.kind === 'in-flight' || state.kind === 'expired') queue.remove(state.message);
  return reply({});
}

export function changeVisibility({ queue, input, now }: QueueCall): AwsReply {
  const seconds = number(input, 'VisibilityTimeout', -1);
  if (!within(seconds, 0, LONGEST_LEASE)) return invalid('Value for parameter VisibilityTimeout is invalid.');
  const state = queue.handleState(text(input, 'ReceiptHandle'), now);
  return prolong(state, now, seconds) ?? reply({});
}

/** Runs a single-message operation on each entry of its batch form. */
export function batchOf(operation: (call: QueueCall) => AwsReply): (call: QueueCall) => AwsReply {
  return (call) => {
    const entries = list(call.input, 'Entries').filter(isObject);
    if (entries.length === 0) {
      return errorReply('com.amazonaws.sqs#EmptyBatchRequest', 'There should be at least one entry in the request.');
    }
    if (entries.length > 10) {
      return errorReply('com.amazonaws.sqs#TooManyEntriesInBatchRequest', 'At most 10 entries are allowed.');
    }
    const ids = entries.map((entry) => text(entry, 'Id'));
    if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
      return errorReply('com.amazonaws.sqs#InvalidBatchEntryId', 'Bad id.');
    if (new Set(ids).size < ids.length) {
      return errorReply('com.amazonaws.sqs#BatchEntryIdsNotDistinct', 'Two entries have the same id.');
    }
    const done = entries.map((entry) => ({ Id: text(entry, 'Id'), failure: carryOutEntry(operation, call, entry) }));
    return reply({
      Successful: done.filter(({ failure }) => failure === null).map(({ Id }) => ({ Id })),
      Failed: done.flatMap(({ Id, failure }) => (failure === null ? [] : [{ Id, ...failure }])),
    });
  };
}

/** Null where it went through. */
function carryOutEntry(operation: (call: QueueCall) => AwsReply, call: QueueCall, input: Input) {
  const { disorder } = call.queue;
  const [planned, ...later] = disorder.entryFailures;
  if (planned !== undefined) {
    disorder.entryFailures = later;
    return { ...planned, Message: 'planned by the embedded world' };
  }
  const answer = operation({ ...call, input });
  return answer.status === 200 ? null : { SenderFault: true, ...failedEntry(answer) };
}

export function getAttributes({ queue, input, now }: QueueCall): AwsReply {
  const { visibilityTimeout, maxReceiveCount, deadLetter } = queue.settings;
  const all: Record<string, string> = {
    ApproximateNumberOfMessages: String(queue.visible(now).length),
    ApproximateNumberOfMessagesNotVisible: String(queue.inFlight(now).length),
    QueueArn: arnOf(queue.name),
    VisibilityTimeout: String(visibilityTimeout),
  };
  if (deadLetter !== null) {
    all['RedrivePolicy'] = JSON.stringify({ deadLetterTargetArn: arnOf(deadLetter.name), maxReceiveCount });
  }
  const names = list(input, 'AttributeNames');
  const asked = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return reply({ Attributes: Object.fromEntries(asked) });
}

function prolong(state: HandleState, now: number, seconds: number): AwsReply | null {
  switch (state.kind) {
    case 'invalid':
      return handleInvalid();
    case 'gone':
    case 'stale':
      return invalid(`Value for parameter ReceiptHandle is invalid. Reason: ${NOT_AVAILABLE}`);
    case 'expired':
      return errorReply(
        'com.amazonaws.sqs#MessageNotInflight',
        'The message is not in flight.',
        400,
        'AWS.SimpleQueueService.MessageNotInflight',
      );
    case 'in-flight': {
      const limit = (state.message.receivedAt ?? now) + LONGEST_LEASE * 1000;
      if (now + seconds * 1000 > limit) {
        return invalid(
          `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]`,
        );
      }
      state.message.visibleAt = now + seconds * 1000;
      return null;
    }
  }
}

function wireMessage(message: StoredMessage, names: readonly unknown[]) {
  const attributes: Record<string, string> = {
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SenderId: 'AIDAEXAMPLESENDERID01',
    ...(message.place === null
      ? {}
      : { MessageGroupId: message.place.group, MessageDeduplicationId: message.place.deduplicationId }),
  };
  const asked = Object.entries(attributes).filter(([name]) => names.includes('All') || names.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: message.handle,
    MD5OfBody: message.md5,
    Body: message.body,
    ...(asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) }),
  };
}

function failedEntry({ body }: AwsReply) {
  const { __type: type, message } = body as { __type: string; message: string };
  return { Code: type.split('#').at(-1), Message: message };
}

function handleInvalid(): AwsReply {
  return errorReply(
    'com.amazonaws.sqs#ReceiptHandleIsInvalid',
    'The input receipt handle is invalid.',
    400,
    'ReceiptHandleIsInvalid',
  );
}

function handleExpired(): AwsReply {
  return invalid('Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.');
}

function missingGroup(): AwsReply {
  const message = 'The request must contain the parameter MessageGroupId.';
  return errorReply('com.amazon.coral.service#MissingRequiredParameterException', message, 400, 'MissingParameter');
}

/** SQS wants the name of a FIFO queue to end so, and of no other. */
export function isFifo({ name }: Pick<Queue, 'name'>): boolean {
  return name.endsWith('.fifo');
}

function invalid(message: string): AwsReply {
  return errorReply('com.amazon.coral.service#InvalidParameterValueException', message, 400, 'InvalidParameterValue');
}

function arnOf(name: string): string {
  return `arn:aws:sqs:eu-west-1:111122223333:${name}`;
}

function text(input: Input, key: string): string {
  const value = input[key];
  return typeof value === 'string' ? value : '';
}

function number(input: Input, key: string, fallback: number): number {
  const value = input[key];
  return typeof value === 'number' ? value : fallback;
}

function list(input: Input, key: string): readonly unknown[] {
  const value = input[key];
  return Array.isArray(value) ? value : [];
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null;
}
