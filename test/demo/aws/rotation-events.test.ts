import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  type EventJson,
  labelUpdated,
  lambdaRotationEvents,
  putSecretValue,
  rawBody,
  rotationEvent,
  snsBody,
  versionStageUpdated,
} from '../../../src/demo/aws/rotation-events.ts';

const DB = { account: '111122223333', region: 'eu-west-1', name: 'prod/payments/db', suffix: 'Ab3dEf' };
const ONE = '0a1b2c3d-1111-4111-8111-000000000001';
const TWO = '0a1b2c3d-2222-4222-8222-000000000002';

const rows: readonly [string, EventJson][] = [
  ['native_label_updated_awscurrent', labelUpdated(DB, TWO, { time: '2026-08-03T16:43:48Z' })],
  ['ct_put_secret_value_awspending', putSecretValue(DB, TWO, { time: '2026-03-02T09:12:39Z', stages: ['AWSPENDING'] })],
  ['ct_update_version_stage_awscurrent', versionStageUpdated(DB, ONE, TWO, '2026-03-02T09:12:39Z')],
  ['svc_rotation_succeeded', rotationEvent(DB, 'RotationSucceeded', '2026-03-02T09:20:01Z')],
];
for (const [name, event] of rows) {
  test(`as the sample ${name}, but for ids and the caller`, () => {
    expect(withoutIds(event)).toEqual(withoutIds(fixture(name)));
  });
}

test('without stages the version became current at once', () => {
  const { detail } = putSecretValue(DB, TWO) as { detail: { requestParameters: object } };
  expect(Object.keys(detail.requestParameters)).toEqual(['secretId', 'clientRequestToken']);
});

test('a whole Lambda rotation, as the sample', () => {
  const { events } = fixture('seq_lambda_rotation_in_order') as unknown as { events: readonly EventJson[] };
  expect(lambdaRotationEvents(DB, ONE, TWO).map(withoutIds)).toEqual(events.map(withoutIds));
});

test('the ids of one rotation differ, and are the same each time', () => {
  const ids = lambdaRotationEvents(DB, ONE, TWO).map((event) => event['id']);
  expect(new Set(ids).size).toBe(6);
  expect(lambdaRotationEvents(DB, ONE, TWO).map((event) => event['id'])).toEqual(ids);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('straight to SQS, and through SNS', () => {
  const event = labelUpdated(DB, TWO);
  expect(JSON.parse(rawBody(event))).toEqual(event);
  const wrapped = JSON.parse(snsBody(event)) as EventJson;
  const sample = JSON.parse(String(fixture('envelope_sns_notification')['Body'])) as EventJson;
  expect(Object.keys(wrapped)).toEqual(Object.keys(sample));
  expect(JSON.parse(String(wrapped['Message']))).toEqual(event);
});

function fixture(name: string): EventJson {
  return JSON.parse(readFileSync(`fixtures/events/${name}.json`, 'utf8')) as EventJson;
}

/** Ids and who called differ from one record to the next: only that they are there is compared. */
function withoutIds(event: EventJson): unknown {
  const free = new Set(['id', 'eventID', 'requestID', 'userAgent', 'userIdentity']);
  return JSON.parse(JSON.stringify(event, (key, value: unknown) => (free.has(key) ? 'there' : value)));
}
