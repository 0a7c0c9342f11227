import { expect, test } from 'vitest';
import { ARN, apiCall, decodeOne, labelMoved, serviceEvent, V2 } from '../sample-events.ts';

const OTHER = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:other-Zz9yXw';

/** What the event names: name, the names a change goes by, and where it was found. */
function check(event: unknown, expected: { name: string; names?: readonly string[]; arn: string | null; at: string }) {
  const one = decodeOne(event);
  expect(one.action).toBe('reconcile');
  expect({
    name: one.secret?.name,
    names: one.change?.names,
    arn: one.secret?.arn,
    at: one.identifier?.foundAt,
  }).toEqual({ names: [expected.name], ...expected });
  expect(one.change?.id).toBe(one.identifier?.raw);
}

const DB = { name: 'prod/payments/db', arn: ARN };

test('the order of places: answer in each spelling, service data, request', () => {
  const all = {
    responseElements: { arn: ARN, aRN: OTHER, ARN: OTHER },
    additionalEventData: { SecretId: OTHER },
    requestParameters: { secretId: OTHER, clientRequestToken: V2 },
  };
  check(apiCall('PutSecretValue', all), { ...DB, at: 'detail.responseElements.arn' });
  const second = { ...all, responseElements: { aRN: ARN, ARN: OTHER } };
  check(apiCall('PutSecretValue', second), { ...DB, at: 'detail.responseElements.aRN' });
  const third = { ...all, responseElements: { ARN } };
  check(apiCall('PutSecretValue', third), { ...DB, at: 'detail.responseElements.ARN' });
  const fourth = { ...all, responseElements: null, additionalEventData: { SecretId: ARN, secretId: OTHER } };
  check(apiCall('PutSecretValue', fourth), { ...DB, at: 'detail.additionalEventData.SecretId' });
  const last = { ...all, responseElements: null, additionalEventData: null, requestParameters: { secretId: ARN } };
  const both = [DB.name, 'prod/payments/db-Ab3dEf'];
  check(apiCall('PutSecretValue', last), { ...DB, names: both, at: 'detail.requestParameters.secretId' });
});

test('service event details are tolerated', () => {
  const event = serviceEvent('RotationSucceeded', {
    additionalEventData: null,
    serviceEventDetails: { secretId: ARN },
  });
  check(event, { ...DB, at: 'detail.serviceEventDetails.secretId' });
});

test('a place of a wrong type, or with something else, is passed over', () => {
  const requestParameters = { secretId: 'prod/payments/db' };
  for (const arn of [42, null, [ARN], { arn: ARN }, '', 'arn:aws:s3:::bucket', 'prod/payments/db', 'arn:']) {
    const event = apiCall('PutSecretValue', { responseElements: { arn }, requestParameters });
    check(event, { name: 'prod/payments/db', arn: null, at: 'detail.requestParameters.secretId' });
  }
});

test('a bare name is never shortened', () => {
  const event = apiCall('PutSecretValue', { requestParameters: { secretId: 'app-db-prod01' } });
  check(event, { name: 'app-db-prod01', arn: null, at: 'detail.requestParameters.secretId' });
});

test('a partial ARN in a request is a name without suffix, or a riddle with two answers', () => {
  const place = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
  const at = 'detail.requestParameters.secretId';
  const partial = apiCall('PutSecretValue', { requestParameters: { secretId: `${place}prod/db` } });
  check(partial, { name: 'prod/db', arn: null, at });
  const riddle = apiCall('PutSecretValue', { requestParameters: { secretId: `${place}app-db-prod01` } });
  check(riddle, { name: 'app-db', names: ['app-db', 'app-db-prod01'], arn: `${place}app-db-prod01`, at });
});

test('a full ARN loses exactly one suffix', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-db-prod01-Zz9yXw';
  check(labelMoved({ resources: [arn] }, { name: 'something-else' }), {
    name: 'app-db-prod01',
    arn,
    at: 'resources[0]',
  });
});

test('a suffix of another length is told by the name beside the ARN', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/payments/db-Ab3dE';
  check(labelMoved({ resources: [arn] }), { name: 'prod/payments/db', arn, at: 'resources[0]' });
  const named = apiCall('PutSecretValue', { responseElements: { arn, name: 'prod/payments/db' } });
  check(named, { name: 'prod/payments/db', arn, at: 'detail.responseElements.arn' });
  const asked = apiCall('PutSecretValue', {
    responseElements: { arn },
    requestParameters: { secretId: 'prod/payments/db' },
  });
  check(asked, { name: 'prod/payments/db', arn, at: 'detail.responseElements.arn' });
  const alone = serviceEvent('RotationSucceeded', { additionalEventData: { SecretId: arn } });
  check(alone, { name: 'prod/payments/db-Ab3dE', arn, at: 'detail.additionalEventData.SecretId' });
});

test('a name that the ARN contradicts is not believed', () => {
  for (const name of ['prod', 'prod/payments/d', 'prod/payments/db-', 'PROD/payments/db', '']) {
    check(labelMoved({}, { name }), { ...DB, at: 'resources[0]' });
  }
});

test('a native event without an ARN is known by name, account and Region', () => {
  for (const resources of [[], undefined, null, [42], ['arn:aws:sns:eu-west-1:111122223333:topic'], 'x']) {
    check(labelMoved({ resources }), { name: 'prod/payments/db', arn: null, at: 'detail.name' });
  }
});

test.each([
  ['arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:gov/db-Ab3dEf', 'aws-us-gov', 'us-gov-west-1'],
  ['arn:aws-iso:secretsmanager:us-iso-east-1:111122223333:secret:gov/db-Ab3dEf', 'aws-iso', 'us-iso-east-1'],
  ['arn:aws-iso-b:secretsmanager:us-isob-east-1:111122223333:secret:gov/db-Ab3dEf', 'aws-iso-b', 'us-isob-east-1'],
  ['arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:gov/db-Ab3dEf', 'aws-cn', 'cn-north-1'],
  ['arn:aws-eusc:secretsmanager:eusc-de-east-1:111122223333:secret:gov/db-Ab3dEf', 'aws-eusc', 'eusc-de-east-1'],
])('%s', (arn, partition, region) => {
  const byArn = decodeOne(labelMoved({ resources: [arn], region }, { name: 'gov/db' }));
  expect(byArn.secret).toEqual({ arn, name: 'gov/db', account: '111122223333', region, partition });
  const request = { requestParameters: { secretId: 'gov/db' }, awsRegion: region };
  const byName = decodeOne(apiCall('PutSecretValue', request));
  expect(byName.secret).toEqual({ arn: null, name: 'gov/db', account: '111122223333', region, partition });
});

test('account and Region of a bare name: the record before its envelope', () => {
  const requestParameters = { secretId: 'prod/db' };
  const inner = apiCall('PutSecretValue', { requestParameters, awsRegion: 'us-east-1' }, { region: 'eu-west-1' });
  expect(decodeOne(inner).change).toMatchObject({ account: '111122223333', region: 'us-east-1', id: 'prod/db' });
  const outer = apiCall('PutSecretValue', { requestParameters, awsRegion: 7, recipientAccountId: 'x' });
  expect(decodeOne(outer).change).toMatchObject({ account: '111122223333', region: 'eu-west-1', id: 'prod/db' });
});

test('leading zeros of an account stay', () => {
  const arn = 'arn:aws:secretsmanager:us-west-2:012345678901:secret:mySecret-a1b2c3';
  const one = decodeOne(labelMoved({ resources: [arn], account: '012345678901' }, { name: 'mySecret' }));
  expect(one.change).toMatchObject({ account: '012345678901', names: ['mySecret'] });
});

test('a managed secret has an exclamation mark in its name', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!cluster-9f0a1b2c-QwErTy';
  const event = serviceEvent('RotationSucceeded', { additionalEventData: { SecretId: arn } });
  check(event, { name: 'rds!cluster-9f0a1b2c', arn, at: 'detail.additionalEventData.SecretId' });
});
