// Each measured process is a child of its own, so that memory and processor time are those of what is measured.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SETTLING_MILLISECONDS = 3000;

/** Starts a script of this folder. `ready` is what it said of its start; `ask` has it answer a question; `end` stops it. */
export async function startChild(script, { args = [], environment = {} } = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', ...environment };
  const child = fork(path, args, { env, execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const waiting = new Map();
  let asked = 0;
  const ended = once(child, 'close');
  child.on('message', ({ id, error, result }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${script}: ${error}`));
  });
  void ended.then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} ended with ${code}`));
  });
  const answerTo = (id) =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });
  const ready = await answerTo(0);
  return {
    ready,
    ask: (name, input = null) => {
      asked += 1;
      const answered = answerTo(asked);
      child.send({ id: asked, name, input });
      return answered;
    },
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In the child: answers these questions until its parent is gone. `ready` is told at once. */
export function answer(questions, ready = null) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ id, name, input }) => {
    void questions[name](input).then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: error.stack ?? String(error) }),
    );
  });
  process.send({ id: 0, result: ready });
}

/** Megabytes: at their highest so far, and once garbage is collected and the process has settled. */
export async function memoryOfChild() {
  const peak = peakMegabytes();
  for (let at = 0; at < 3; at += 1) {
    globalThis.gc();
    await pause(SETTLING_MILLISECONDS / 3);
  }
  return { peak, settled: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

/** Megabytes, at their highest so far. */
export async function peakOfChild() {
  return { peak: peakMegabytes() };
}

/** Of Linux, as `maxRSS` of a child begins with what its parent had. */
function peakMegabytes() {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Math.round(Number(kilobytes) / 1024);
  } catch {
    // Not on Linux.
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
