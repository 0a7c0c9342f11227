import { expect, test } from 'vitest';
import { ARN, apiCall, decodeOne, labelMoved, serviceEvent, tell, V1, V2 } from '../sample-events.ts';

function check(event: unknown, expected: string, versionId: string | null = null): void {
  const one = decodeOne(event);
  expect(tell(one)).toBe(expected);
  expect(one.versionId).toBe(versionId);
}

test.each([
  ['TagResource', { tags: [{ key: 'a', value: 'b' }] }],
  ['UntagResource', { tagKeys: ['a'] }],
  ['PutResourcePolicy', { resourcePolicy: '{}' }],
  ['DeleteResourcePolicy', {}],
  ['ReplicateSecretToRegions', { addReplicaRegions: [{ region: 'us-east-1' }] }],
  ['RemoveRegionsFromReplication', { removeReplicaRegions: ['us-east-1'] }],
  ['StopReplicationToReplica', {}],
  ['DeleteSecret', { recoveryWindowInDays: 30 }],
  ['RestoreSecret', {}],
  ['CancelRotateSecret', {}],
  ['GetSecretValue', { versionStage: 'AWSCURRENT' }],
  ['DescribeSecret', {}],
  ['ListSecretVersionIds', {}],
  ['GetResourcePolicy', {}],
  ['ValidateResourcePolicy', { resourcePolicy: '{}' }],
])('%s is ignored', (name, parameters) => {
  check(apiCall(name, { requestParameters: { secretId: ARN, ...parameters } }), `secret ${name} no ignore`);
});

test.each(['BatchGetSecretValue', 'ListSecrets', 'GetRandomPassword'])('%s is about no single secret', (name) => {
  const parameters = { secretIdList: [ARN], filters: [] };
  check(apiCall(name, { requestParameters: parameters }), `ignored ${name} no ignore`);
});

test.each([
  ['RotationStarted', 'no ignore'],
  ['RotationSucceeded', 'yes reconcile'],
  ['RotationFailed', 'no notify'],
  ['RotationAbandoned', 'no notify'],
  ['TestRotationStarted', 'no ignore'],
  ['TestRotationSucceeded', 'no ignore'],
  ['TestRotationFailed', 'no notify'],
  ['StartSecretVersionDelete', 'no ignore'],
  ['CancelSecretVersionDelete', 'no ignore'],
  ['EndSecretVersionDelete', 'no ignore'],
  ['SecretVersionDeletion', 'no ignore'],
  ['ReplicationStarted', 'no ignore'],
  ['ReplicationSucceeded', 'maybe reconcile'],
  ['ReplicationFailed', 'no notify'],
])('service event %s: %s', (name, expected) => {
  check(serviceEvent(name), `secret ${name} ${expected}`);
});

test('a service event is known under the API calls detail-type too, as a published sample has it', () => {
  const event = { ...serviceEvent('RotationSucceeded'), 'detail-type': 'AWS API Call via CloudTrail' };
  check(event, 'secret RotationSucceeded yes reconcile');
});

test.each([
  ['no labels', { clientRequestToken: V2 }, 'yes reconcile'],
  ['null labels', { clientRequestToken: V2, versionStages: null }, 'yes reconcile'],
  ['AWSCURRENT among others', { clientRequestToken: V2, versionStages: ['blue', 'AWSCURRENT'] }, 'yes reconcile'],
  ['AWSPENDING', { clientRequestToken: V2, versionStages: ['AWSPENDING'] }, 'no ignore'],
  ['another label', { clientRequestToken: V2, versionStages: ['blue'] }, 'no ignore'],
  ['labels of a wrong type', { clientRequestToken: V2, versionStages: 'AWSPENDING' }, 'maybe reconcile'],
  ['a label of a wrong type', { clientRequestToken: V2, versionStages: [7] }, 'maybe reconcile'],
  ['empty labels', { clientRequestToken: V2, versionStages: [] }, 'maybe reconcile'],
])('PutSecretValue with %s', (_, parameters, expected) => {
  const event = apiCall('PutSecretValue', { requestParameters: { secretId: ARN, ...parameters } });
  check(event, `secret PutSecretValue ${expected}`, V2);
});

test('PutSecretValue without parameters, but with an ARN in the answer, is looked at', () => {
  const event = apiCall('PutSecretValue', { requestParameters: undefined, responseElements: { arn: ARN } });
  check(event, 'secret PutSecretValue maybe reconcile');
});

test.each([
  ['a move of AWSCURRENT', { versionStage: 'AWSCURRENT', moveToVersionId: V1, removeFromVersionId: V2 }, 'yes', V1],
  ['AWSCURRENT taken off', { versionStage: 'AWSCURRENT', removeFromVersionId: V2 }, 'no', null],
  ['AWSCURRENT moved to no version', { versionStage: 'AWSCURRENT', moveToVersionId: '' }, 'no', null],
  ['another label', { versionStage: 'AWSPENDING', moveToVersionId: V1 }, 'no', V1],
  ['the label in small letters', { versionStage: 'awscurrent', moveToVersionId: V1 }, 'no', V1],
  ['no label', { moveToVersionId: V1 }, 'no', V1],
])('UpdateSecretVersionStage: %s', (_, parameters, changed, version) => {
  const action = changed === 'yes' ? 'reconcile' : 'ignore';
  const event = apiCall('UpdateSecretVersionStage', { requestParameters: { secretId: ARN, ...parameters } });
  check(event, `secret UpdateSecretVersionStage ${changed} ${action}`, version);
});

test('UpdateSecret names a version only in its answer; its token is there for metadata too', () => {
  const requestParameters = { secretId: ARN, clientRequestToken: V2 };
  check(apiCall('UpdateSecret', { requestParameters }), 'secret UpdateSecret maybe reconcile');
  const answer = { arn: ARN, versionId: V2 };
  const event = apiCall('UpdateSecret', { requestParameters, responseElements: answer });
  check(event, 'secret UpdateSecret yes reconcile', V2);
});

test('CreateSecret names its secret in `name`, and a version only in its answer', () => {
  const requestParameters = { name: 'prod/new-db', clientRequestToken: V1 };
  const old = decodeOne(apiCall('CreateSecret', { requestParameters }));
  expect(tell(old)).toBe('secret CreateSecret maybe reconcile');
  expect(old.versionId).toBeNull();
  expect(old.secret).toMatchObject({ arn: null, name: 'prod/new-db', account: '111122223333', region: 'eu-west-1' });
  const event = apiCall('CreateSecret', { requestParameters, responseElements: { arn: ARN, versionId: V1 } });
  check(event, 'secret CreateSecret yes reconcile', V1);
});

test('RotateSecret shows the version it asks for, and does not act', () => {
  const event = apiCall('RotateSecret', { requestParameters: { secretId: ARN, clientRequestToken: V2 } });
  check(event, 'secret RotateSecret no ignore', V2);
});

test.each(['AWSPENDING', 'AWSPREVIOUS', 'canary', 'awscurrent', 'AWSCURRENT '])('label %j is not followed', (label) => {
  check(labelMoved({}, { labelUpdated: label }), 'secret - no ignore', V2);
});

test.each([[['AWSCURRENT']], [null], [7], [undefined]])('label %j is no label', (label) => {
  check(labelMoved({}, { labelUpdated: label }), 'unparseable - no reject');
});

test.each([
  ['FrobnicateSecret', 'secret FrobnicateSecret no ignore'],
  ['MyRotationSucceeded', 'secret MyRotationSucceeded no ignore'],
  ['putsecretvalue', 'secret putsecretvalue no ignore'],
  ['PutSecretValue ', 'secret PutSecretValue  no ignore'],
  ['constructor', 'secret constructor no ignore'],
  ['__proto__', 'secret __proto__ no ignore'],
  ['toString', 'secret toString no ignore'],
])('the unknown name %j never acts', (name, expected) => {
  check(apiCall(name), expected);
});

test('an unknown name without any secret is none of our business', () => {
  check(apiCall('Frobnicate', { requestParameters: null }), 'ignored Frobnicate no ignore');
  check(apiCall('ValidateResourcePolicy', { requestParameters: {} }), 'ignored ValidateResourcePolicy no ignore');
});

test('a failed call changes nothing, whatever its name', () => {
  for (const name of ['PutSecretValue', 'UpdateSecret', 'CreateSecret', 'RotationSucceeded']) {
    check(apiCall(name, { errorCode: 'AccessDenied', errorMessage: 'no' }), `secret ${name} no ignore`);
  }
  check(apiCall('PutSecretValue', { errorCode: '' }), 'secret PutSecretValue no ignore');
  check(apiCall('PutSecretValue', { errorCode: null }), 'secret PutSecretValue yes reconcile');
  check(apiCall('PutSecretValue', { errorMessage: 'a note' }), 'secret PutSecretValue yes reconcile');
});

test('of a failed call no reason says that it did anything', () => {
  for (const name of [
    'DeleteSecret',
    'RestoreSecret',
    'TagResource',
    'GetSecretValue',
    'RotateSecret',
    'ListSecrets',
  ]) {
    const { reason } = decodeOne(apiCall(name, { errorCode: 'AccessDenied', responseElements: null }));
    expect(reason).toMatch(/: the call failed, so nothing changed\.$/);
  }
});

test('a failed rotation is news with an error code too', () => {
  check(serviceEvent('RotationFailed', { errorCode: 'X' }), 'secret RotationFailed no notify');
});
