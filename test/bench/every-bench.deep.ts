import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// What they measure is nobody's concern here: only that each still measures something, as nobody runs all of them every day.
// Those with goals are run by CI.
const SMALL: readonly (readonly [command: string, line: RegExp])[] = [
  ['pipeline 200 1', /^edit and prove one annotation +median/m],
  ['memory 1000 1', /^who is reached by one secret +median/m],
  ['storm 4 2 1', /^content created, total +4$/m],
  ['reconcile 12 3', /^ *behind +\{"carried":3\}$/m],
];

test.each(SMALL)('%s', async (command, line) => {
  const args = ['--expose-gc', 'bench/run.mjs', ...command.split(' ')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  expect(stdout).toMatch(line);
});
