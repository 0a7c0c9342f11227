import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type } from '../end-to-end/typed.ts';
import { hostileReports } from '../words/sample-reports.ts';
import { codes, tableRows } from './markdown.ts';

const readme = readFileSync('README.md', 'utf8');

test('the output of explain is as it is shown, but for what is left out', async () => {
  const [, command = '', shown = ''] =
    /```sh\n(node dist\/main\.js explain .*)\n```\n\n<!-- explain-output -->\n\n```text\n([\s\S]*?)```/.exec(readme) ??
    [];
  const { code, out: stdout } = await type(...command.split(' ').slice(2));
  expect(code).toBe(0);
  const parts = shown.split('…\n');
  expect(parts.length).toBeGreaterThan(4);
  let rest = stdout;
  for (const part of parts) {
    const at = rest.indexOf(part);
    expect([part, at >= 0]).toEqual([part, true]);
    rest = rest.slice(at + part.length);
  }
  expect(rest).toBe('');
  expect(stdout.startsWith(parts[0] ?? 'nothing')).toBe(true);
});

test('every field of the JSON of reports, and no other', () => {
  const { status, explained } = hostileReports('x');
  const known = [
    'version',
    'instance',
    'secret',
    ...[...new Set([...Object.keys(status), ...Object.keys(explained)])].map((key) => `branches[].${key}`),
    ...Object.keys(explained.explanation ?? {}).map((key) => `branches[].explanation.${key}`),
  ];
  const rows = tableRows('README.md', '| Field | What it holds |');
  expect(rows.flatMap(([field = '']) => codes(field)).toSorted()).toEqual(known.toSorted());
});
