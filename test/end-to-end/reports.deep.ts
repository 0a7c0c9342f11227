import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../../src/demo/git/git-cli.ts';
import { WORLD } from '../../src/demo/world.ts';
import type { BranchStatus } from '../../src/plan/report/branch-status.ts';
import type { BranchExplanation } from '../../src/plan/report/explanation.ts';
import { leaks } from './canaries.ts';
import { externalSecret, repositoryOf } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { untilDeleted } from './traces.ts';
import { type } from './typed.ts';

const SECRET = 'prod/first';
const ADA = { login: 'ada', type: 'User' } as const;

let stage: Stage;
let config: string;
let rotation: Rotation;

beforeAll(async () => {
  const never = externalSecret('never', 'prod/never').replace('refreshInterval: 1h', 'refreshPolicy: CreatedOnce');
  stage = await startStage(new Map([...repositoryOf([SECRET, 'prod/second']), ['apps/never.yaml', never]]));
  const program = await stage.run();
  rotation = stage.rotate(SECRET);
  await untilDeleted(stage, rotation);
  program.signal('SIGTERM');
  await program.exit;
  config = await stage.file('reports.yaml', stage.world.config());
});
afterAll(() => stage.close());

/** A command that must change nothing, and must not take a message. */
async function ask(...args: readonly string[]) {
  const before = await state();
  const ended = await stage.command([...args, '--config', config]);
  expect(await state()).toEqual(before);
  return ended;
}

async function state(): Promise<unknown> {
  const { world } = stage;
  const refs = await git(world.repository.dir, ['for-each-ref']);
  const pulls = await world.github.people(WORLD.repository).pulls();
  return {
    refs,
    pulls,
    messages: world.sqs.visible(WORLD.queue),
    received: world.sqs.requests.filter(isReceive).length,
  };
}

function isReceive(request: string): boolean {
  return request === 'ReceiveMessage';
}

test('status and explain tell of the open pull request, and then of its rejection', async () => {
  const [status, open] = await Promise.all([ask('status', '--json'), ask('explain', SECRET)]);
  expect([status.code, status.stderr]).toEqual([0, '']);
  const report = JSON.parse(status.stdout) as { version: number; instance: string; branches: BranchStatus[] };
  expect(report).toMatchObject({
    version: 1,
    instance: 'demo',
    branches: [
      {
        name: 'platform@main',
        ownBranches: [
          { rotations: [`${SECRET}=${rotation.version}`], pullRequest: { number: 1 }, standing: { kind: 'open' } },
        ],
        leftAlone: [{ code: 'created-once', objects: [{ path: 'apps/never.yaml' }] }],
      },
    ],
  });
  expect(report.branches[0]?.secrets).toMatchObject([
    { name: SECRET, state: 'proposed', pullRequest: { number: 1 } },
    { name: 'prod/never', state: 'absent' },
    { name: 'prod/second', state: 'absent' },
  ]);
  const table = await ask('status', '--table');
  expect(table.stdout).toMatch(new RegExp(`^${SECRET} +none +[0-9a-f]{8} +proposed #1 +merge #1$`, 'm'));
  expect((await ask('status', '--table', '--no-aws')).stdout).toMatch(
    /not looked at: which versions are current in AWS/,
  );
  expect(open.code).toBe(0);
  expect(open.stdout).toMatch(/^ {2}next: Merge pull request #1 \(http.*\): then External Secrets Operator/m);
  await stage.world.github.people(WORLD.repository).closeAs(1, ADA);
  const closed = await ask('explain', SECRET, '--json');
  const { branches } = JSON.parse(closed.stdout) as { branches: BranchExplanation[] };
  expect(branches[0]?.explanation).toMatchObject({
    aws: {
      kind: 'described',
      versions: [{ label: 'AWSCURRENT', version: rotation.version }, { label: 'AWSPREVIOUS' }],
    },
    objects: [{ standing: { kind: 'rejected' } }],
    proposal: { rejected: [{ version: rotation.version, pullRequest: { number: 1 } }] },
    next: { kind: 'rejected' },
  });
  expect(stage.world.github.violations).toEqual([]);
});

test('what does not answer is told, with exit code 1, and the rest is shown', async () => {
  stage.world.faults.github.plan(/./, { kind: 'answer', status: 500, body: { message: 'down' } }, 100);
  const [status, explained] = await Promise.all([ask('status', '--json'), ask('explain', SECRET)]);
  for (const faults of Object.values(stage.world.faults)) faults.clear();
  expect([status.code, explained.code]).toEqual([1, 1]);
  const [branch] = (JSON.parse(status.stdout) as { branches: BranchStatus[] }).branches;
  expect(branch?.troubles.map(({ subject }) => subject)).toEqual(['pull requests of platform@main']);
  expect(branch?.ownBranches).toMatchObject([{ pullRequest: null, standing: { kind: 'unknown' } }]);
  expect(explained.stdout).toContain('could not look at pull requests of platform@main');
  expect(explained.stdout).toContain('1 object(s) use it');
});

test('what was typed wrongly is exit code 2, and nothing is asked', async () => {
  const wrong = [
    ['explain', SECRET],
    ['explain', SECRET, '--config', config, '--repo', '.'],
    ['explain', SECRET, '--repo', '.', '--base', 'main'],
    ['explain', '', '--repo', '.'],
    ['explain', 'arn:aws:iam::111122223333:role/x', '--repo', '.'],
    ['explain', SECRET, '--config', config, '--repository', 'none'],
    ['status', '--config', config, '--base', 'none'],
  ];
  for (const args of wrong) {
    const { code, out, notes } = await type(...args);
    expect([args.join(' '), code, out]).toEqual([args.join(' '), 2, '']);
    expect(notes).toMatch(/\[input-invalid\]\n {2}next: ./);
  }
});

test('a local checkout needs no credentials, and a hostile name reaches no terminal', async () => {
  const { code, out } = await type('explain', 'prod/\u001b[31m\u202e\nx', '--repo', 'fixtures/demo/repository');
  expect(code).toBe(0);
  expect(out).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  expect(out).toContain('No reference names it, but 1 that cannot be resolved could');
});

test('no credential was printed or committed', async () => {
  expect(await leaks(stage)).toEqual([]);
});
