import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeKeys } from '../../src/config/describe-keys.ts';

const BEGIN = '<!-- config-table -->\n';
const END = '<!-- /config-table -->';

test('the README has the table of configuration keys (UPDATE=1 rewrites it)', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [before, rest, ...more] = readme.split(BEGIN);
  const [table, after] = (rest ?? '').split(END);
  expect(more).toEqual([]);
  expect(after).toBeDefined();
  if (process.env['UPDATE'] === '1') writeFileSync('README.md', `${before}${BEGIN}\n${describeKeys()}\n${END}${after}`);
  else expect(table).toBe(`\n${describeKeys()}\n`);
});
