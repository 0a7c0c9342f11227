import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lambdaRotationEvents, snsBody } from '../../src/demo/aws/rotation-events.ts';
import { startProgram } from '../../src/demo/program-process.ts';
import { type EmbeddedWorld, startWorld, WORLD } from '../../src/demo/world.ts';
import { STORE } from './manifests.ts';
import { type } from './typed.ts';

let world: EmbeddedWorld;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ files: new Map([['stores/aws.yaml', STORE]]) });
  folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-commands-'));
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

/** `doctor` as a process of its own: it needs the environment's credentials. */
function ask(config: string, ...args: readonly string[]) {
  return startProgram(['doctor', '--config', config, ...args], world.environment).exit;
}

/** `init` with a standard output of our choice. */
function initInto(stdout: 'pipe' | number) {
  return spawn(process.execPath, ['dist/main.js', 'init'], { stdio: ['ignore', stdout, 'pipe'], env: {} });
}

async function endOf(child: ReturnType<typeof initInto>) {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

function findings(stdout: string) {
  return JSON.parse(stdout) as { readonly subject: string; readonly ok: boolean; readonly hint: string | null }[];
}

function fileOf(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('the program itself', () => {
  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await type('--version')).toEqual({ code: 0, out: `${version}\n`, notes: '' });
    expect(await startProgram(['--version'], {}).exit).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('a reader that goes away is no failure, a full disk is one; neither shows a stack', async () => {
    const left = initInto('pipe');
    left.stdout?.destroy();
    expect(await endOf(left)).toEqual({ code: 0, stderr: '' });
    const full = openSync('/dev/full', 'w');
    expect(await endOf(initInto(full))).toEqual({ code: 1, stderr: 'error: cannot write the result: ENOSPC\n' });
    closeSync(full);
  });

  test('--help is a result: standard output, exit code 0', async () => {
    expect(await type('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: gitops-reloader'),
      notes: '',
    });
    expect(await type('plan', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--stage <number>'),
      notes: '',
    });
  });

  test('what cannot be understood is told with the usage: standard error, exit code 2', async () => {
    const wrong = [
      [],
      ['nothing'],
      ['--nothing'],
      ['run'],
      ['decode'],
      ['plan', '--stage', '3'],
      ['run', '-c', 'x', '--grace', '-1'],
      ['run', '-c', 'x', '--grace', ''],
      ['run', '-c', 'x', '--log-level', 'loud'],
      ['plan', 'extra', '--all', '--repo', '.'],
    ];
    for (const args of wrong) {
      const { code, out, notes } = await type(...args);
      expect([args.join(' '), code, out]).toEqual([args.join(' '), 2, '']);
      expect(notes).toContain('Usage: ');
    }
  });

  test('an error without a stack', async () => {
    const { stderr, code } = await startProgram(['decode', join(folder, 'none\u001b[31m')], {}).exit;
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: cannot read ${folder}/none\\u{1b}[31m: ENOENT [file-unreadable]\n  next: Check the path and its permissions.\n`,
    );
  });
});

describe('decode', () => {
  const secret = { account: WORLD.account, region: WORLD.region, name: 'prod/db', suffix: 'Ab3dEf' };
  const events = lambdaRotationEvents(secret, 'a'.repeat(32), 'b'.repeat(32));

  test('says of every event what it means', async () => {
    const files = events.map((event, at) =>
      fileOf(`event-${at}.json`, at % 2 === 0 ? snsBody(event) : JSON.stringify(event)),
    );
    const { code, out } = await type('decode', '--json', ...files);
    const decoded = JSON.parse(out) as {
      file: string;
      results: { action: string; secret: { name: string } | null }[];
    }[];
    expect(code).toBe(0);
    expect(decoded.map(({ file }) => file)).toEqual(files);
    expect(decoded.map(({ results }) => results.map(({ action }) => action))).toEqual([
      ['ignore'],
      ['ignore'],
      ['ignore'],
      ['reconcile'],
      ['reconcile'],
      ['reconcile'],
    ]);
    const text = await type('decode', ...files);
    expect(text.out.match(/^ {2}(?:reconcile|ignore): .*prod\/db/gm)?.length).toBe(6);
  });

  test('what means nothing is a result too, and no escape reaches the terminal', async () => {
    const file = fileOf(
      'hostile.json',
      JSON.stringify({ ...events[4], 'detail-type': '\u001b]0;title\u0007\u202e', region: '\u001b[2J' }),
    );
    const { code, out } = await type('decode', file, fileOf('empty', ''), fileOf('deep', '['.repeat(10_000)));
    expect(code).toBe(0);
    expect(out).not.toMatch(/[^\n\u0020-\u007e]/);
    expect(out.split('\n').length).toBeGreaterThan(8);
  });
});

describe('doctor', () => {
  test('all is well', async () => {
    const { code, stdout } = await ask(fileOf('config.yaml', world.config()));
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'ok    configuration',
      'ok    credentials of queue gitops-reloader',
      'ok    credentials of secrets of 111122223333',
      'ok    credentials of parameters of 111122223333',
      'ok    queue gitops-reloader',
      'ok    repository platform@main',
      'ok    pull requests of platform@main',
      'ok    approvals in platform@main',
      'ok    secrets in 111122223333/eu-west-1',
      'ok    list of 111122223333/eu-west-1',
      '',
    ]);
    expect(world.sqs.requests).not.toContain('ReceiveMessage');
  });

  test('every connection fails in its own line, with a next step', async () => {
    world.faults.sqs.plan(/./, { kind: 'drop' }, 100);
    world.faults.secrets.plan(/./, { kind: 'drop' }, 100);
    world.faults.github.plan(/./, { kind: 'answer', status: 500, body: { message: 'down' } }, 100);
    world.git.revoke(world.environment['GITHUB_TOKEN'] ?? '');
    const { code, stdout } = await ask(fileOf('config.yaml', world.config()), '--json');
    expect(code).toBe(1);
    expect(findings(stdout).map(({ ok }) => ok)).toEqual([...Array(4).fill(true), ...Array(5).fill(false)]);
    for (const { ok, hint } of findings(stdout)) expect(ok).toBe(hint === null);
    world.git.accept(world.environment['GITHUB_TOKEN'] ?? '', 'write');
    for (const faults of Object.values(world.faults)) faults.clear();
  });

  test('a token that is not there is found, and --offline asks nobody', async () => {
    const config = fileOf('config.yaml', world.config());
    const { GITHUB_TOKEN: _, ...without } = world.environment;
    const online = await startProgram(['doctor', '--config', config, '--json'], without).exit;
    expect(online.code).toBe(1);
    expect(findings(online.stdout).map(({ ok }) => ok)).toEqual([...Array(5).fill(true), false, false, true, true]);
    const asked = world.sqs.requests.length;
    expect(await type('doctor', '--offline', '--json', '--config', config)).toMatchObject({
      code: 0,
      out: expect.stringContaining('"subject": "configuration"'),
    });
    expect(world.sqs.requests.length).toBe(asked);
  });
});

describe('a configuration that cannot be used', () => {
  test('every problem is told at once, with its place; nothing is tried', async () => {
    const text = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}
spec:
  pausd: true
  coalesce: {window: 10 parsecs}
  aws: {accounts: [{id: 111122223333, regions: []}]}
  notificationSources: []
  repositories:
    - name: platform
      url: ssh://git@github.com/acme/platform.git
      branches: []
`;
    const config = fileOf('broken.yaml', text);
    for (const command of [['run'], ['doctor'], ['plan', '--all']]) {
      const { code, out, notes } = await type(...command, '--config', config);
      expect([code, out]).toEqual([2, '']);
      const lines = notes.split('\n');
      const places = lines.flatMap((line) => /broken\.yaml:(\d+):\d+/.exec(line)?.[1] ?? []);
      expect(new Set(places)).toEqual(new Set(['5', '6', '7', '8', '10', '11', '12']));
      expect(lines.at(-2)).toMatch(/^error: .*broken\.yaml has \d+ problem\(s\) \[config-invalid\]$/);
      expect(notes).toContain('paused');
    }
    expect(await type('run', '--config', join(folder, 'none.yaml'))).toMatchObject({
      code: 2,
      notes: expect.stringContaining('[file-unreadable]'),
    });
  });
});
