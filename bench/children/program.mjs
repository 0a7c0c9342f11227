// The built program, started as a person would start it, until it says that it is ready.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 120_000;
const LOOK_MILLISECONDS = 10;

/** Starts `run`; resolves when `/readyz` answers 200. `milliseconds`: from the start of the process until then. */
export async function startUntilReady(config, environment) {
  const begin = performance.now();
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', ...environment };
  const child = spawn(process.execPath, ['dist/main.js', 'run', '--config', config], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  while (!(await isReady(log))) {
    if (performance.now() - begin > PATIENCE || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`the program is not ready: ${log.slice(-2000)}`);
    }
    await pause(LOOK_MILLISECONDS);
  }
  return {
    milliseconds: performance.now() - begin,
    /** Megabytes, at their highest so far; null where the system does not tell. */
    peak: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
      return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
    },
    /** As a container is stopped. */
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isReady(log) {
  const port = /"port":(\d+),"msg":"status server listening"/.exec(log)?.[1];
  if (port === undefined) return false;
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}
