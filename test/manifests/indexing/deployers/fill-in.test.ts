import { expect, test } from 'vitest';
import { fillText } from '../../../../src/manifests/indexing/deployers/fill-in.ts';

const VALUES = new Map([
  ['env', 'prod'],
  ['team', 'pay-1'],
  ['empty', ''],
  ['number', '0123'],
  ['nested', '${env}'],
  ['odd', 'a: b'],
  ['line', 'a\nb'],
]);

function check(text: string, expected: string, isOpenEnded = false): void {
  expect(fillText(text, { values: VALUES, isOpenEnded })).toBe(expected);
}

/** Left as it is written. */
function checkOpen(text: string, isOpenEnded = false): void {
  check(text, text, isOpenEnded);
}

test('values and defaults that are certain', () => {
  check('${env}/db', 'prod/db');
  check('a/${env}-${team}/db', 'a/prod-pay-1/db');
  check('${env:=test}/db', 'prod/db');
  check('${absent:=test}/db', 'test/db');
  check('${absent:-test}/db', 'test/db');
  check('${empty:=test}/db', 'test/db');
  check('x/${line}', 'x/ab');
  check('no variable', 'no variable');
});

test('what is not certain stays as it is', () => {
  checkOpen('${absent}/db');
  checkOpen('${env}/${absent}');
  checkOpen('${absent:=test}/db', true);
  check('${env}/db', 'prod/db', true);
  checkOpen('${empty}/db');
  checkOpen('$${env}/db');
  checkOpen('${env:0:2}/db');
  checkOpen('${env/p/q}');
  checkOpen('${env^^}');
  checkOpen('${absent:=${env}}');
  checkOpen('${nested}/db');
  checkOpen('x ${env');
  checkOpen('${}');
});

test('what YAML would read as something else stays as it is', () => {
  checkOpen('${odd}');
  checkOpen('${number}');
  checkOpen('${absent:=true}');
  checkOpen('${absent:=null}');
  checkOpen('${absent:=a:}');
  checkOpen('- ${env}');
  expect(fillText('${env}', null)).toBe('${env}');
  expect(fillText('${env}'.repeat(2000), { values: VALUES, isOpenEnded: false })).toHaveLength(12_000);
});
