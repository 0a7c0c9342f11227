import { expect, test } from 'vitest';
import type { Index } from '../../src/manifests/graph.ts';
import type { NamedSecret } from '../../src/manifests/query-index.ts';
import { isUrgentIn, urgentByName } from '../../src/manifests/urgent-secrets.ts';
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

const isUrgentHere = (index: Index, name: string, change: Partial<NamedSecret> = {}) =>
  isUrgentIn(index, {
    service: 'secretsmanager',
    account: '111122223333',
    region: 'eu-west-1',
    names: [name],
    ...change,
  });

test.each([
  ['"true"', true],
  ['"false"', false],
  ['"yes"', false],
  ['"TRUE"', false],
])('the annotation with %s', (value, expected) => {
  const index = indexOf({ 'a.yaml': annotated(value), 'b.yaml': plain.replaceAll('prod/db', 'prod/other') });
  expect(isUrgentHere(index, 'prod/db')).toBe(expected);
  expect(isUrgentHere(index, 'prod/other')).toBe(false);
  expect(isUrgentHere(index, 'prod/db', { region: 'us-east-1' })).toBe(false);
  expect(isUrgentHere(index, 'prod/db', { service: 'ssm' })).toBe(false);
});

test('what its find may find by name is urgent too', () => {
  const index = indexOf({ 'a.yaml': annotated('"true"') });
  expect(isUrgentHere(index, 'any/x/thing')).toBe(true);
  expect(isUrgentHere(index, 'any/thing')).toBe(false);
  expect(isUrgentHere(index, 'any/x/thing', { account: '444455556666' })).toBe(false);
});

test('an ARN as key counts under every name that it can have', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-Ab3dEf';
  const index = indexOf({ 'a.yaml': annotated('"true"').replace('prod/db', `"${arn}"`) });
  expect(['prod/db', 'prod/db-Ab3dEf', 'prod/d'].map((name) => isUrgentHere(index, name))).toEqual([true, true, false]);
});
