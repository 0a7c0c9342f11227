import { expect, test } from 'vitest';
import { ARN, apiCall, decodeOne, labelMoved, serviceEvent, tell, V2 } from '../sample-events.ts';

function check(event: unknown, expected: string): void {
  expect(tell(decodeOne(event))).toBe(expected);
}

test('an ARN of another account than the envelope is not trusted', () => {
  check(labelMoved({ account: '444455556666' }), 'secret - maybe reject');
  check(labelMoved({ account: '444455556666' }, { sharedEventID: 'x' }), 'secret - maybe reject');
  check(apiCall('PutSecretValue', {}, { account: '444455556666' }), 'secret PutSecretValue maybe reject');
  const other = apiCall('PutSecretValue', { recipientAccountId: '444455556666' });
  check(other, 'secret PutSecretValue maybe reject');
  check({ ...serviceEvent('RotationFailed'), account: '444455556666' }, 'secret RotationFailed maybe reject');
});

test('what would be ignored anyway is ignored, trusted or not', () => {
  check(labelMoved({ account: '444455556666' }, { labelUpdated: 'canary' }), 'secret - no ignore');
  check(apiCall('GetSecretValue', {}, { account: '444455556666' }), 'secret GetSecretValue no ignore');
});

test("the caller's copy of a call across accounts is honest, and about the owner's secret", () => {
  const detail = { recipientAccountId: '444455556666', sharedEventID: 'e95ba224-02ab-54d0-a678-6e7d33424197' };
  const one = decodeOne(apiCall('PutSecretValue', detail, { account: '444455556666' }));
  expect(tell(one)).toBe('secret PutSecretValue yes reconcile');
  expect(one.change).toMatchObject({ account: '111122223333', id: ARN });
});

test('a shared copy whose own accounts disagree is not trusted', () => {
  const detail = { recipientAccountId: '444455556666', sharedEventID: 'x' };
  check(apiCall('PutSecretValue', detail, { account: '777788889999' }), 'secret PutSecretValue maybe reject');
  const empty = { recipientAccountId: '444455556666', sharedEventID: '' };
  check(apiCall('PutSecretValue', empty, { account: '444455556666' }), 'secret PutSecretValue maybe reject');
});

test('a bare name in two accounts at once is not trusted', () => {
  const detail = { requestParameters: { secretId: 'prod/db' }, recipientAccountId: '444455556666' };
  check(apiCall('PutSecretValue', detail), 'secret PutSecretValue maybe reject');
});

test('a Region that only the ARN names is the secret’s', () => {
  const one = decodeOne(labelMoved({ region: 'us-east-1' }));
  expect(one.change?.region).toBe('eu-west-1');
});

test('without an identifier there is nothing to look at', () => {
  check(apiCall('PutSecretValue', { requestParameters: null }), 'secret PutSecretValue maybe unresolvable');
  check(apiCall('PutSecretValue', { requestParameters: {} }), 'secret PutSecretValue yes unresolvable');
  check(serviceEvent('RotationSucceeded', { additionalEventData: null }), 'secret RotationSucceeded yes unresolvable');
  check(serviceEvent('RotationFailed', { additionalEventData: null }), 'secret RotationFailed no notify');
});

test('a bare name without account or Region cannot be looked up', () => {
  const detail = { requestParameters: { secretId: 'prod/db' }, awsRegion: null, recipientAccountId: null };
  const one = decodeOne(apiCall('PutSecretValue', detail, { account: null, region: null }));
  expect(tell(one)).toBe('secret PutSecretValue yes unresolvable');
  expect(one.secret).toEqual({ arn: null, name: 'prod/db', account: null, region: null, partition: null });
  expect(one.identifier).toEqual({ raw: 'prod/db', foundAt: 'detail.requestParameters.secretId' });
});

test.each([
  ['an escape', 'prod/\u001b[31mdb'],
  ['a line break', 'prod/db\nSecret-Rotation: x'],
  ['a null character', 'prod\u0000db'],
  ['a mark that turns the text', 'prod/\u202edb'],
  ['an invisible letter', 'prod/\u200bdb'],
  ['a lone surrogate', 'prod/\ud800db'],
  ['2,049 characters', 'x'.repeat(2049)],
  ['an ARN of something else', 'arn:aws:s3:::bucket'],
  ['an ARN of an empty name', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:'],
  ['an ARN of a short account', 'arn:aws:secretsmanager:eu-west-1:1111:secret:x-Ab3dEf'],
  ['an ARN with a line break', `${ARN}\n`],
])('an identifier with %s is refused, and not repeated', (_, secretId) => {
  const one = decodeOne(apiCall('PutSecretValue', { requestParameters: { secretId, clientRequestToken: V2 } }));
  expect(tell(one)).toBe('secret PutSecretValue maybe reject');
  expect(one.identifier).toEqual({ raw: null, foundAt: null });
  expect(JSON.stringify(one)).not.toContain(secretId);
});

test('an identifier of 2,048 characters is not too long', () => {
  const secretId = 'x'.repeat(2048);
  check(apiCall('PutSecretValue', { requestParameters: { secretId } }), 'secret PutSecretValue yes reconcile');
});

test('another major version of the record may mean anything', () => {
  check(apiCall('PutSecretValue', { eventVersion: '2.0' }), 'secret PutSecretValue maybe reject');
  check(apiCall('PutSecretValue', { eventVersion: '1.999' }), 'secret PutSecretValue yes reconcile');
  check(apiCall('PutSecretValue', { eventVersion: undefined }), 'secret PutSecretValue yes reconcile');
  check(apiCall('GetSecretValue', { eventVersion: '2.0' }), 'secret GetSecretValue no ignore');
});

test.each([
  ['any 64 characters', '# "quoted": <b>\n'.padEnd(64, '%'), true],
  ['65 characters', 'x'.repeat(65), false],
  ['nothing', '', false],
  ['a number', 7, false],
  ['a list', [V2], false],
])('a VersionId of %s', (_, versionId, kept) => {
  const one = decodeOne(labelMoved({}, { versionId }));
  expect(one.action).toBe('reconcile');
  expect([one.versionId, one.change?.versionId]).toEqual(kept ? [versionId, versionId] : [null, null]);
});
