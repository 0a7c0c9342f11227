import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { Method } from '../../../src/demo/github/merging/merge-rules.ts';
import { type ProgramProcess, waitUntil } from '../../../src/demo/program-process.ts';
import { WORLD } from '../../../src/demo/world.ts';
import { leaks } from '../canaries.ts';
import { repositoryFor, wrongInTheEnd } from '../kill-loop/ending.ts';
import { ALL_STEPS, killed, lost, type Step } from '../lanes.ts';
import { type Rotation, type Stage, startStage } from '../stage.ts';
import { untilDeleted } from '../traces.ts';

const ADA = { login: 'ada-reviewer', type: 'User' } as const;
const METHODS: readonly Method[] = ['merge', 'squash', 'rebase'];

/** What is under way when the program dies, once people have merged the refresh or the restart. */
interface Moment {
  readonly merged: 'refresh' | 'restart';
  readonly step: Step;
  readonly isLost: boolean;
  readonly method: Method;
}

const AFTER_REFRESH = [
  'listing refs',
  'fetching',
  'listing pull requests',
  'pushing',
  'opening the pull request',
  'reading it back',
];
/** The branch was kept: it is left over, and deleted. */
const AFTER_RESTART = ['listing refs', 'listing pull requests', 'pushing'];

const MOMENTS: readonly Moment[] = [
  ...momentsOf('refresh', AFTER_REFRESH),
  ...momentsOf('restart', AFTER_RESTART),
].flatMap((moment, at) =>
  [false, true].map((isLost, which) => ({ ...moment, isLost, method: METHODS[(at + which) % 3] ?? 'merge' })),
);

let stage: Stage;
let program: ProgramProcess;
const rotations: Rotation[] = [];

beforeAll(async () => {
  stage = await startStage(repositoryFor(MOMENTS.length), { settle: '0s' });
  program = await start();
});
afterAll(() => stage.close());

test.each(MOMENTS.map((moment) => [nameOf(moment), moment] as const))('%s', async (_, moment) => {
  const rotation = stage.rotate(`prod/s${rotations.length}`);
  rotations.push(rotation);
  await untilDeleted(stage, rotation);
  if (moment.merged === 'restart') {
    await mergeNext('refresh', moment.method);
    await untilOpen('restart');
  }
  const { step, isLost } = moment;
  const act = () => (isLost ? killedAndLost() : killed(program));
  stage.world.faults[step.at].plan(step.operation, { kind: 'before', act });
  await mergeNext(moment.merged, moment.method);
  await program.exit;
  stage.world.faults[step.at].clear();
  program = await start();
  if (moment.merged === 'refresh') {
    await untilOpen('restart');
    await mergeNext('restart', moment.method);
  }
  const people = stage.world.github.people(WORLD.repository);
  await waitUntil('nothing is left over', async () => (await ownBranches()).length === 0, 60_000);
  expect((await people.pulls()).map(({ mergedAt }) => mergedAt !== null)).toEqual(
    Array(2 * rotations.length).fill(true),
  );
});

test('each version was refreshed once and restarted for once, on a base that anybody can read', async () => {
  expect(await wrongInTheEnd(stage, rotations)).toEqual([]);
  program.signal('SIGKILL');
  expect(await leaks(stage)).toEqual([]);
  expect(stage.world.github.violations).toEqual([]);
});

function momentsOf(merged: Moment['merged'], names: readonly string[]): readonly Pick<Moment, 'merged' | 'step'>[] {
  return names.map((name) => {
    const step = ALL_STEPS.find((one) => one.name === name);
    if (step === undefined) throw new Error(`there is no step ${name}`);
    return { merged, step };
  });
}

function nameOf({ merged, step, isLost, method }: Moment): string {
  return `the ${merged} is merged (${method}), and it dies ${step.name}${isLost ? ', which is lost' : ''}`;
}

function start(): Promise<ProgramProcess> {
  return stage.run({ sweep: { interval: '300ms' } });
}

async function killedAndLost(): Promise<never> {
  program.signal('SIGKILL');
  return lost(program);
}

async function openOf(kind: Moment['merged']) {
  const pulls = await stage.world.github.people(WORLD.repository).pulls();
  return pulls.find(({ state, branch }) => state === 'open' && branch.endsWith(`/${kind}`));
}

function untilOpen(kind: Moment['merged']): Promise<void> {
  return waitUntil(`a ${kind} is proposed`, async () => (await openOf(kind)) !== undefined, 60_000);
}

async function mergeNext(kind: Moment['merged'], method: Method): Promise<void> {
  const pull = await openOf(kind);
  if (pull === undefined) throw new Error(`no ${kind} is open`);
  await stage.world.github.people(WORLD.repository).mergeAs(pull.number, ADA, method);
}

async function ownBranches(): Promise<readonly string[]> {
  const refs = await git(stage.world.repository.dir, ['for-each-ref', 'refs/heads/gitops-reloader/']);
  return refs.split('\n').filter((line) => line !== '');
}
