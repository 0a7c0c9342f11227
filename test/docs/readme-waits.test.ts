import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEYS } from '../../src/config/keys/table.ts';
import { STANDARD_OPENING } from '../../src/config/opening/read-opening.ts';
import { WAIT_CODES } from '../../src/domain/life/opening-policy.ts';
import { CONFIRM_LABEL } from '../../src/plan/life/opening.ts';
import { codes } from './markdown.ts';

const README = readFileSync('README.md', 'utf8');

test('the README names every reason to wait, and no other', () => {
  const [, rest = ''] = README.split('| Wait | Until |\n');
  const rows = rest.split('\n\n')[0]?.split('\n').slice(1) ?? [];
  expect(rows.map((row) => codes(row)[0])).toEqual([...WAIT_CODES]);
});

test('the label is the same wherever it is named', () => {
  const named = new Set([...README.matchAll(/gitops-reloader:confirm\w*/g)].map(([label]) => label));
  expect([...named]).toEqual([CONFIRM_LABEL]);
});

test('the table of keys tells the limits that hold where nothing is written', () => {
  const told = Object.entries(STANDARD_OPENING.limits).map(([name]) => {
    const row = KEYS.find(({ path }) => path === `spec.repositories[].limits.${name}`);
    return [name, row?.default];
  });
  expect(told).toEqual(Object.entries(STANDARD_OPENING.limits));
});
