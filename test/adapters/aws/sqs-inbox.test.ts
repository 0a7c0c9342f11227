import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSqsInbox, type SqsInboxOptions } from '../../../src/adapters/aws/sqs-inbox.ts';
import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { createFaults, type FaultEffect } from '../../../src/demo/faults.ts';
import type { InboxMessage } from '../../../src/ports.ts';
import { connection, failureOf, INBOX_PORTS } from './aws-test-connection.ts';

const faults = createFaults();
let sqs: SqsServer;
let queueUrl: string;

beforeAll(async () => {
  sqs = await startSqs({ faults });
});
beforeEach(() => {
  faults.clear();
  queueUrl = sqs.createQueue('events', { visibilityTimeout: 30 });
});
afterAll(() => sqs.close());

const SILENCE: FaultEffect = { kind: 'before', act: () => new Promise(() => {}) };

describe('what SQS answers, as failures', () => {
  const rows: readonly [string, FaultEffect, string][] = [
    ['no queue', sqsError('QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'), 'queue-missing never'],
    ['no queue, old code', awsError('AWS.SimpleQueueService.NonExistentQueue'), 'queue-missing never'],
    ['access denied', coral('AccessDeniedException', 403, 'AccessDenied'), 'queue-denied never'],
    ['access denied, without the old code', coral('AccessDeniedException', 400), 'queue-denied never'],
    ['unknown key', coral('InvalidClientTokenIdException', 403, 'InvalidClientTokenId'), 'queue-denied never'],
    ['unknown client', coral('UnrecognizedClientException', 400), 'queue-denied never'],
    ['expired token', coral('ExpiredTokenException', 403, 'ExpiredToken'), 'queue-denied later'],
    ['signature', coral('InvalidSignatureException', 403, 'SignatureDoesNotMatch'), 'queue-denied never'],
    ['key denied', sqsError('KmsAccessDenied', 'KMS.AccessDeniedException'), 'queue-denied never'],
    ['key disabled', sqsError('KmsDisabled', 'KMS.DisabledException'), 'queue-denied never'],
    ['key throttled', sqsError('KmsThrottled', 'KMS.ThrottlingException'), 'aws-throttled later'],
    ['too many requests', sqsError('RequestThrottled', 'RequestThrottled'), 'aws-throttled later'],
    ['throttling, without the old code', coral('ThrottlingException', 400), 'aws-throttled later'],
    ['too many in flight', sqsError('OverLimit', 'OverLimit'), 'aws-throttled later'],
    ['429 without a type', { kind: 'answer', status: 429, body: {} }, 'aws-throttled later'],
    ['500', { kind: 'answer', status: 500, body: { __type: 'InternalFailure' } }, 'aws-unreachable later'],
    ['503 of a proxy', { kind: 'answer', status: 503, body: '<html>' }, 'aws-unreachable later'],
    ['403 of a proxy', { kind: 'answer', status: 403, body: '<html>' }, 'queue-denied never'],
    ['302 of a portal', { kind: 'answer', status: 302, body: '', headers: { location: '/' } }, 'aws-rejected never'],
    ['a bad parameter', coral('InvalidParameterValueException', 400, 'InvalidParameterValue'), 'aws-rejected never'],
    ['200 that is a page', { kind: 'answer', status: 200, body: '<html>' }, 'aws-rejected later'],
    ['200 without a list', { kind: 'answer', status: 200, body: { Messages: 5 } }, 'aws-rejected later'],
    ['connection cut', { kind: 'drop' }, 'aws-unreachable later'],
    ['answer lost', { kind: 'drop-after-effect' }, 'aws-unreachable later'],
    ['silence', SILENCE, 'aws-unreachable later'],
  ];
  for (const [title, effect, expected] of rows) {
    test(title, async () => {
      faults.plan(/ReceiveMessage/, effect);
      const limits = effect === SILENCE ? { requestMilliseconds: 200 } : {};
      const failure = await failureOf(open({ limits }).receive(never()));
      expect(`${failure.code} ${failure.retry}`).toBe(expected);
      expect(failure.message).toMatch(/^could not receive from queue events: /);
      expect(failure.hint).not.toBe('');
    });
  }

  test('each verb says what was tried', async () => {
    const message = await sendAndReceive('hello');
    const attempts: readonly [RegExp, () => Promise<unknown>, string][] = [
      [/DeleteMessage/, () => message.ack(), 'could not delete a message of queue events: AccessDenied (HTTP 403'],
      [/Visibility/, () => message.extend(9), 'could not extend the lease of a message of queue events: AccessDenied'],
      [/Visibility/, () => message.release(9), 'could not release a message of queue events: AccessDenied'],
      [/Attributes/, () => open({}).waiting(never()), 'could not count the messages of queue events: AccessDenied'],
    ];
    for (const [operation, run, expected] of attempts) {
      faults.plan(operation, coral('AccessDeniedException', 403, 'AccessDenied'));
      const failure = await failureOf(run());
      expect(failure.message).toContain(expected);
      expect(failure.code).toBe('queue-denied');
    }
    expect([sqs.inFlight('events'), sqs.deleted('events')]).toEqual([1, 0]);
  });

  test('nobody listens there', async () => {
    const inbox = createSqsInbox(options({ ...connection('http://127.0.0.1:1') }));
    const failure = await failureOf(inbox.receive(never()));
    expect([failure.code, failure.message]).toEqual([
      'aws-unreachable',
      'could not receive from queue events: ECONNREFUSED',
    ]);
  });

  test('a hostile error name is not repeated', async () => {
    faults.plan(/Receive/, awsError('\u001b[31mpayload '.repeat(50)));
    expect((await failureOf(open({}).receive(never()))).message).toBe(
      'could not receive from queue events: an error without a name (HTTP 400, embedded-request)',
    );
  });

  test('an endpoint that answers anything is no queue to count', async () => {
    faults.plan(/Attributes/, { kind: 'answer', status: 200, body: {} });
    expect((await failureOf(open({}).waiting(never()))).code).toBe('aws-rejected');
  });
});

describe('long polls', () => {
  test('a message sent meanwhile ends the wait', async () => {
    const poll = open({ waitTimeSeconds: 20 }).receive(never());
    await sqs.untilPolled('events');
    sqs.send('events', 'hello');
    expect((await poll).map((message) => message.body)).toEqual(['hello']);
  });

  test('a poll may wait longer than other requests may take', async () => {
    const inbox = open({ waitTimeSeconds: 1, limits: { requestMilliseconds: 900 } });
    expect(await inbox.receive(never())).toEqual([]);
  });

  test('an abort ends the wait, and takes no message', async () => {
    const controller = new AbortController();
    const poll = open({ waitTimeSeconds: 20 }).receive(controller.signal);
    await sqs.untilPolled('events');
    controller.abort();
    expect(await poll).toEqual([]);
    await sqs.untilIdle('events');
    sqs.send('events', 'hello');
    expect(await open({}).receive(never())).toHaveLength(1);
  });

  test('a poll aborted too late leaves its messages to the next lease', async () => {
    const controller = new AbortController();
    sqs.send('events', 'hello');
    faults.plan(/Receive/, { kind: 'before', act: async () => controller.abort() });
    expect(await open({}).receive(controller.signal)).toEqual([]);
    expect(sqs.inFlight('events')).toBe(1);
    sqs.advance(60_001);
    expect(await open({}).receive(never())).toHaveLength(1);
  });

  test('polls leave no listeners on the signal', async () => {
    const { signal } = new AbortController();
    const inbox = open({});
    for (let round = 0; round < 20; round += 1) await inbox.receive(signal);
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  });
});

describe('messages', () => {
  test('the configured lease is asked for, whatever the queue says', async () => {
    await sendAndReceive('hello');
    sqs.advance(59_000);
    expect(sqs.inFlight('events')).toBe(1);
    sqs.advance(1001);
    expect(sqs.visible('events')).toBe(1);
  });

  test('what SQS says of time and count', async () => {
    faults.plan(/Receive/, bodyWith('x', undefined, { SentTimestamp: '1772443200123', ApproximateReceiveCount: '7' }));
    const [message] = await open({}).receive(never());
    expect([message?.sentAt, message?.receiveCount]).toEqual([1772443200123, 7]);
  });

  test('a message without time and count is a first delivery of now', async () => {
    const before = Date.now();
    faults.plan(/Receive/, bodyWith('x', undefined, { SentTimestamp: 'soon', ApproximateReceiveCount: '-1' }));
    const [message] = await open({}).receive(never());
    expect(message?.receiveCount).toBe(1);
    expect(message?.sentAt).toBeGreaterThanOrEqual(before);
  });

  test('a message without handle or body is left alone, the others arrive', async () => {
    const whole = wireMessage('x');
    const broken = [
      { ...wireMessage(''), Body: undefined },
      { ...whole, ReceiptHandle: undefined },
      { ...whole, ReceiptHandle: '' },
    ];
    faults.plan(/Receive/, { kind: 'answer', status: 200, body: { Messages: [...broken, whole] } });
    expect(await open({}).receive(never())).toHaveLength(1);
  });

  test('a body may hold every character', async () => {
    expect((await sendAndReceive('\u{1f511} \u{10ffff}')).body).toBe('\u{1f511} \u{10ffff}');
  });

  test('a duplicate is delivered, and acked on its own', async () => {
    sqs.duplicateNext('events', 1);
    sqs.send('events', 'hello');
    const messages = await open({}).receive(never());
    expect(new Set(messages.map((message) => message.id)).size).toBe(1);
    await messages[0]?.ack();
    expect(sqs.bodies('events')).toEqual(['hello']);
  });

  test('an ack whose answer is lost can be repeated', async () => {
    const message = await sendAndReceive('hello');
    faults.plan(/Delete/, { kind: 'drop-after-effect' });
    expect((await failureOf(message.ack())).code).toBe('aws-unreachable');
    await message.ack();
    expect(sqs.bodies('events')).toEqual([]);
  });

  test('an ack with a handle that SQS calls invalid is told: the message is still there', async () => {
    const message = await sendAndReceive('hello');
    faults.plan(/Delete/, sqsError('ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid'));
    const { code, retry, message: text } = await failureOf(message.ack());
    expect([code, retry]).toEqual(['queue-lease-lost', 'later']);
    expect(text).toBe('could not delete a message of queue events: its lease has ended');
    expect(sqs.bodies('events')).toEqual(['hello']);
  });

  test('a lease that has run out is not prolonged, and acking it is still allowed', async () => {
    const message = await sendAndReceive('hello');
    sqs.advance(60_001);
    expect(await message.extend(60)).toBe(false);
    await message.release(0);
    await message.ack();
    expect(sqs.bodies('events')).toEqual([]);
  });

  test('no lease outlives twelve hours since the receive', async () => {
    const message = await sendAndReceive('hello');
    expect(await message.extend(43_000)).toBe(true);
    sqs.advance(3_600_000);
    expect(await message.extend(43_000)).toBe(false);
    await message.release(43_000);
    expect(await message.extend(60)).toBe(true);
  });

  test('the longest time to release is as much as SQS takes', async () => {
    const message = await sendAndReceive('hello');
    await message.release(Number.POSITIVE_INFINITY);
    sqs.advance(43_100_000);
    expect(sqs.visible('events')).toBe(0);
    sqs.advance(100_000);
    expect(sqs.visible('events')).toBe(1);
  });

  test('after its deliveries a message goes to the dead-letter queue', async () => {
    sqs.createQueue('dead', { visibilityTimeout: 30 });
    queueUrl = sqs.createQueue('events', { visibilityTimeout: 30, maxReceiveCount: 2, deadLetter: 'dead' });
    sqs.send('events', 'poison');
    for (const count of [1, 2]) {
      const [message] = await open({}).receive(never());
      expect(message?.receiveCount).toBe(count);
      await message?.release(0);
    }
    expect(await open({}).receive(never())).toEqual([]);
    expect([sqs.bodies('events'), sqs.bodies('dead')]).toEqual([[], ['poison']]);
  });
});

describe('where it asks', () => {
  test('the endpoint wins over the host of the queue URL', async () => {
    sqs.send('events', 'hello');
    const inbox = open({ queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/events' });
    const [message] = await inbox.receive(never());
    await message?.ack();
    expect([inbox.name, sqs.deleted('events')]).toEqual(['events', 1]);
  });

  test("without an endpoint it is the queue URL's host", async () => {
    sqs.send('events', 'hello');
    const warnings = await withoutConsole(async () => {
      const inbox = createSqsInbox(options({ ...connection(sqs.url), endpoint: null }));
      expect(await inbox.receive(never())).toHaveLength(1);
    });
    expect(warnings).toBe(1);
  });

  const names: readonly [string, string][] = [
    ['https://sqs.eu-west-1.amazonaws.com/111122223333/a-b_c.fifo', 'a-b_c.fifo'],
    ['https://user:password@127.0.0.1/1/queue?token=x', 'queue'],
  ];
  for (const [url, expected] of names) {
    test(`the name of ${url}`, () => expect(open({ queueUrl: url }).name).toBe(expected));
  }

  test('queues of one name in two places are told apart: health and metrics go by the name', () => {
    const urls = [
      'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations',
      'https://user:password@sqs.us-east-1.amazonaws.com/111122223333/rotations?token=x',
      'https://sqs.us-east-1.amazonaws.com/111122223333/other',
    ];
    expect(urls.map((url) => open({ queueUrl: url, beside: urls }).name)).toEqual([
      'sqs.eu-west-1.amazonaws.com/111122223333/rotations',
      'sqs.us-east-1.amazonaws.com/111122223333/rotations',
      'other',
    ]);
  });

  for (const url of ['', 'queue', 'https://sqs.eu-west-1.amazonaws.com/', 'https://sqs.eu-west-1.amazonaws.com/1/']) {
    test(`no queue in ${JSON.stringify(url)}`, async () => {
      const failure = await failureOf(Promise.resolve().then(() => open({ queueUrl: url })));
      expect([failure.code, failure.message]).toEqual(['config-invalid', 'the queue URL names no queue']);
    });
  }
});

function open(
  change: Omit<Partial<SqsInboxOptions>, 'limits'> & { readonly limits?: Partial<SqsInboxOptions['limits']> },
) {
  const { limits, ...rest } = change;
  return createSqsInbox({ ...options(connection(sqs.url, limits)), ...rest });
}

function options(base: ReturnType<typeof connection>): SqsInboxOptions {
  return { ...base, ...INBOX_PORTS, queueUrl, maxNumberOfMessages: 10, waitTimeSeconds: 0, visibilityTimeout: 60 };
}

async function sendAndReceive(body: string): Promise<InboxMessage> {
  sqs.send('events', body);
  const [message] = await open({}).receive(never());
  if (message === undefined) throw new Error('no message');
  return message;
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function sqsError(type: string, queryCode: string): FaultEffect {
  return awsError(`com.amazonaws.sqs#${type}`, 400, queryCode);
}

function coral(type: string, status: number, queryCode: string | null = null): FaultEffect {
  return awsError(`com.amazon.coral.service#${type}`, status, queryCode);
}

function wireMessage(body: string, md5?: string, attributes?: Readonly<Record<string, string>>) {
  const MD5 = { x: '9dd4e461268c8034f5c8564e155c67a6', '': 'd41d8cd98f00b204e9800998ecf8427e' }[body];
  return { MessageId: 'm', ReceiptHandle: 'h', Body: body, MD5OfBody: md5 ?? MD5, Attributes: attributes };
}

function bodyWith(body: string, md5?: string, attributes?: Readonly<Record<string, string>>): FaultEffect {
  return { kind: 'answer', status: 200, body: { Messages: [wireMessage(body, md5, attributes)] } };
}

/** Runs with the SDK's own warnings counted instead of shown. */
async function withoutConsole(run: () => Promise<void>): Promise<number> {
  const { warn } = console;
  let count = 0;
  console.warn = () => {
    count += 1;
  };
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return count;
}
