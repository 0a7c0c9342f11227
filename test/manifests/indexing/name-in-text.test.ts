import { expect, test } from 'vitest';
import { namesSecret } from '../../../src/manifests/indexing/name-in-text.ts';

test.each([
  ['key: prod/db', true],
  ['key: "prod/db"', true],
  ['prod/db', true],
  ['key: prod/db,', true],
  ['x=prod/db', true],
  ['prod/db2 prod/db', true],
  ['secret:prod/db:password', true],
  ['arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf', true],
  ['arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEfG', false],
  ['key: prod/db-AbCdEf', false],
  ['key: prod/db2', false],
  ['key: xprod/db', false],
  ['key: a/prod/db', false],
  ['key: prod/db/x', false],
  ['key: prod', false],
  ['', false],
])('%s', (text, expected) => {
  expect(namesSecret(text, 'prod/db')).toBe(expected);
});

test('no name is in no text', () => {
  expect(namesSecret('a', '')).toBe(false);
});
