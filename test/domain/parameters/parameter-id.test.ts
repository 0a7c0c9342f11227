import { expect, test } from 'vitest';
import {
  readWrittenParameter,
  serviceInArn,
  versionNumber,
  withoutSelector,
} from '../../../src/domain/parameters/parameter-id.ts';

const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/';

test.each([
  ['/prod/db', ['/prod/db'], null],
  ['plain', ['plain'], null],
  ['/plain', ['/plain'], null],
  ['/prod/db:3', ['/prod/db'], '3'],
  ['plain:blue', ['plain'], 'blue'],
  [`${ARN}prod/db`, ['/prod/db'], null],
  [`${ARN}prod/db:12`, ['/prod/db'], '12'],
  // The ARN of `plain` is that of `/plain`.
  [`${ARN}plain`, ['plain', '/plain'], null],
])('%s', (text, names, selector) => {
  const written = readWrittenParameter(text);
  expect(written).toMatchObject({ names, selector, account: text.startsWith('arn:') ? '111122223333' : null });
  expect(written === null ? null : withoutSelector(text, written)).toBe(
    selector === null ? text : text.slice(0, text.lastIndexOf(':')),
  );
});

test.each([
  '',
  ':3',
  '/a:',
  '/a:3:4',
  'prod/db',
  'x'.repeat(3000),
  ARN,
  `${ARN}:3`,
  `${ARN}a:b:c`,
  'arn:aws:ssm:eu-west-1:111122223333:document/x',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a',
  'arn:aws:s3:::bucket',
])('no parameter: %j', (text) => {
  expect(readWrittenParameter(text)).toBeNull();
});

test('an ARN names its service; a name does not', () => {
  expect(serviceInArn(`${ARN}a`)).toBe('ssm');
  expect(serviceInArn('arn:aws:secretsmanager:eu-west-1:111122223333:secret:a')).toBe('secretsmanager');
  expect(['arn:aws:s3:::bucket', '/a', 'arn:'].map(serviceInArn)).toEqual([null, null, null]);
});

test('the number of a version', () => {
  expect(['7.1700000000', '7'].map(versionNumber)).toEqual([7, 7]);
});
