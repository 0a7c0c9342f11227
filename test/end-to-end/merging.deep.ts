import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitFiles } from '../../src/demo/git/bare-repository.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import type { MergeRules } from '../../src/demo/github/merging/merge-rules.ts';
import type { People } from '../../src/demo/github/people.ts';
import type { Pull } from '../../src/demo/github/world.ts';
import { type ProgramProcess, waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { repositoryOf } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { logOf, untilDeleted } from './traces.ts';

const ADA = { login: 'ada', type: 'User' } as const;
const PERSON = { name: 'Ada', email: 'ada@acme.example' };
const SECRET = 'prod/first';
/** Checks are looked at once a minute. */
const PATIENCE = 90_000;

let stage: Stage;
let people: People;

beforeEach(async () => {
  stage = await startStage(repositoryOf([SECRET]));
  people = stage.world.github.people(WORLD.repository);
  await people.permit(ADA.login, 'write');
});
afterEach(async () => {
  await stage.close();
  expect(stage.world.github.violations).toEqual([]);
});

/** The program, with who merges; the secret is rotated, and its pull request is open. */
async function open(
  merge: Readonly<Record<string, string>>,
  rules: Partial<MergeRules>,
): Promise<{ readonly program: ProgramProcess; readonly rotation: Rotation; readonly head: string }> {
  await people.setRules(rules);
  const { spec } = JSON.parse(stage.world.config()) as { spec: { repositories: readonly object[] } };
  const branches = [{ base: WORLD.base, merge }];
  const repositories = spec.repositories.map((repository) => ({ ...repository, branches }));
  const program = await stage.run({ repositories, sweep: { interval: '200ms' } });
  const rotation = stage.rotate(SECRET);
  await untilDeleted(stage, rotation);
  return { program, rotation, head: (await pull()).head };
}

async function pull(): Promise<Readonly<Pull>> {
  const [found] = await people.pulls();
  if (found === undefined) throw new Error('there is no pull request');
  return found;
}

function said(program: ProgramProcess, message: string): readonly Readonly<Record<string, unknown>>[] {
  return logOf(program).filter((line) => line['msg'] === message);
}

function calls(operation: RegExp): number {
  return [...stage.world.github.calls].reduce((sum, [name, count]) => sum + (operation.test(name) ? count : 0), 0);
}

function onBase({ version }: Rotation): Promise<boolean> {
  const { dir } = stage.world.repository;
  return git(dir, ['grep', '-q', '-F', version, WORLD.base]).then(
    () => true,
    () => false,
  );
}

/** The check has come so far when the program first looks whether it may merge. */
function checkAtFirstLook(state: 'SUCCESS' | 'PENDING'): void {
  stage.world.faults.github.plan(/graphql/, { kind: 'before', act: () => people.setChecks(1, state) });
}

/** Before the forge carries out a merge. */
function beforeMerge(act: () => Promise<void>): void {
  stage.world.faults.github.plan(/^PUT .*\/merge$/, { kind: 'before', act });
}

test('checks that pend are waited for; once they have succeeded, the very head that was read back is merged', async () => {
  checkAtFirstLook('PENDING');
  const { program, rotation, head } = await open({ mode: 'bot', method: 'squash' }, { needsChecks: true });
  await waitUntil('it was looked at', () => calls(/graphql/) > 0);
  expect(await pull()).toMatchObject({ state: 'open', mergedAt: null });
  await people.setChecks(1, 'SUCCESS');
  await waitUntil('it is merged', async () => (await pull()).mergedAt !== null, PATIENCE);
  expect(await pull()).toMatchObject({ head });
  expect(await onBase(rotation)).toBe(true);
  await waitUntil('it is said', () => said(program, 'merged').length === 1);
  expect(said(program, 'merged')).toMatchObject([{ method: 'squash' }]);
}, 120_000);

test('a person who pushes right before the merge is not merged', async () => {
  checkAtFirstLook('SUCCESS');
  beforeMerge(async () => {
    const { branch } = await pull();
    const files = new Map([['apps/mine.yaml', 'mine: true\n']]);
    const { dir } = stage.world.repository;
    await commitFiles(dir, { branch, files, message: 'Mine\n', person: PERSON, time: 1_800_000_000 });
    await people.setChecks(1, 'SUCCESS');
  });
  const { program, rotation, head } = await open({ mode: 'bot' }, { needsChecks: true });
  await waitUntil('the merge was tried', () => calls(/^PUT .*\/merge$/) > 0);
  // Another rotation shows that the sweep has gone on: it is added to what the person pushed.
  await untilDeleted(stage, stage.rotate(SECRET));
  const now = await pull();
  expect(now).toMatchObject({ state: 'open', mergedAt: null });
  expect(now.head).not.toBe(head);
  expect(await git(stage.world.repository.dir, ['log', '--format=%an', `${WORLD.base}..${now.head}`])).toContain('Ada');
  expect([await onBase(rotation), said(program, 'merged')]).toEqual([false, []]);
  expect(calls(/^PUT .*\/merge$/)).toBe(1);
});

test('what branch protection refuses is said, and stays open', async () => {
  checkAtFirstLook('SUCCESS');
  const body = { message: 'Repository rule violations found\n\nA review by @acme/security is required.' };
  stage.world.faults.github.plan(/^PUT .*\/merge$/, { kind: 'answer', status: 405, body });
  const { program } = await open({ mode: 'bot' }, { needsChecks: true });
  await waitUntil('it is said', () => said(program, 'may not be merged').length > 0);
  expect(said(program, 'may not be merged')).toMatchObject([
    { level: 'warn', reason: expect.stringContaining('Repository rule violations found') },
  ]);
  expect(await pull()).toMatchObject({ state: 'open', mergedAt: null });
});

test('GitHub is asked to merge once its rules are met, and does', async () => {
  checkAtFirstLook('SUCCESS');
  const { program, rotation, head } = await open({ mode: 'auto', method: 'merge' }, { neededApprovals: 1 });
  const message = 'the forge merges it once its rules are met';
  await waitUntil('it is asked to', () => said(program, message).length > 0);
  expect(await people.letGitHubGoOn()).toEqual([]);
  await people.approveAs(1, ADA);
  expect(await people.letGitHubGoOn()).toEqual([1]);
  expect(await pull()).toMatchObject({ head, closedBy: WORLD.bot });
  expect([await onBase(rotation), calls(/^PUT .*\/merge$/)]).toEqual([true, 0]);
});

test('nothing is merged before its minimum age', async () => {
  checkAtFirstLook('SUCCESS');
  await open({ mode: 'bot', minimumAge: '4s' }, { needsChecks: true });
  await waitUntil('it is merged', async () => (await pull()).mergedAt !== null);
  const { createdAt, mergedAt } = await pull();
  expect((mergedAt ?? 0) - createdAt).toBeGreaterThanOrEqual(4000);
});
