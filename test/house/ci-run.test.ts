import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
}

/** What a stand-in for npm does: which scripts fail, and which reports its test runs leave. */
interface World {
  readonly failing?: readonly string[];
  readonly fast?: Report | null;
  readonly deep?: Report | null;
}

/** Runs `.ci/run` in a folder of its own with a stand-in for npm: the last line of what it prints, its exit code, and what it says failed. */
function check(world: World, lastLine: string, code: number, told: readonly string[] = []): void {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-ci-'));
  try {
    mkdirSync(join(folder, 'bin'));
    cpSync('.ci/run', join(folder, '.ci/run'));
    writeFileSync(join(folder, 'bin/npm'), fakeNpm(world), { mode: 0o755 });
    const path = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const run = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', env: { ...process.env, PATH: path } });
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(lastLine);
    expect(run.status).toBe(code);
    const from = lines.indexOf('== What failed');
    expect(from === -1 ? [] : lines.slice(from + 1, -1).filter((line) => line !== '')).toEqual(told);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fakeNpm({ failing = [], fast = { passed: 10, failed: 0 }, deep = { passed: 2, failed: 0 } }: World): string {
  return `#!/usr/bin/env bash
[ "$1" = ci ] && script=ci || script=$3
for argument in "$@"; do case $argument in --outputFile.json=*) file=\${argument#*=} ;; esac; done
case $script in test) ${writeReport(fast)} ;; test:deep) ${writeReport(deep)} ;; esac
case " ${failing.join(' ')} " in *" $script "*) exit 1 ;; esac
`;
}

function writeReport(report: Report | null): string {
  if (report === null) return ':';
  const { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests = 0 } = report;
  const assertionResults = [
    { status: 'passed', fullName: 'fine', failureMessages: [] },
    ...Array.from({ length: numFailedTests }, (_, at) => ({
      status: 'failed',
      fullName: `bad ${at}`,
      failureMessages: ['no'],
    })),
  ];
  const testResults = [{ name: 'a.test.ts', status: numFailedTests > 0 ? 'failed' : 'passed', assertionResults }];
  const json = JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0, testResults });
  return `printf '%s' '${json}' > "$file"`;
}

function unexplained(script: string, code: number): string {
  return `== npm run ${script} FAILED with exit code ${code}, which no test explains`;
}

test('everything passes: each test counts, and each other step as one', () => check({}, '18 passed, 0 failed', 0));
test('tests that fail', () =>
  check({ fast: { passed: 8, failed: 2 }, failing: ['test'] }, '16 passed, 2 failed', 1, [
    'a.test.ts',
    'bad 0: no',
    'bad 1: no',
  ]));
test('tests that are skipped are neither', () =>
  check({ fast: { passed: 10, failed: 0, skipped: 3 } }, '18 passed, 0 failed', 0));
test('a step that fails does not stop the others', () =>
  check({ failing: ['lint', 'demo'] }, '16 passed, 2 failed', 1, ['== lint FAILED', '== demo FAILED']));
test('a run that leaves no report, or an empty one, counts as failed', () => {
  check({ fast: null }, '8 passed, 1 failed', 1, [unexplained('test', 0)]);
  check({ deep: { passed: 0, failed: 0 } }, '16 passed, 1 failed', 1, [unexplained('test:deep', 0)]);
});
test('a failure that the report does not show counts', () =>
  check({ failing: ['test'] }, '18 passed, 1 failed', 1, [unexplained('test', 1)]));
test('without dependencies nothing else is tried', () =>
  check({ failing: ['ci'] }, '0 passed, 1 failed', 1, ['== npm ci FAILED']));
