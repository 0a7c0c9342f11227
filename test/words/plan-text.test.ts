import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type ChangedFile, diffText, planText } from '../../src/words/plan-text.ts';
import { repoPath } from '../manifests/repository.ts';
import { applied } from '../plan/repository.ts';
import { golden } from './golden.ts';
import { FILES, gatedPlan, HOSTILE, hostilePlan, stageOne, stageTwo } from './sample-plans.ts';

test('a plan as text', () => {
  golden('plan-staged.txt', planText(stageOne('staged')));
  golden('plan-stage-two.txt', planText(stageTwo()));
  golden('plan-gated.txt', planText(gatedPlan()));
  expect(planText(stageOne('together'))).toContain('by the same commit and perhaps before the refresh: 2 workloads');
  expect(planText({ edits: [], skips: [] })).toBe('0 edit(s)\n0 object(s) left alone\n');
});

test('what is left alone for one reason is told once', () => {
  const file = {
    kind: 'File',
    namespace: null,
    code: 'unreadable-file' as const,
    reason: 'It is a template.',
    hint: 'Look.',
  };
  const skips = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => ({ ...file, path: repoPath(name), name }));
  const other = { ...file, path: repoPath('b.yaml'), name: 'b.yaml', reason: 'It is large.', hint: null };
  expect(planText({ edits: [], skips: [...skips.slice(0, 2), other, ...skips.slice(2)] })).toBe(
    `0 edit(s)
4 object(s) left alone
  a.yaml  unreadable-file
  b.yaml  unreadable-file
  c.yaml  unreadable-file
    because: It is a template.
    next:    Look.
  b.yaml  unreadable-file
    because: It is large.
`,
  );
});

test.each(HOSTILE)('harmless for a terminal: %j', (text) => {
  const made = planText(hostilePlan(text));
  expect(made).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
  expect(
    made.split('\n').filter((one) => !/^(?:\d+ (?:edit|object)|  \S| {4}(?:\S+: |chain: |next: ))|^$/.test(one)),
  ).toEqual([]);
});

test('a plan of thousands of objects with long names is cut per line, not per object', () => {
  const made = planText(hostilePlan('x'.repeat(5000), 500));
  expect(made.split('\n').every((one) => one.length < 700)).toBe(true);
  expect(made.match(/stage 1$/gm)).toHaveLength(1000);
});

// ---------------------------------------------------------------------------------------------------------------------
// Diffs

test('a diff of a whole plan', () => {
  const after = applied(FILES, stageOne('staged').edits);
  const files = Object.entries(FILES).flatMap(([path, before]) => {
    const text = after[path] ?? '';
    return text === before ? [] : [{ path, before, after: text }];
  });
  golden('plan-staged.diff', diffText(files));
});

const BEFORE = 'a: 1\nb: 2\nc: 3\n';

test.each([
  ['a changed line', BEFORE, 'a: 1\nb: 9\nc: 3\n'],
  ['a new line', BEFORE, 'a: 1\nb: 2\nx: 1\nc: 3\n'],
  ['CRLF', 'a: 1\r\nb: 2\r\n', 'a: 1\r\nb: 9\r\n'],
  ['CRLF and LF mixed', 'a: 1\r\nb: 2\nc: 3\r\n', 'a: 1\r\nb: 9\nc: 3\r\n'],
  ['tabs', 'a:\t1\t\nb:\t2\n', 'a:\t1\t\nb:\t9\n'],
  ['no newline at the end', 'a: 1\nb: 2', 'a: 1\nb: 9'],
  ['a newline at the end is new', 'a: 1\nb: 2', 'a: 1\nb: 2\n'],
  ['far apart', `a: 1\n${'x: 1\n'.repeat(30)}b: 2\n`, `a: 9\n${'x: 1\n'.repeat(30)}b: 9\n`],
  ['lines that look like a diff', '--- a\n+++ b\n@@ -1 +1 @@\n===\n', '--- a\n+++ b\n@@ -1 +1 @@\n+++ x\n'],
  ['letters of all kinds', 'a: é😀\nb: 2\n', 'a: é😀\nb: ü\n'],
  ['lines of all lengths', `a: ${'x'.repeat(1900)}\nb: 2\n`, `a: ${'x'.repeat(1900)}\nb: 9\n`],
])('Git applies the diff: %s', (_, before, after) => {
  const folder = mkdtempSync(join(tmpdir(), 'diff-'));
  try {
    const files = ['deep/er/a.yaml', 'b c.yaml', 'é.yaml'].map((path): ChangedFile => ({ path, before, after }));
    for (const { path } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), before);
    }
    const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: diffText(files),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(files.map(({ path }) => readFileSync(join(folder, path), 'utf8'))).toEqual(files.map(() => after));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('no change is no diff', () => {
  expect(diffText([])).toBe('');
  expect(diffText([{ path: 'a.yaml', before: BEFORE, after: BEFORE }])).toBe('');
});

function line(text: string): string {
  return `k: "${text}"\n`;
}

test('what a terminal would act on is shown as an escape', () => {
  const made = diffText([
    { path: 'a\u202eb.yaml', before: line('\u001b[31m\u0007\u202e'), after: line('\u009b\u2028\rx\t') },
  ]);
  expect(made).not.toMatch(/[\p{Cf}\u2028\u2029]|[^\P{Cc}\n\t]/u);
  expect(made).toContain('-k: "\\u{1b}[31m\\u{7}\\u{202e}"');
  expect(made).toContain('+k: "\\u{9b}\\u{2028}\\u{d}x\t"');
});

test('a line of a megabyte is cut', () => {
  const made = diffText([
    { path: 'a.yaml', before: `a: ${'x'.repeat(1_000_000)}\n`, after: `a: ${'y'.repeat(1_000_000)}\n` },
  ]);
  expect(made.length).toBeLessThan(10_000);
});
