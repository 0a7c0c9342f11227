import { expect, test } from 'vitest';
import { decodeMessage } from '../../src/events/decode-message.ts';
import { ARN, apiCall, decodeOne, labelMoved, serviceEvent, tell } from './sample-events.ts';

const EVENT = labelMoved();
const ACTED = 'secret - yes reconcile';
const REFUSED = 'unparseable - no reject';

function check(body: unknown, expected: string | readonly string[], sentAt: number | null = null) {
  const decoded = decodeMessage(typeof body === 'string' ? body : JSON.stringify(body), sentAt);
  expect(decoded.map(tell)).toEqual(typeof expected === 'string' ? [expected] : expected);
  return decoded;
}

function sns(message: unknown): Record<string, unknown> {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return { Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', Message: text, UnsubscribeURL: 'x' };
}

function sqs(body: unknown, attributes: unknown = { SentTimestamp: '1772442759000' }): Record<string, unknown> {
  return { messageId: 'm', receiptHandle: 'r', body: JSON.stringify(body), attributes, eventSource: 'aws:sqs' };
}

test('envelopes come off: SNS, a pipe, Lambda, and one in the other', () => {
  check(EVENT, ACTED);
  check({ ...EVENT, 'replay-name': 'again' }, ACTED);
  check(sns(EVENT), ACTED);
  check([sqs(EVENT)], ACTED);
  check({ Records: [sqs(EVENT)] }, ACTED);
  check([EVENT], ACTED);
  check({ Records: [{ EventSource: 'aws:sns', Sns: sns(EVENT) }] }, ACTED);
  check([sqs(sns(EVENT))], ACTED);
});

test('white space and a byte order mark around an event do no harm', () => {
  check(`\uFEFF \r\n${JSON.stringify(EVENT)}\n\n`, ACTED);
  check(sns(`\uFEFF${JSON.stringify(EVENT)}`), ACTED);
});

test('a list gives one result each, good and bad', () => {
  const rotation = serviceEvent('RotationFailed');
  check([EVENT, 42, rotation, {}], [ACTED, REFUSED, 'secret RotationFailed no notify', REFUSED]);
  check({ Records: [sqs(EVENT), sqs('text')] }, [ACTED, REFUSED]);
});

test('a list has at most a hundred events, nested ones counted', () => {
  const hundred = Array.from({ length: 100 }, () => EVENT);
  check(
    hundred,
    Array.from({ length: 100 }, () => ACTED),
  );
  check([...hundred, EVENT], REFUSED);
  check([[EVENT, EVENT], hundred.slice(1)], REFUSED);
  check(
    Array.from({ length: 100 }, () => [0, 0]),
    REFUSED,
  );
});

test('an empty list is a refusal, not silence', () => {
  check('[]', REFUSED);
  check({ Records: [] }, REFUSED);
  check('[[]]', REFUSED);
});

test('four envelopes are opened, a fifth is not', () => {
  check(sns(sns(sns(sns(EVENT)))), ACTED);
  check(sns(sns(sns(sns(sns(EVENT))))), REFUSED);
  check([[[[EVENT]]]], ACTED);
  check([[[[[EVENT]]]]], REFUSED);
});

test('a bare CloudTrail record keeps account and Region, and its paths have no `detail`', () => {
  const record = apiCall('PutSecretValue', { responseElements: { arn: ARN } })['detail'];
  const [one] = check(record, 'secret PutSecretValue yes reconcile');
  expect(one?.identifier).toEqual({ raw: ARN, foundAt: 'responseElements.arn' });
  const named = apiCall('PutSecretValue', { requestParameters: { secretId: 'prod/db' } })['detail'];
  expect(decodeOne(named).change).toMatchObject({ account: '111122223333', region: 'eu-west-1', id: 'prod/db' });
  check({ Records: [record] }, 'secret PutSecretValue yes reconcile');
});

test('a bare record of another service is ignored, and a bare native detail is refused', () => {
  check(apiCall('PutObject', { eventSource: 's3.amazonaws.com' })['detail'], 'ignored - no ignore');
  check({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: {} }] }, 'ignored - no ignore');
  check(EVENT['detail'], REFUSED);
});

test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])('%s is shown, and its links are not', (Type) => {
  const links = { SubscribeURL: 'https://evil.example/confirm', Token: 'secret-token', Message: JSON.stringify(EVENT) };
  const [one] = check({ Type, TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', ...links }, 'control - no ignore');
  expect(JSON.stringify(one)).not.toMatch(/evil|secret-token|http/);
  expect(one?.reason).toContain('"arn:aws:sns:eu-west-1:111122223333:t"');
  const [other] = check({ Type, TopicArn: 'https://evil.example/', ...links }, 'control - no ignore');
  expect(JSON.stringify(other)).not.toMatch(/evil/);
});

test('an SNS notification without a readable message is refused', () => {
  check({ Type: 'Notification' }, REFUSED);
  check({ Type: 'Notification', Message: EVENT }, REFUSED);
  check(sns('An alarm went off.'), REFUSED);
  check({ Type: 'Other', Message: JSON.stringify(EVENT) }, REFUSED);
});

test('what an input transformer made of an event is refused', () => {
  check('"secret prod/db rotated"', REFUSED);
  check({ secret: 'prod/payments/db', label: 'AWSCURRENT', account: '111122223333' }, REFUSED);
  check({ ...EVENT, 'detail-type': undefined }, REFUSED);
  check({ ...EVENT, source: ['aws.secretsmanager'] }, REFUSED);
});

test('an event as it was, in a field of an object, is found; several are each of them', () => {
  check({ original: EVENT }, ACTED);
  check({ note: 'by our transformer', when: 7, event: EVENT }, ACTED);
  check({ payload: apiCall('PutSecretValue')['detail'] }, 'secret PutSecretValue yes reconcile');
  check({ first: EVENT, second: serviceEvent('RotationFailed') }, [ACTED, 'secret RotationFailed no notify']);
  check({ event: { ...EVENT, source: 'com.example' } }, 'ignored - no ignore');
});

test('an event is not looked for in what claims to be one, nor further down', () => {
  check({ source: 'com.example', 'detail-type': 'x', detail: EVENT }, 'ignored - no ignore');
  check({ source: 'com.example', detail: EVENT }, REFUSED);
  check({ 'detail-type': 'x', event: EVENT }, REFUSED);
  check({ eventSource: 'com.example', event: EVENT }, REFUSED);
  check({ Type: 'Other', event: EVENT }, REFUSED);
  check({ a: { b: EVENT } }, REFUSED);
  check({ event: JSON.stringify(EVENT) }, REFUSED);
});

test('JSON that was encoded twice is decoded twice', () => {
  check(JSON.stringify(JSON.stringify(EVENT)), ACTED);
  check(sns(JSON.stringify(JSON.stringify(EVENT))), ACTED);
  const often = [1, 2, 3, 4, 5].reduce((text) => JSON.stringify(text), JSON.stringify(EVENT));
  check(often, REFUSED);
  check(JSON.stringify('{"broken":'), REFUSED);
});

test('SQS messages are opened in either spelling, parsed bodies too', () => {
  const own = { MessageId: 'm', Body: JSON.stringify(EVENT), Attributes: { SentTimestamp: '1000' } };
  check(own, ACTED);
  check([own, sqs(EVENT)], [ACTED, ACTED]);
  expect(timeOf(own, 2000)).toBe('1970-01-01T00:00:01Z');
  check({ messageId: 'm', body: JSON.stringify(EVENT) }, ACTED);
  check([{ ...sqs(EVENT), body: EVENT }], ACTED);
  check({ Body: JSON.stringify(EVENT) }, REFUSED);
  check({ body: JSON.stringify(EVENT) }, REFUSED);
  check({ messageId: 'm', body: JSON.stringify(EVENT), eventSource: 'aws:kinesis' }, REFUSED);
  check({ ...sqs(EVENT), body: 42 }, REFUSED);
});

test("Lambda's report of a failed call holds what the function was given", () => {
  const report = {
    version: '1.0',
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    responsePayload: { errorMessage: 'Process exited' },
  };
  check({ ...report, requestPayload: EVENT }, ACTED);
  check({ ...report, requestPayload: { Records: [sqs(sns(EVENT))] } }, ACTED);
  check({ ...report, requestPayload: 'text' }, REFUSED);
});

test('a log file of CloudTrail is its records', () => {
  const records = [apiCall('PutSecretValue'), apiCall('GetSecretValue')].map((event) => event['detail']);
  check({ Records: records }, ['secret PutSecretValue yes reconcile', 'secret GetSecretValue no ignore']);
});

test("S3's test event is ignored", () => {
  check({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }, 'ignored - no ignore');
});

test('an inner SQS record may lower the limit of event times, never raise it', () => {
  const early = { SentTimestamp: '1000' };
  expect(timeOf([sqs(EVENT, early)], null)).toBe('1970-01-01T00:00:01Z');
  expect(timeOf([sqs(EVENT, early)], 2000)).toBe('1970-01-01T00:00:01Z');
  expect(timeOf([sqs(EVENT, { SentTimestamp: '9999999999999' })], 2000)).toBe('1970-01-01T00:00:02Z');
  for (const SentTimestamp of ['-1', '1e3', 1000, '', '9'.repeat(16), null]) {
    expect(timeOf([sqs(EVENT, { SentTimestamp })], null)).toBe('2026-03-02T09:12:40Z');
  }
});

function timeOf(body: unknown, sentAt: number | null): string | null | undefined {
  return decodeOne(body, sentAt).change?.event.time;
}
