import { expect, test } from 'vitest';
import { urgentByName, urgentKeys } from '../../src/manifests/urgent-secrets.ts';
import { externalSecret, indexOf } from './repository.ts';

const ROWS: readonly [string, readonly string[], readonly string[], boolean][] = [
  ['no pattern', [], ['prod/db'], false],
  ['anywhere in the name', ['db'], ['prod/db/main'], true],
  ['from its beginning', ['^db'], ['prod/db/main'], false],
  ['any pattern, any name', ['^x$', '^y$'], ['a', 'y'], true],
  ['what RE2 refuses fits nothing', ['(?=a)', '('], ['a'], false],
  ['what would hang elsewhere', ['^(a+)+$'], [`${'a'.repeat(2000)}!`], false],
];
test.each(ROWS)('%s', (_, patterns, names, expected) => {
  expect(urgentByName(patterns)(names)).toBe(expected);
});
const SPEC = 'data: [{secretKey: a, remoteRef: {key: prod/db}}], dataFrom: [{find: {name: {regexp: x}}}]';
const plain = externalSecret('plain', SPEC);
const annotated = (value: string) =>
  plain.replace('{name: plain', `{name: it, annotations: {gitops-reloader.dev/urgent: ${value}}`);

test.each([
  ['"true"', ['secretsmanager:111122223333:eu-west-1:prod/db']],
  ['"false"', []],
  ['"yes"', []],
  ['"TRUE"', []],
])('the annotation with %s', (value, expected) => {
  expect([...urgentKeys(indexOf({ 'a.yaml': annotated(value), 'b.yaml': plain }))]).toEqual(expected);
});

test('an ARN as key counts under every name that it can have', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-Ab3dEf';
  const keys = urgentKeys(indexOf({ 'a.yaml': annotated('"true"').replace('prod/db', `"${arn}"`) }));
  expect([...keys]).toEqual([
    'secretsmanager:111122223333:eu-west-1:prod/db',
    'secretsmanager:111122223333:eu-west-1:prod/db-Ab3dEf',
  ]);
});
