import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A run of this program as a process of its own, exactly as a person or a container would start it. */
export interface ProgramProcess {
  /** Log lines (standard error) so far. */
  readonly lines: readonly string[];
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  readonly exit: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts the built program (`dist/main.js`) with these arguments and nothing of the caller's environment but PATH. */
export function startProgram(args: readonly string[], environment: Readonly<Record<string, string>>): ProgramProcess {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...environment };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    lines.splice(0, lines.length, ...stderr.split('\n').slice(0, -1));
  });
  const exit = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    lines,
    signal: (name) => {
      child.kill(name);
    },
    exit,
  };
}

/** Waits for a condition, looking 20 times a second; rejects with `what` after `milliseconds`. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  milliseconds = 20_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
