import { get } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProgramProcess, waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { valueIn } from '../adapters/http/exposition.ts';
import { leaks } from './canaries.ts';
import { repositoryOf } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';
import { logOf, untilDeleted } from './traces.ts';

const SWEEP = { sweep: { interval: '200ms' } };
const REPOSITORY = `platform@${WORLD.base}`;

let stage: Stage;
let program: ProgramProcess;

beforeAll(async () => {
  stage = await startStage(repositoryOf(['prod/first', 'prod/second']));
  program = await stage.run(SWEEP);
});
afterAll(() => stage.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Ready {
  readonly ready: boolean;
  readonly state: string;
  readonly troubles: readonly Readonly<Record<string, unknown>>[];
}

/** What the status server of a process answers; null before it listens, or when it does no more. */
async function ask(path: string, process = program): Promise<Answer | null> {
  const port = logOf(process).find(({ msg }) => msg === 'status server listening')?.['port'];
  if (port === undefined) return null;
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port: Number(port), path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', () => resolve(null));
  });
}

async function untilReady(status: number): Promise<Ready> {
  let found: Answer | null = null;
  await waitUntil(`/readyz answers ${status}`, async () => {
    found = await ask('/readyz');
    return found?.status === status;
  });
  return JSON.parse((found as Answer | null)?.text ?? '') as Ready;
}

async function measured(series: string): Promise<number | null> {
  return valueIn((await ask('/metrics'))?.text ?? '', series);
}

test('it becomes ready, and one rotation is counted once', async () => {
  expect(await untilReady(200)).toEqual({ ready: true, state: 'running', troubles: [] });
  const rotation = stage.rotate('prod/first');
  await untilDeleted(stage, rotation);
  await waitUntil('the message is counted as settled', async () => {
    return (await measured(`messages_settled_total{queue="${WORLD.queue}",verb="delete"}`)) === 1;
  });
  expect(await measured(`messages_received_total{queue="${WORLD.queue}"}`)).toBe(1);
  expect(await measured(`outcomes_total{outcome="published",repository="${REPOSITORY}"}`)).toBe(1);
  expect(await measured(`handling_seconds{repository="${REPOSITORY}"}`)).toBe(1);
  expect(await measured(`repository_up{repository="${REPOSITORY}"}`)).toBe(1);
  expect((await ask('/metrics'))?.text).not.toContain('prod/');
});

test('the Git host is down: not ready and why, and alive; then all is well again', async () => {
  stage.world.faults.git.plan(/./, { kind: 'drop' }, 1000);
  const { ready, state, troubles } = await untilReady(503);
  expect([ready, state]).toEqual([false, 'running']);
  expect(troubles).toMatchObject([{ kind: 'repository', name: REPOSITORY, hint: expect.stringMatching(/./) }]);
  expect(troubles[0]?.['reason']).toMatch(/\[git-unreachable\]$/);
  expect(Date.parse(String(troubles[0]?.['since']))).toBeGreaterThan(Date.parse('2026-01-01'));
  expect(await measured(`repository_up{repository="${REPOSITORY}"}`)).toBe(0);
  expect(await ask('/livez')).toMatchObject({ status: 200 });
  stage.world.faults.git.clear();
  expect((await untilReady(200)).troubles).toEqual([]);
});

test('while it stops it is alive and not ready; then nobody listens', async () => {
  let answers: readonly (Answer | null)[] = [];
  stage.world.faults.git.plan(/^POST git-receive-pack$/, {
    kind: 'before',
    act: async () => {
      program.signal('SIGTERM');
      await untilReady(503);
      answers = [await ask('/livez'), await ask('/readyz')];
    },
  });
  const rotation = stage.rotate('prod/second');
  const { code } = await program.exit;
  await untilDeleted(stage, rotation);
  expect(code).toBe(0);
  expect(answers.map((answer) => answer?.status)).toEqual([200, 503]);
  expect(JSON.parse(answers[1]?.text ?? '')).toEqual({ ready: false, state: 'stopping', troubles: [] });
  expect(logOf(program).at(-1)).toMatchObject({ msg: 'stopped' });
  expect(await ask('/livez')).toBeNull();
});

test('paused: ready, measured, and stopped at once', async () => {
  const paused = await stage.run({ paused: true });
  await waitUntil('it is paused', () => logOf(paused).some(({ msg }) => msg === 'paused'));
  expect(await ask('/readyz', paused)).toMatchObject({ status: 200 });
  expect(valueIn((await ask('/metrics', paused))?.text ?? '', `paused{repository="${REPOSITORY}"}`)).toBe(1);
  paused.signal('SIGTERM');
  expect((await paused.exit).code).toBe(0);
});

test('a named port that is taken: said in one line, exit code 1, nothing started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  try {
    const { code, stderr } = await (await stage.run({ status: { host: '127.0.0.1', port } })).exit;
    expect(code).toBe(1);
    expect(stderr).toContain(`error: could not listen on 127.0.0.1, port ${port}: EADDRINUSE [status-unavailable]\n`);
    expect(stderr).not.toMatch(/started|\n +at /);
  } finally {
    server.close();
  }
});

test('SIGTERM before the first poll: 0, and nothing was received', async () => {
  const polls = () => stage.world.sqs.requests.filter((name) => name === 'ReceiveMessage').length;
  // As early as anybody listens for it at all.
  const early = `if (process.argv[2] === 'run') {
    const look = () => process.listenerCount('SIGTERM') > 0 ? process.kill(process.pid, 'SIGTERM') : setImmediate(look);
    look();
  }`;
  const before = polls();
  const config = await stage.file('config.yaml', stage.world.config());
  const args = ['run', '--config', config];
  const environment = {
    ...stage.environment,
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(early)}`,
  };
  expect(await stage.command(args, environment)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(polls()).toBe(before);
  expect(await leaks(stage)).toEqual([]);
});
