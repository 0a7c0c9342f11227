import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// What they measure is nobody's concern here: only that each still measures something, as nobody runs all of them every day.
const SMALL: readonly (readonly [command: string, line: RegExp])[] = [
  ['pipeline 200 1', /^edit and prove one annotation +median/m],
  ['memory 1000 1', /1,?000/],
  ['storm 4 2 1', /^content created, total +4$/m],
  ['reconcile 12 3', /^ *behind +\{"carried":3\}$/m],
  ['git 1000 --runs 1', /^The same over a line of 100 Mbit\/s/m],
  ['index 1000 --runs 1', /^Restart with a kept index/m],
  ['event 1000 --runs 1', /^Message received → branch pushed/m],
  ['soak 20 --idle 1', /^Its processor time when idle/m],
];

async function bench(command: string) {
  const args = ['--expose-gc', 'bench/run.mjs', ...command.split(' ')];
  return (await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 })).stdout;
}

test.each(SMALL)('%s', async (command, line) => {
  expect(await bench(command)).toMatch(line);
});

test('what is left in a file is what a page is made of', async () => {
  const file = join(tmpdir(), `gitops-reloader-bench-${process.pid}.json`);
  try {
    await bench(`soak 20 --idle 1 --json ${file}`);
    const { results } = JSON.parse(await readFile(file, 'utf8')) as { results: { row: string; rotations: number }[] };
    expect(results.map(({ row, rotations }) => `${row} ${rotations}`)).toEqual([
      'soak-memory 20',
      'soak-delay 20',
      'soak-idle 20',
    ]);
  } finally {
    await rm(file, { force: true });
  }
});
