import { expect, test } from 'vitest';
import { eventTime } from '../../../src/events/meaning/event-facts.ts';
import { apiCall, decodeOne, labelMoved } from '../sample-events.ts';

const SENT = Date.parse('2026-03-02T09:13:00.999Z');

test.each([
  ['2026-03-02T09:12:39Z', '2026-03-02T09:12:39Z'],
  ['2026-03-02T09:12:39.999Z', '2026-03-02T09:12:39Z'],
  ['2026-03-02T11:12:39+02:00', '2026-03-02T09:12:39Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
  ['2026-02-30T00:00:00Z', null],
  ['2026-13-01T00:00:00Z', null],
  ['2026-03-02T25:00:00Z', null],
  ['2026-03-02T09:12:39', null],
  ['2026-03-02', null],
  ['1772442759', null],
  ['Mar 2, 2026, 9:12:39 AM', null],
  ['0000-01-01T00:00:00Z', null],
  ['9999-12-31T23:59:59-01:00', null],
  ['+010000-01-01T00:00:00Z', null],
  ['2026-03-02T09:12:39Z\n', null],
  ['', null],
])('the time %j is %j', (text, expected) => {
  expect(eventTime(text, null)).toBe(expected);
});

test('a time later than the message is set back to the message, never forward', () => {
  expect(eventTime('2030-01-01T00:00:00Z', SENT)).toBe('2026-03-02T09:13:00Z');
  expect(eventTime('2026-03-02T09:13:00Z', SENT)).toBe('2026-03-02T09:13:00Z');
  expect(eventTime('2026-03-02T09:12:59Z', SENT)).toBe('2026-03-02T09:12:59Z');
  expect(eventTime('2030-01-01T00:00:00Z', null)).toBe('2030-01-01T00:00:00Z');
  expect(eventTime('2030-01-01T00:00:00Z', 0)).toBe('1970-01-01T00:00:00Z');
});

function facts(event: unknown, sentAt: number | null = null) {
  const one = decodeOne(event, sentAt);
  expect(one.action).toBe('reconcile');
  return one.change?.event;
}

test('a record tells when the call was made; a native event when it was sent', () => {
  expect(facts(apiCall('PutSecretValue'))).toEqual({
    id: '65895c91-ed85-571f-9293-ad0d50fb7c71',
    name: 'PutSecretValue',
    time: '2026-03-02T09:12:39Z',
    actorKind: 'AssumedRole',
  });
  expect(facts(labelMoved())).toEqual({
    id: '65895c91-ed85-571f-9293-ad0d50fb7c71',
    name: 'Secret Label Updated',
    time: '2026-03-02T09:12:40Z',
    actorKind: null,
  });
});

test('a send time that is none sets no limit', () => {
  for (const sentAt of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) {
    expect(facts(labelMoved(), sentAt)?.time).toBe('2026-03-02T09:12:40Z');
  }
  expect(facts(labelMoved(), 1000)?.time).toBe('1970-01-01T00:00:01Z');
});

test.each([
  ['Root', 'Root'],
  ['IAMUser', 'IAMUser'],
  ['AWSService', 'AWSService'],
  ['IdentityCenterUser', 'IdentityCenterUser'],
  ['BrandNewType', null],
  ['alice@example.com', null],
  ['assumedrole', null],
  ['constructor', null],
  [42, null],
  [undefined, null],
])('an actor of type %j is shown as %j', (type, expected) => {
  expect(facts(apiCall('PutSecretValue', { userIdentity: { type } }))?.actorKind).toBe(expected);
});

test('an identity of a wrong type has no kind', () => {
  for (const userIdentity of ['Root', ['Root'], null, 7]) {
    expect(facts(apiCall('PutSecretValue', { userIdentity }))?.actorKind).toBeNull();
  }
});

test('an event id that could not be one is left out', () => {
  for (const id of ['a b', 'x'.repeat(65), '', 'a\nb', 'Event-Id: y']) expect(facts(labelMoved({ id }))?.id).toBeNull();
});

test('without an id of its own an event goes by that of its record', () => {
  expect(facts(apiCall('PutSecretValue', {}, { id: 7 }))?.id).toBe('73a60fd3-feca-5ddc-a7f2-7711406d581c');
});

test('nothing of a person is kept', () => {
  const userIdentity = { type: 'IAMUser', userName: 'alice', arn: 'arn:aws:iam::111122223333:user/alice' };
  const one = decodeOne(apiCall('PutSecretValue', { userIdentity, sourceIPAddress: '198.51.100.7' }));
  expect(JSON.stringify(one)).not.toMatch(/alice|198\.51/);
});
