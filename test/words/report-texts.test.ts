import { expect, test } from 'vitest';
import type { BranchLook } from '../../src/plan/report/look.ts';
import { explainText } from '../../src/words/explain-text.ts';
import { secretsTable } from '../../src/words/secrets-table.ts';
import { statusText } from '../../src/words/status-text.ts';
import { golden } from './golden.ts';
import { HOSTILE } from './sample-plans.ts';
import { hostileReports } from './sample-reports.ts';

const NAME = 'prod/\u001b[31mred\u202e\nnext: nothing';

test('reports with hostile names', () => {
  const { status, explained } = hostileReports(NAME);
  golden('status-hostile.txt', statusText([status]));
  golden('explain-hostile.txt', explainText([explained]));
  golden('secrets-table-hostile.txt', secretsTable([status]));
});

test.each(HOSTILE)('harmless for a terminal: %j', (text) => {
  const { status, explained } = hostileReports(text);
  const plain = hostileReports('x');
  const texts = [statusText([status]), explainText([explained]), secretsTable([status])];
  const known = [statusText([plain.status]), explainText([plain.explained]), secretsTable([plain.status])];
  for (const [at, made] of texts.entries()) {
    expect(made).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
    // No name begins a line of its own.
    expect(made.split('\n').length).toBe(known[at]?.split('\n').length);
  }
});

test('of thousands of anything, some lines and how many more', () => {
  const { status, explained } = hostileReports('y'.repeat(5000), 100);
  const texts = [statusText([status]), explainText([explained]), secretsTable([status])];
  for (const made of texts) {
    expect(made).toMatch(/^ +and \d+ more$/m);
    expect(made.split('\n').filter((line) => line.length > 4000)).toEqual([]);
    expect(made.length).toBeLessThan(4_000_000);
  }
});

test('what could not be read says so, and nothing else', () => {
  const look: BranchLook = {
    name: 'platform@main',
    head: null,
    paused: null,
    troubles: [
      { subject: 'repository platform@main', message: 'no such host', code: 'git-unreachable', hint: 'Wait.' },
    ],
    notLooked: [],
  };
  const expected = [
    'platform@main  could not be read',
    '  could not look at repository platform@main',
    '    because: no such host [git-unreachable]',
    '    next:    Wait.',
    '',
  ].join('\n');
  expect(statusText([{ ...hostileReports('x').status, ...look }])).toBe(expected);
  expect(secretsTable([{ ...hostileReports('x').status, ...look }])).toBe(expected);
  expect(explainText([{ ...look, explanation: null, unclear: null }])).toBe(expected);
  expect(statusText([])).toBe('');
});
