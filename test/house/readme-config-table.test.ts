import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeKeys } from '../../src/config/describe-keys.ts';
import { ESO_KEYS } from '../../src/config/eso-reloader/eso-keys.ts';
import type { KeyRow } from '../../src/config/keys/key.ts';
import { KEYS } from '../../src/config/keys/table.ts';

const TABLES: readonly (readonly [string, readonly KeyRow[]])[] = [
  ['config-table', KEYS],
  ['eso-reloader-table', ESO_KEYS],
];

test.each(TABLES)('the README has the table of keys %s (UPDATE=1 rewrites it)', (name, keys) => {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const readme = readFileSync('README.md', 'utf8');
  const [before, rest, ...more] = readme.split(begin);
  const [table, after] = (rest ?? '').split(end);
  expect(more).toEqual([]);
  expect(after).toBeDefined();
  const told = describeKeys(keys);
  if (process.env['UPDATE'] === '1') writeFileSync('README.md', `${before}${begin}\n${told}\n${end}${after}`);
  else expect(table).toBe(`\n${told}\n`);
});
