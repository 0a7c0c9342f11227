import { expect, test } from 'vitest';
import { couldBecome, isTemplated, saysNothing } from '../../../src/manifests/indexing/templated.ts';

function check(written: string, name: string, expected: boolean): void {
  expect(couldBecome(written, name)).toBe(expected);
}

test('literal parts have to stand in the name, in order', () => {
  check('prod/${app}/db', 'prod/web/db', true);
  check('prod/${app}/db', 'prod//db', true);
  check('prod/${app}/db', 'stage/web/db', false);
  check('prod/${app}/db', 'prod/web/dbx', false);
  check('{{ .env }}/db', 'prod/db', true);
  check('a${x}b${y}c', 'a-b-c', true);
  check('a${x}b${y}c', 'a-c', false);
  check('aa${x}aa', 'aaa', false);
  check('a${x}bc${y}c', 'abc', false);
});

test('a key without template is the name itself', () => {
  check('prod/db', 'prod/db', true);
  check('prod/db', 'prod/db2', false);
});

test('an ARN is compared from its resource on, with or without the random suffix', () => {
  check('arn:aws:secretsmanager:${region}:1:secret:prod/db-AbCdEf', 'prod/db', true);
  check('arn:aws:secretsmanager:${region}:1:secret:prod/db', 'prod/db', true);
  check('arn:aws:secretsmanager:${region}:1:secret:prod/db', 'prod', false);
});

test('a text beyond any key may be anything, and costs nothing', () => {
  check('${'.repeat(100_000), 'prod/db', true);
});

test('what is a template', () => {
  expect(['${x}', 'a{{ b }}', 'a${', '$x', '{x}', '$(x)'].map(isTemplated)).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(['${x}', '${x}{{ y }}', '${x}a'].map(saysNothing)).toEqual([true, true, false]);
});
