import { expect, test } from 'vitest';
import {
  isUnfinishedArn,
  parseArn,
  readWrittenSecret,
  secretFromFullArn,
  secretKey,
} from '../../src/domain/secret-id.ts';

const PLACE = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

test.each([
  [`${PLACE}prod/payments/db-Ab3dEf`, 'prod/payments/db', 'Ab3dEf'],
  // The documentation warns of names like this: the suffix comes off once.
  [`${PLACE}app-db-prod01-Zz9yXw`, 'app-db-prod01', 'Zz9yXw'],
  [`${PLACE}MySecret-abcdef-nutBrk`, 'MySecret-abcdef', 'nutBrk'],
  [
    `${PLACE}rds!db-9f0a1b2c-3d4e-4f50-8a6b-7c8d9e0f1a2b-QwErTy`,
    'rds!db-9f0a1b2c-3d4e-4f50-8a6b-7c8d9e0f1a2b',
    'QwErTy',
  ],
  [`${PLACE}prod/db-Ab3dE`, 'prod/db-Ab3dE', null],
  [`${PLACE}prod/db-Ab3dEfG`, 'prod/db-Ab3dEfG', null],
  [`${PLACE}prod/db-Ab_dEf`, 'prod/db-Ab_dEf', null],
  [`${PLACE}a:b-Ab3dEf`, 'a:b', 'Ab3dEf'],
  [`${PLACE}--Ab3dEf`, '-', 'Ab3dEf'],
])('%s is %j', (arn, name, suffix) => {
  expect(secretFromFullArn(arn)).toEqual({
    service: 'secretsmanager',
    partition: 'aws',
    account: '111122223333',
    region: 'eu-west-1',
    name,
    suffix,
  });
});

test.each([
  '',
  'prod/db',
  PLACE,
  `${PLACE}-Ab3dEf`,
  'arn:aws:secretsmanager:eu-west-1:111122223333:',
  'arn:aws:secretsmanager:eu-west-1:111122223333:prod/db-Ab3dEf',
  'arn:aws:secretsmanager:eu-west-1:11112222333:secret:x-Ab3dEf',
  'arn:aws:secretsmanager::111122223333:secret:x-Ab3dEf',
  'arn:aws:secretsmanager:eu-west-1::secret:x-Ab3dEf',
  'arn:aws:ssm:eu-west-1:111122223333:parameter/x',
  'arn:aws:sns:eu-west-1:111122223333:secret:x-Ab3dEf',
  'arn:evil:secretsmanager:eu-west-1:111122223333:secret:x-Ab3dEf',
  'ARN:aws:secretsmanager:eu-west-1:111122223333:secret:x-Ab3dEf',
  ` ${PLACE}x-Ab3dEf`,
])('%j is no full ARN of a secret', (text) => {
  expect(secretFromFullArn(text)).toBeNull();
});

test.each([
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-iso', 'us-iso-east-1'],
  ['aws-iso-b', 'us-isob-east-1'],
  ['aws-eusc', 'eusc-de-east-1'],
])('partition %s', (partition, region) => {
  const arn = `arn:${partition}:secretsmanager:${region}:012345678901:secret:x-Ab3dEf`;
  expect(secretFromFullArn(arn)).toMatchObject({ partition, region, account: '012345678901', name: 'x' });
});

test('an ARN is split at its first five colons', () => {
  expect(parseArn('arn:aws:sqs:eu-west-1:000000000001:a:b:c')).toEqual({
    partition: 'aws',
    service: 'sqs',
    region: 'eu-west-1',
    account: '000000000001',
    resource: 'a:b:c',
  });
});

test.each<[string, readonly string[] | null]>([
  ['prod/db', ['prod/db']],
  ['app-db-prod01', ['app-db-prod01']],
  [`${PLACE}prod/db-Ab3dEf`, ['prod/db', 'prod/db-Ab3dEf']],
  [`${PLACE}app-db-prod01`, ['app-db', 'app-db-prod01']],
  [`${PLACE}prod/db`, ['prod/db']],
  [`${PLACE}-Ab3dEf`, ['-Ab3dEf']],
  [PLACE, null],
  ['', null],
  ['arn:', null],
  ['arn:aws:s3:::bucket', null],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/x', null],
  ['x'.repeat(2048), ['x'.repeat(2048)]],
  ['x'.repeat(2049), null],
])('%j can mean %j', (text, names) => {
  expect(readWrittenSecret(text)?.names ?? null).toEqual(names);
});

test('a bare name says nothing of account and Region, an ARN does', () => {
  expect(readWrittenSecret('prod/db')).toMatchObject({ account: null, region: null, partition: null });
  expect(readWrittenSecret(`${PLACE}x`)).toMatchObject({
    account: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
  });
});

test('one name in two places, or two services, is two secrets; its suffix makes no other', () => {
  const secret = { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', name: 'db' } as const;
  const keys = [
    secret,
    { ...secret, account: '444455556666' },
    { ...secret, region: 'us-east-1' },
    { ...secret, name: 'DB' },
    { ...secret, service: 'ssm' as const },
  ].map(secretKey);
  expect(new Set(keys).size).toBe(5);
  const recreated = ['db-Ab3dEf', 'db-Gh7iJk'].map((resource) => secretFromFullArn(`${PLACE}${resource}`));
  expect(recreated.map((one) => one !== null && secretKey(one))).toEqual([secretKey(secret), secretKey(secret)]);
});

test.each([
  ['arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:a', true],
  ['arn:aws:secretsmanager:eu-west-1::secret:a', true],
  ['arn:aws:ssm:<region>:123456789012:parameter/a', true],
  ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:a', false],
  ['arn:aws:secretsmanager:eu-west-1:1:secret:', false],
  ['arn:aws:s3:::bucket', false],
  [`arn:aws:secretsmanager:${'x'.repeat(100_000)}:1:secret:a`, false],
  ['a/name', false],
])('%s is still to be finished: %s', (text, expected) => {
  expect(isUnfinishedArn(text)).toBe(expected);
});
