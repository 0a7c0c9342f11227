// The git command line, timed: what everything here is compared with. Nothing of the machine's own configuration.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { gitEnvironment } from '../../dist/demo/git/git-cli.js';
import { drained } from './listen.mjs';

const WHO = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'bench'],
    [`GIT_${role}_EMAIL`, 'bench@acme.example'],
    [`GIT_${role}_DATE`, '1767225600 +0000'],
  ]),
);

/** Runs a command of Git in a folder; its output, and how many milliseconds it took from its start to its end. */
export function runGit(dir, args, options = {}) {
  return runTimed('git', args, { ...options, dir });
}

/** The same for any command. `environment` is added to Git's; `input` is its standard input, a text or chunks one after the other. */
export async function runTimed(command, args, { dir, environment = {}, input = '' }) {
  const begin = performance.now();
  const child = spawn(command, args, {
    cwd: dir,
    env: gitEnvironment({ ...WHO, ...environment }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  // A command that ends early does not read its input: its exit code says so.
  child.stdin.on('error', () => undefined);
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await write(child.stdin, input);
  const code = await ended;
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${code}: ${output.stderr.slice(-2000)}`);
  return { stdout: output.stdout, milliseconds: performance.now() - begin };
}

async function write(stream, input) {
  for (const chunk of typeof input === 'string' ? [input] : input) {
    if (!stream.write(chunk)) await drained(stream);
  }
  stream.end();
}
