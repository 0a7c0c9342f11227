import { expect, test } from 'vitest';
import { gatherPushes } from '../../../src/adapters/git/gather-pushes.ts';
import { NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import type { BranchSettings } from '../../../src/service/served-branch.ts';
import { version } from '../manifests.ts';
import { MAIN, type Process, told, type World } from '../memory-world.ts';
import { createTeamWorld } from '../team-world.ts';

const LAYOUT = { one: ['a'], two: ['b'], three: ['c'], four: ['d'] };

interface Team {
  readonly world: World;
  readonly process: Process;
  /** How many branches each push brought. */
  readonly pushes: readonly number[];
  /** The secrets whose pull requests are open, in the order in which they were opened. */
  readonly open: () => Promise<readonly string[]>;
  readonly branches: () => Promise<readonly string[]>;
}

/** Four secrets of four groups have moved, and are told in one batch. */
function createTeam(settings: Partial<BranchSettings> = {}): Team {
  const world = createTeamWorld(LAYOUT);
  const pushes: number[] = [];
  const { workspace } = world;
  const publish = gatherPushes((updates, signal) => {
    pushes.push(updates.length);
    return workspace.publishAll(updates, signal);
  });
  const process = world.start({ settings, ports: (ports) => ({ ...ports, workspace: { ...workspace, publish } }) });
  for (const name of ['a', 'b', 'c', 'd']) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  const refs = () => workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal);
  return {
    world,
    process,
    pushes,
    open: async () => (await world.open()).map(({ branch }) => secretOf(branch)),
    branches: async () => (await refs()).map(({ name }) => name),
  };
}

const secretOf = (branch: string) => /acme\/([a-d])-/.exec(branch)?.[1] ?? branch;
const outcomes = ({ process }: Team) => told(process, 'outcome').toSorted();

test('the groups of one round are one push, and their pull requests are opened in order', async () => {
  const team = createTeam();
  await team.process.batch();
  expect(team.pushes).toEqual([4]);
  expect(await team.open()).toEqual(['a', 'b', 'c', 'd']);
  expect(outcomes(team)).toEqual(['published', 'published', 'published', 'published']);
});

test('a limit lets the first ones be opened, and all branches are there', async () => {
  const team = createTeam({ limits: { ...NO_LIMITS, open: 2 } });
  await team.process.batch();
  expect(team.pushes).toEqual([4]);
  expect(await team.open()).toEqual(['a', 'b']);
  expect(await team.branches()).toHaveLength(4);
  expect(outcomes(team)).toEqual(['published', 'published', 'waiting', 'waiting']);
});

test('one that is refused leaves the others proposed', async () => {
  const names = createTeam();
  await names.process.batch();
  const second = (await names.branches()).find((name) => name.includes('/b-')) ?? '';
  const team = createTeam();
  team.world.workspace.refuse(second, 'a hook declined');
  await team.process.batch();
  expect(team.pushes[0]).toBe(4);
  expect(await team.open()).toEqual(['a', 'c', 'd']);
  expect(outcomes(team)).toEqual(['needs-operator', 'published', 'published', 'published']);
});

test('a lost answer settles nothing: the next round finds the branches', async () => {
  const team = createTeam();
  team.world.workspace.loseAnswer();
  await team.process.batch();
  expect(team.pushes).toEqual([4]);
  expect(await team.open()).toEqual(['a', 'b', 'c', 'd']);
  expect(outcomes(team)).toHaveLength(4);
  expect(team.world.inbox.bodies()).toEqual([]);
});

test('a base that moves with the push: nothing is shown that was made on the old one', async () => {
  const team = createTeam();
  team.world.workspace.race(
    () => void team.world.workspace.commitTo(MAIN, new Map([['README.md', '# Theirs\n']]), 'Ours'),
  );
  await team.process.batch();
  expect(team.pushes[0]).toBe(4);
  expect(await team.open()).toEqual(['a', 'b', 'c', 'd']);
  expect(team.world.inbox.bodies()).toEqual([]);
});
