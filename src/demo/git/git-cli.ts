import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { Person } from '../../ports.ts';

const run = promisify(execFile);

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

/** The environment of every git child: nothing of the machine's own configuration. */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...ENVIRONMENT, ...more };
}

/** What a git command prints. Runs beside the server in this process: never a synchronous child. Rejects on exit codes. */
export async function git(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return (await gitBytes(dir, args, env)).toString('utf8');
}

/** Like {@link git}, in bytes: names need not be UTF-8. */
export async function gitBytes(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const options = { cwd: dir, env: gitEnvironment(env), maxBuffer: 256 * 1024 * 1024, encoding: 'buffer' } as const;
  return (await run('git', [...args], options)).stdout;
}

/** Like {@link git}, with standard input. */
export async function gitWithInput(
  dir: string,
  args: readonly string[],
  input: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return (await gitFilter(dir, args, input, env)).toString('utf8');
}

/** Like {@link gitBytes}, with standard input. */
export function gitFilter(
  dir: string,
  args: readonly string[],
  input: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { cwd: dir, env: gitEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    // A command that fails early does not read its input: its exit code says so.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new Error(`git ${args[0] ?? ''} failed: ${Buffer.concat(errors).toString('utf8')}`));
    });
    child.stdin.end(input);
  });
}

/** Author and committer of a commit, both at this time (epoch seconds, UTC). */
export function identityEnvironment(person: Person, time: number): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: person.name,
    GIT_AUTHOR_EMAIL: person.email,
    GIT_AUTHOR_DATE: `${time} +0000`,
    GIT_COMMITTER_NAME: person.name,
    GIT_COMMITTER_EMAIL: person.email,
    GIT_COMMITTER_DATE: `${time} +0000`,
  };
}
