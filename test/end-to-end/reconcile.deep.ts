import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import type { ReconcileReport } from '../../src/plan/reconcile/reconcile-report.ts';
import { leaks } from './canaries.ts';
import { externalSecret, repositoryOf } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';

/** Adoption and lost events, by the built program: the command, and `run` by itself. Not one message is ever sent. */
const SECRETS = ['prod/first', 'prod/second'];
const ADA = { login: 'ada', type: 'User' } as const;
const [FIRST, SECOND] = [1, 2].map((number) => `4d383ea9-084a-49c9-8722-00000000000${number}`);

let stage: Stage;
let config: string;

beforeAll(async () => {
  stage = await startStage(
    new Map([...repositoryOf(SECRETS), ['apps/gone.yaml', externalSecret('gone', 'prod/gone')]]),
  );
  for (const name of [...SECRETS, 'prod/stranger']) {
    stage.world.secrets.put({ name, suffix: 'Ab3dEf', versions: { AWSCURRENT: FIRST ?? '' } });
  }
  config = await stage.file('reconcile.yaml', stage.world.config());
});
afterAll(() => stage.close());

async function report(...args: readonly string[]) {
  const ended = await stage.command(['reconcile', '--config', config, '--json', ...args]);
  const { branches, dryRun } = JSON.parse(ended.stdout) as {
    readonly dryRun: boolean;
    readonly branches: readonly ReconcileReport[];
  };
  return { code: ended.code, dryRun, branch: branches[0] };
}

const pulls = () => stage.world.github.people(WORLD.repository).pulls();

test('a dry run tells and writes nothing; the command adopts, in one pull request', async () => {
  const look = await report('--dry-run');
  expect([look.code, look.dryRun, look.branch?.withoutBaseline, await pulls()]).toEqual([0, true, 2, []]);
  const text = await stage.command(['reconcile', '--config', config]);
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toContain('  0 behind\n  2 object(s) without a baseline: proposed\n');
  expect(text.stdout).toContain(`  1 absent in AWS\n    ${WORLD.account}/${WORLD.region}/prod/gone\n`);
  expect(text.stdout).toContain('  1 in AWS and used nowhere here\n');
  expect((await pulls()).map(({ title, state }) => [title, state])).toEqual([
    ['Record the baseline of secret versions', 'open'],
  ]);
  await stage.world.github.people(WORLD.repository).mergeAs(1, ADA, 'squash');
});

test('a rotation that nobody told is proposed, once', async () => {
  stage.world.secrets.putVersion('prod/first', SECOND ?? '');
  for (const state of ['proposed', 'carried']) {
    const { code, branch } = await report();
    expect([code, branch?.withoutBaseline, branch?.baseline.kind]).toEqual([0, 0, 'complete']);
    expect(branch?.behind.map((one) => [one.secret, one.state])).toEqual([['prod/first', state]]);
  }
  expect((await pulls()).map(({ title }) => title).slice(1)).toEqual(['Refresh prod/first']);
});

test('where AWS does not answer, that is the exit code; event mode and a wrong branch are told before', async () => {
  stage.world.faults.secrets.plan(/ListSecrets/, { kind: 'answer', status: 503 }, 20);
  const { code, branch } = await report();
  expect([code, branch?.troubles.map((one) => one.code)]).toEqual([1, ['aws-unreachable']]);
  stage.world.faults.secrets.clear();
  const spec = JSON.parse(stage.world.config()) as { spec: { aws: object } };
  const event = await stage.file('event.yaml', stage.world.config({ aws: { ...spec.spec.aws, truth: 'event' } }));
  const inEventMode = await stage.command(['reconcile', '--config', event]);
  expect([inEventMode.code, inEventMode.stdout]).toEqual([2, '']);
  const wrong = await stage.command(['reconcile', '--config', config, '--repository', 'nobody']);
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
});

test('run finds it by itself, soon after its start', async () => {
  stage.world.secrets.putVersion('prod/second', SECOND ?? '');
  const program = await stage.run({ reconcile: { interval: '60s' } });
  await waitUntil(
    'it is proposed',
    async () => (await pulls()).some(({ title }) => title === 'Refresh prod/second'),
    90_000,
  );
  program.signal('SIGTERM');
  expect((await program.exit).code).toBe(0);
  expect(program.lines.filter((line) => line.includes('"reconciled"')).length).toBeGreaterThan(0);
  expect(await leaks(stage)).toEqual([]);
}, 120_000);
